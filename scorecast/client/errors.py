"""What can go wrong with a request, as exceptions; their texts are the service's own."""

from collections.abc import Mapping, Sequence
from typing import Any


class ScorecastError(Exception):
    """The base of all errors of the client."""


class Unreachable(ScorecastError):
    """The service could not be reached, or did not answer in time, however often it was tried."""


class Refused(ScorecastError):
    """The service has refused a request: a problem document (RFC 9457)."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.errors: Sequence[Mapping[str, Any]] = problem.get("errors") or []
        """What is wrong with a body, each with a `detail` and a JSON pointer."""
        super().__init__(problem.get("detail") or f"the service answered with status {status}")


class TrainingStopped(ScorecastError):
    """A training has failed, or was cancelled: `status` says which."""

    def __init__(self, status: str, detail: str) -> None:
        self.status = status
        super().__init__(detail)
