"""A request's body checked against a schema: an instance of it, or an error that says what is wrong and where."""

import re
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from app.errors import MAX_REPEATED_CHARACTERS, BodyError, InvalidBody, shorten
from app.tables.row_schemas import Row

MAX_ERRORS = 20
"""The most errors that are reported for one body, so that a table of a million bad cells gets a short answer."""

MAX_POINTER_CHARACTERS = 2000
"""Of a JSON pointer in an error: enough for a place under 900 others."""


Request = TypeVar("Request", bound=BaseModel)


Path = tuple[str | int, ...]
"""Keys and indexes, from the body down to a value."""


def check(schema: type[Request], value: Any, at: Path = ()) -> Request:
    """Return a value, which stands `at` a place in the body, as an instance of its schema. Raises `InvalidBody`."""
    try:
        return schema.model_validate(value)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)[:MAX_ERRORS]
        is_row = issubclass(schema, Row)
        errors: list[BodyError] = []
        for each in found:
            path = at + _find_path(value, each["loc"])
            is_column = is_row or (len(path) > 2 and path[0] == "rows")
            detail = _describe_error(each["type"], each["msg"], str(path[-1]) if is_column and path else None)
            errors.append(BodyError(describe_place(path) + detail, make_pointer(path)))
        raise InvalidBody(errors) from None


def as_integers(value: Any, depth: int = 4) -> Any:
    """Return a JSON value in which 1785.0 is 1785: an integer is a number without a fraction, as JSON Schema has it.

    No option stands deeper in a body than this goes.
    """
    if isinstance(value, dict) and depth:
        return {name: as_integers(member, depth - 1) for name, member in value.items()}
    if isinstance(value, list) and depth:
        return [as_integers(item, depth - 1) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


_PYDANTIC = re.compile(r"^(Input|List) (?=should)| after validation")
"""Words of pydantic's that tell a user nothing."""

_MESSAGES = {"missing": "is missing", "extra_forbidden": "is not a known member", "model_type": "should be an object"}


def _describe_error(kind: str, message: str, column: str | None) -> str:
    """Return what is wrong with a value, which may be a cell of a column, from pydantic's error in our words."""
    if kind == "union_tag_invalid":
        return f"the name should be one of {message.partition('expected tags: ')[2]}"
    if kind == "extra_forbidden" and column is not None:
        hint = "" if "," in column or not column else f"; ?ignore={shorten(column)} leaves it out"
        return f"is not a column of this model{hint}"
    plain = _PYDANTIC.sub("", message)
    return _MESSAGES.get(kind) or shorten(plain)  # it may list 1,000 categories


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
        column = f", column {shorten(str(path[2]))!r}" if len(path) > 2 else ""
        return f"row {path[1] + 1}{column}: "
    return f"{shorten('.'.join(shorten(str(step)) for step in path))!r}: " if path else "the body: "


def make_pointer(path: Path) -> str:
    """Return the JSON pointer to a place; to what the place is in, if a name on the way to it, or the whole, is too long."""
    pointer = ""
    for step in map(str, path):
        longer = f"{pointer}/{shorten(step).replace('~', '~0').replace('/', '~1')}"
        if len(step) > MAX_REPEATED_CHARACTERS or len(longer) > MAX_POINTER_CHARACTERS:
            break
        pointer = longer
    return pointer
