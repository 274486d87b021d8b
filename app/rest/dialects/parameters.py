"""Parameters of requests, as other servers' protocols have them: those that are not known are left alone."""

from collections.abc import Mapping
from typing import Any

from app.errors import BodyError, InvalidBody

Parameters = Mapping[str, Any]


def read_coverage(parameters: Parameters, member: str = "parameters") -> float | None:
    """Return the coverage that intervals are asked to have, in this member of the body; None: nothing is said. Raises `InvalidBody`."""
    coverage = parameters.get("coverage")
    if coverage is None:
        return None
    if not isinstance(coverage, int | float) or isinstance(coverage, bool) or not 0 < coverage < 1:
        raise refuse_parameter("coverage", "a number between 0 and 1", member)
    return float(coverage)


def read_flag(parameters: Parameters, name: str, *, default: bool) -> bool:
    """Return a parameter that is true or false. Raises `InvalidBody`."""
    flag = parameters.get(name, default)
    if not isinstance(flag, bool):
        raise refuse_parameter(name, "true or false")
    return flag


def refuse_parameter(name: str, wanted: str, member: str = "parameters") -> InvalidBody:
    """Return the error about a parameter."""
    return InvalidBody([BodyError(f"parameter {name!r} should be {wanted}", f"/{member}/{name}")])
