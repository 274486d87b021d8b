"""Text of a query parameter: one value, or names separated by commas."""

import json
from typing import Any


def parse_query_value(text: str) -> Any:
    """Return the JSON value of a query parameter's text; a text that is not JSON is itself, so words need no quotes."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def split_names(text: str) -> list[str]:
    """Return the names in a list separated by commas."""
    return [name.strip() for name in text.split(",") if name.strip()]
