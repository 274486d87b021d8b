"""A training's options as query parameters, beside those that stand in a JSON body."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from app.errors import BodyError, InvalidBody
from app.tables import as_integers, check, make_pointer, name_parameter, parse_query_value
from app.train.options import NetworkRequest, Options
from model.trainers import TRAINERS

QUERY_OPTIONS = frozenset(
    {
        *(Options.model_fields.keys() - {"network"}),
        *NetworkRequest.model_fields,
        *(option.name for trainer in TRAINERS.values() for option in fields(trainer)),  # type: ignore[arg-type]
    }
)
"""Names of the query parameters that choose options."""


def read_options(query: Mapping[str, str], members: Mapping[str, Any]) -> Options:
    """Return the options that query parameters and a JSON body's members name.

    Query parameters name the members of `network` and `trainer` without nesting. Raises `InvalidBody`, also for an option
    that is given in both.
    """
    nested = _nest(query)
    merged = as_integers(dict(members))
    for name, value in nested.items():
        merged[name] = _join(name, members[name], value) if name in members else value
    try:
        return check(Options, merged)
    except InvalidBody as error:
        raise InvalidBody([_name_source(each, query) for each in error.errors]) from None


def _join(name: str, given: Any, value: Any) -> Any:
    """Return a body's member with what the query adds to it. Raises `InvalidBody` for an option that both have."""
    if not isinstance(given, dict) and isinstance(value, dict):
        return given  # which is wrong, and refused as such
    if twice := sorted(value.keys() & given) if isinstance(value, dict) else [name]:
        detail = f"{twice[0]!r} is given in the body and in the query: give it once"
        raise InvalidBody([BodyError(detail, make_pointer((name,)))])
    return {**given, **value}


def _name_source(error: BodyError, query: Mapping[str, str]) -> BodyError:
    """Return an error that names the query parameter, if the wrong option came as one."""
    steps = error.pointer.split("/")[1:]
    name = steps[1] if len(steps) > 1 and steps[0] in {"network", "trainer"} else steps[0]
    return name_parameter(error, name) if name in query else error


def _nest(query: Mapping[str, str]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for name, text in query.items():
        if name == "trainer":
            nested.setdefault("trainer", {})["name"] = text
        elif name in Options.model_fields:
            nested[name] = parse_query_value(text)
        else:
            part = "network" if name in NetworkRequest.model_fields else "trainer"
            nested.setdefault(part, {})[name] = parse_query_value(f"[{text}]" if name == "hidden_layers" else text)
    return nested
