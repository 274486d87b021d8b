"""Query parameters: their names, checked, and their text: one value, or names separated by commas."""

import csv
import json
from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from app.errors import BodyError, InvalidBody
from app.tables.names import clean_name
from app.tables.validation import Request, check

MAX_SHOWN_CHARACTERS = 100
"""Of an unknown name that an error repeats."""

MAX_UNKNOWN_NAMES = 5
"""Of a query, that an error lists."""


def read_query(parameters: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return query parameters by name. Raises `InvalidBody` for one that is given twice: neither is meant to be lost."""
    query: dict[str, str] = {}
    for name, text in parameters:
        if name in query:
            values = ",".join([query[name], text])[:MAX_SHOWN_CHARACTERS]
            detail = f"query parameter {_shorten(name)!r} is given twice: give it once, names separated by commas"
            raise InvalidBody([BodyError(f"{detail}, such as ?{_shorten(name)}={values}", "")])
        query[name] = text
    return query


def check_query_names(query: Iterable[str], known: Collection[str]) -> None:
    """Raise `InvalidBody` for query parameters that are not known here; it says which are, and which may be meant."""
    unknown = [name for name in query if name not in known]
    if not unknown:
        return
    hints = (get_close_matches(name, known, n=1) for name in unknown)
    meant = [f"; did you mean {hint[0]!r}?" if hint else "" for hint in hints]
    names = ", ".join(sorted(known))
    raise InvalidBody(
        [
            BodyError(f"query parameter {_shorten(name)!r} is not known{hint or f'; known are {names}'}", "")
            for name, hint in zip(unknown, meant, strict=True)
        ][:MAX_UNKNOWN_NAMES]
    )


def check_query(schema: type[Request], query: Mapping[str, Any]) -> Request:
    """Return query parameters as an instance of their schema. Raises `InvalidBody`, which names the parameter."""
    try:
        return check(schema, query)
    except InvalidBody as error:
        raise InvalidBody([name_parameter(each, each.pointer.split("/")[1]) for each in error.errors]) from None


def name_parameter(error: BodyError, name: str) -> BodyError:
    """Return an error about a value that came as a query parameter: no place in the body is wrong."""
    return BodyError(f"query parameter {name!r}: {error.detail.partition(': ')[2]}", "")


def _shorten(name: str) -> str:
    return name if len(name) <= MAX_SHOWN_CHARACTERS else f"{name[:MAX_SHOWN_CHARACTERS]}..."


def parse_query_value(text: str) -> Any:
    """Return the JSON value of a query parameter's text; a text that is not JSON is itself, so words need no quotes."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def split_names(text: str) -> list[str]:
    """Return the names in a list separated by commas; one with a comma or a line break stands in double quotes, as in CSV.

    Raises `InvalidBody` for a line break elsewhere.
    """
    try:
        names = next(csv.reader([text], skipinitialspace=True), [])
    except csv.Error:
        detail = f"the names {_shorten(text)!r} hold a line break: a name with one stands in double quotes"
        raise InvalidBody([BodyError(detail, "")]) from None
    return [name for name in map(clean_name, names) if name]
