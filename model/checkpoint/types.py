"""Types: whether a value that came out of a file is what the annotations of its class say, down to its last member."""

from dataclasses import fields, is_dataclass
from functools import cache
from math import isfinite
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

MAX_WHOLE_NUMBER = 2**53
"""Beyond it, a whole number as JSON has it is not the same everywhere."""


def check_type(value: Any, annotation: Any, name: str) -> None:
    """Raise ValueError if a value, called by this name, is not what an annotation says; `Any` may be anything."""
    if is_dataclass(annotation) and type(value) is annotation:
        for member, kind in _member_types(annotation).items():
            check_type(getattr(value, member), kind, f"{name}.{member}")
    elif annotation in _PLAIN:
        if not _PLAIN[annotation](value):
            raise ValueError(f"{name} is not of the type {annotation.__name__}")
    elif annotation is not Any:
        _check_generic(value, annotation, name)


def _member_types(kind: Any) -> dict[str, Any]:
    return {field.name: _find_hints(kind)[field.name] for field in fields(kind)}


_find_hints = cache(get_type_hints)


def _check_generic(value: Any, annotation: Any, name: str) -> None:
    kind, inner = get_origin(annotation), get_args(annotation)
    if kind in {Union, UnionType}:
        _check_any_of(value, inner, name)
    elif kind is dict and isinstance(value, dict):
        for key, member in value.items():
            check_type(key, inner[0], f"a key of {name}")
            check_type(member, inner[1], f"{name}.{key}")
    elif kind is tuple and isinstance(value, tuple):
        kinds = inner[:1] * len(value) if inner[1:] == (...,) else inner
        for number, (each, wanted) in enumerate(zip(value, kinds, strict=True)):
            check_type(each, wanted, f"{name}.{number}")
    else:
        raise ValueError(f"{name} is not what it should be")


def _check_any_of(value: Any, annotations: tuple[Any, ...], name: str) -> None:
    if value is None and NoneType in annotations:
        return
    for annotation in annotations:
        if annotation is not NoneType:  # no member here may be of several kinds
            check_type(value, annotation, name)


_PLAIN: dict[Any, Any] = {
    bool: lambda value: type(value) is bool,
    float: lambda value: type(value) in {int, float} and isfinite(value),
    int: lambda value: type(value) is int and abs(value) <= MAX_WHOLE_NUMBER,
    str: lambda value: type(value) is str,
}
