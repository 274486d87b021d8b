"""The document put together: each operation with its summary, its problems, its body and its links."""

import re
from typing import Any

from app.rest.openapi.bodies import describe_body, find_schemas
from app.rest.openapi.links import add_links
from app.rest.openapi.problems import describe_problems
from app.rest.openapi.tables import describe_parameters
from model.table import Signature

SCHEMES: dict[str, Any] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A key, if the service asks for one."},
    "header": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "The same, in a header of its own.",
    },
}
"""How a key comes with a request."""

_FRAMEWORK_SCHEMAS = ("HTTPValidationError", "ValidationError")
_SUMMARY = re.compile(r"[^.:;]+")


def complete_openapi(document: dict[str, Any], documented: Signature) -> dict[str, Any]:
    """Return the document with each route's body instead of its `x-body` mark."""
    references, definitions = find_schemas(documented)
    known = {**document["components"]["schemas"], **definitions}
    document["components"]["schemas"] = {
        name: schema for name, schema in known.items() if name not in _FRAMEWORK_SCHEMAS
    }
    document["components"]["securitySchemes"] = SCHEMES
    document["security"] = [{}, *({name: []} for name in SCHEMES)]  # none is needed unless the operator has set keys
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            operation["summary"] = summarise(operation["description"])
            describe_problems(operation, method, path)
            add_links(operation)
            if mark := operation.pop("x-body", None):
                operation["parameters"] = [*operation.get("parameters", []), *describe_parameters(mark)]
                operation["requestBody"] = describe_body(mark, references[mark])
    return document


def summarise(description: str) -> str:
    """Return what an operation does in a few words: how its description begins."""
    found = _SUMMARY.match(description)
    return (found[0] if found else description).strip()
