"""A request's body, checked: what it should be, or an error that says what is wrong and where."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError


@dataclass(frozen=True)
class Body:
    """A request's body as it came."""

    data: bytes
    is_csv: bool


@dataclass(frozen=True)
class BodyError:
    """One thing that is wrong with a body, and a JSON pointer (RFC 6901) to it."""

    detail: str
    pointer: str


class MalformedBody(Exception):
    """The body is not JSON; the text says why."""


class InvalidBody(Exception):
    """The body is JSON, but not what was asked for."""

    def __init__(self, errors: Sequence[BodyError]) -> None:
        more = f" (and {len(errors) - 1} more, see errors)" if len(errors) > 1 else ""
        super().__init__(errors[0].detail + more)
        self.errors = tuple(errors)


MOST_ERRORS = 20
"""So many errors of one body are told; a table of a million bad cells needs no million sentences."""

CELLS_AT_A_TIME = 10_000
"""So many are checked, and at the most found to be wrong, before other threads get their turn."""


Request = TypeVar("Request", bound=BaseModel)


Path = tuple[str | int, ...]
"""Keys and indexes, from the body down to a value."""


def check(schema: type[Request], value: Any, at: Path = (), first_row: int = 0) -> Request:
    """Return a value, which stands `at` a place in the body, as what it should be. Raises `InvalidBody`.

    Its `rows` are those from `first_row` on.
    """
    try:
        return schema.model_validate(value)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)[:MOST_ERRORS]
        paths = [at + _moved(_path(value, each["loc"]), first_row) for each in found]
        raise InvalidBody(
            [_body_error(path, each["type"], each["msg"]) for path, each in zip(paths, found, strict=True)]
        ) from None


def check_piecewise(schema: type[Request], value: Any) -> Iterator[Request]:
    """Yield a body with `rows` as what it should be, some of its rows at a time. Raises `InvalidBody`."""
    rows = value.get("rows") if isinstance(value, dict) else None
    if not isinstance(rows, list) or not rows:
        yield check(schema, value)
        return
    start, cells = 0, 0
    for end, row in enumerate(rows, 1):
        cells += len(row) if isinstance(row, dict) else 1
        if cells >= CELLS_AT_A_TIME or end == len(rows):
            yield check(schema, {**value, "rows": rows[start:end]}, first_row=start)
            start, cells = end, 0


_WORDS = {"missing": "is missing", "extra_forbidden": "is not known here", "model_type": "should be an object"}


def _body_error(path: Path, kind: str, message: str) -> BodyError:
    if kind == "union_tag_invalid":
        return BodyError(
            f"{place_of(path)}the name should be one of {message.partition('expected tags: ')[2]}", pointer_to(path)
        )
    return BodyError(place_of(path) + _WORDS.get(kind, message.replace("Input should", "should")), pointer_to(path))


def _moved(path: Path, rows: int) -> Path:
    if len(path) > 1 and path[0] == "rows" and isinstance(path[1], int):
        return ("rows", path[1] + rows, *path[2:])
    return path


def _path(value: Any, loc: tuple[str | int, ...]) -> Path:
    """Return pydantic's location without the steps that are not in the body, such as which trainer it took for meant."""
    path: list[str | int] = []
    for index, step in enumerate(loc):
        inside = (isinstance(value, dict) and step in value) or (isinstance(value, list) and isinstance(step, int))
        if inside:
            value = value[step]
        if inside or (index == len(loc) - 1 and isinstance(value, dict)):
            path.append(step)
    return tuple(path)


def place_of(path: Path) -> str:
    """Say where in words: rows are counted from 1, as in a spreadsheet."""
    if len(path) > 1 and path[0] == "rows" and isinstance(path[1], int):
        column = f", column {path[2]!r}" if len(path) > 2 else ""
        return f"row {path[1] + 1}{column}: "
    return f"{'.'.join(map(str, path))!r}: " if path else "the body: "


def pointer_to(path: Path) -> str:
    """Return the JSON pointer to a place."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)
