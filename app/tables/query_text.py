"""Text of a query parameter: one value, or names separated by commas."""

import json
from typing import Any


def word(text: str) -> Any:
    """Return what JSON would read in a query parameter's text; words need no quotes."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def names_in(text: str) -> list[str]:
    """Return the names in a list parted by commas."""
    return [name.strip() for name in text.split(",") if name.strip()]
