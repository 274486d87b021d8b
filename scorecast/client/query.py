"""Paths and query parameters, as the API has them."""

import csv
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote


def path_of(name: str, *rest: object) -> str:
    """Return the path of a model, or of something of it."""
    return "/".join(["/models", quote(name, safe=""), *map(str, rest)])


def job_path(job_id: str, *rest: str) -> str:
    """Return the path of a job, or of something of it."""
    return "/".join(["/jobs", quote(job_id, safe=""), *rest])


def to_query(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options as query parameters."""
    return {name: _to_text(value) for name, value in options.items()}


def add_categories(options: Mapping[str, Any], found: Sequence[str]) -> dict[str, Any]:
    """Return a training's options with the columns that are of categories by their type, as far as they are read."""
    ignored, chosen = (_split(options.get(name)) for name in ("ignore", "features"))
    read = {*chosen, *_split(options.get("targets"))} if chosen else {*found}
    categories = [*_split(options.get("categories")), *(name for name in found if name in read and name not in ignored)]
    return {**options, "categories": list(dict.fromkeys(categories)) or None}


def _split(names: Any) -> list[str]:
    """Return the names that an option lists: a list, or a text with commas."""
    if isinstance(names, str):
        return [name.strip() for name in next(csv.reader([names], skipinitialspace=True), [])]
    return list(names or ())


def _to_text(value: Any) -> Any:
    """Return an option as a query parameter has it."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(_quote, map(str, value))) if isinstance(value, list | tuple) else value


def _quote(name: str) -> str:
    """Return a name as a list of names has it: in quotes if it holds a comma (RFC 4180)."""
    return f'"{name.replace(chr(34), chr(34) * 2)}"' if set(name) & set(',"\n') else name
