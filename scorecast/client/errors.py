"""What can go wrong with a request, as exceptions; their texts are the service's own."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

_ROW = re.compile(r"^row ([0-9]+(?:,[0-9]{3})*)")
_POINTER = re.compile(r"^/rows/([0-9]+)")


class ScorecastError(Exception):
    """The base of all errors of the client."""


class Unreachable(ScorecastError):
    """The service could not be reached, or did not answer in time, however often it was tried."""


class NoService(ScorecastError):
    """Something answers at the address, but not a Scorecast service."""


class Refused(ScorecastError):
    """The service has refused a request: a problem document (RFC 9457), whose members are attributes."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.problem = problem
        """The document itself; empty if the answer was none."""
        self.type: str = problem.get("type", "about:blank")
        self.title: str = problem.get("title", "")
        self.detail: str = problem.get("detail") or f"the service answered with status {status}"
        self.instance: str = problem.get("instance", "")
        self.errors: Sequence[Mapping[str, Any]] = problem.get("errors") or []
        """What is wrong with a body, each with a `detail` and a JSON pointer."""
        super().__init__(self.detail)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.status, self.problem)

    def counted_from(self, row: int) -> "Refused":
        """Return the error about rows that were sent apart, of which the first has this number: with the numbers of all."""
        errors = [
            {"detail": _shift(_ROW, each["detail"], row), "pointer": _shift(_POINTER, each["pointer"], row)}
            for each in self.errors
        ]
        return Refused(self.status, {**self.problem, "detail": _shift(_ROW, self.detail, row), "errors": errors})


class TrainingStopped(ScorecastError):
    """A training has failed, or was cancelled: `status` says which."""

    def __init__(self, status: str, detail: str) -> None:
        self.status = status
        super().__init__(detail)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.status, str(self))


def _shift(number: re.Pattern[str], text: str, by: int) -> str:
    """Return a text with the number of a row at its beginning increased."""
    found = number.match(text)
    if found is None:
        return text
    shifted = int(found[1].replace(",", "")) + by
    return f"{text[: found.start(1)]}{shifted}{text[found.end(1) :]}"
