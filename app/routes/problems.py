"""Problem documents as the API's documentation shows them."""

from http import HTTPStatus
from typing import Any

from app.answers import Problem


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what a route may answer but success, for its `responses`."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {"application/problem+json": {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}},
        }
        for status in statuses
    }
