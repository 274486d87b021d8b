"""Why a feature of a row counts as extrapolated, in words."""

from collections.abc import Mapping
from typing import Any

from app.errors import shorten


def explain(row: int, feature: str, value: Any, found: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return a feature that lies outside of what the training had, with the least and the greatest value there, if known."""
    least, greatest = (found["minimum"], found["maximum"]) if found else (None, None)
    return {
        "row": row,
        "feature": feature,
        "value": value,
        "minimum": least,
        "maximum": greatest,
        "explanation": f"{feature} {_say(value, least, greatest)}",
    }


def _say(value: Any, least: Any, greatest: Any) -> str:
    if value is None:
        return "is missing, and was not missing in the training rows"
    told = f"is {shorten(str(value))}"
    if least is None:
        return f"{told}, which " + (
            "no training row had" if isinstance(value, str) else "the training rows do not reach"
        )
    where = f"the training rows had {least} to {greatest}"
    if isinstance(value, str) or isinstance(least, str):
        return f"{told}; {where}"
    return f"{told}, {'below' if value < least else 'above'} all training rows: {where}"
