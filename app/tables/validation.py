"""A request's body checked against a schema: an instance of it, or an error that says what is wrong and where."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from app.errors import BodyError, InvalidBody
from app.tables.row_schemas import Row


@dataclass(frozen=True)
class Body:
    """A request's body as it came."""

    data: bytes
    is_csv: bool


MAX_ERRORS = 20
"""The most errors that are reported for one body, so that a table of a million bad cells gets a short answer."""

CELLS_PER_PIECE = 10_000
"""How many cells are checked at a time; between two pieces other threads may run."""


Request = TypeVar("Request", bound=BaseModel)


Path = tuple[str | int, ...]
"""Keys and indexes, from the body down to a value."""


def check(schema: type[Request], value: Any, at: Path = (), first_row: int = 0) -> Request:
    """Return a value as an instance of its schema. Raises `InvalidBody`.

    Errors say that it stands `at` a place in the body, and that its `rows` begin with the body's row `first_row`.
    """
    try:
        return schema.model_validate(value)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)[:MAX_ERRORS]
        is_row = issubclass(schema, Row)
        errors: list[BodyError] = []
        for each in found:
            path = at + _shift_row(_find_path(value, each["loc"]), first_row)
            is_column = is_row or (len(path) > 2 and path[0] == "rows")
            detail = _describe_error(each["type"], each["msg"], is_column=is_column)
            errors.append(BodyError(describe_place(path) + detail, make_pointer(path)))
        raise InvalidBody(errors) from None


def check_piecewise(schema: type[Request], value: Any) -> Iterator[Request]:
    """Yield a body with `rows` as instances of its schema, each with some of the rows. Raises `InvalidBody`."""
    rows = value.get("rows") if isinstance(value, dict) else None
    if not isinstance(rows, list) or not rows:
        yield check(schema, value)
        return
    start, cells = 0, 0
    for end, row in enumerate(rows, 1):
        cells += len(row) if isinstance(row, dict) else 1
        if cells >= CELLS_PER_PIECE or end == len(rows):
            yield check(schema, {**value, "rows": rows[start:end]}, first_row=start)
            start, cells = end, 0


_MESSAGES = {"missing": "is missing", "extra_forbidden": "is not a known member", "model_type": "should be an object"}


def _describe_error(kind: str, message: str, *, is_column: bool) -> str:
    """Return what is wrong with a value, from pydantic's error, in our words."""
    if kind == "union_tag_invalid":
        return f"the name should be one of {message.partition('expected tags: ')[2]}"
    if kind == "extra_forbidden" and is_column:
        return "is not a column of this model"
    return _MESSAGES.get(kind, message.replace("Input should", "should"))


def _shift_row(path: Path, rows: int) -> Path:
    if len(path) > 1 and path[0] == "rows" and isinstance(path[1], int):
        return ("rows", path[1] + rows, *path[2:])
    return path


def _find_path(value: Any, loc: tuple[str | int, ...]) -> Path:
    """Return pydantic's location without the steps that are not in the body, such as which trainer it chose."""
    path: list[str | int] = []
    for index, step in enumerate(loc):
        inside = (isinstance(value, dict) and step in value) or (isinstance(value, list) and isinstance(step, int))
        if inside:
            value = value[step]
        if inside or (index == len(loc) - 1 and isinstance(value, dict)):
            path.append(step)
    return tuple(path)


def describe_place(path: Path) -> str:
    """Return a place in words, for the start of an error; rows are counted from 1, as in a spreadsheet."""
    if len(path) > 1 and path[0] == "rows" and isinstance(path[1], int):
        column = f", column {path[2]!r}" if len(path) > 2 else ""
        return f"row {path[1] + 1}{column}: "
    return f"{'.'.join(map(str, path))!r}: " if path else "the body: "


def make_pointer(path: Path) -> str:
    """Return the JSON pointer to a place."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)
