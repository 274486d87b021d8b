"""The OpenAPI document as tests walk through it: its operations, their examples, and whether an answer is a documented one."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator

from tests.support.server import Answer

METHODS = ("get", "put", "post", "delete", "patch")
Document = Mapping[str, Any]


@dataclass(frozen=True)
class Operation:
    """One operation of the document."""

    method: str
    path: str
    told: Mapping[str, Any]

    @property
    def name(self) -> str:
        """How it is called in messages."""
        return f"{self.method} {self.path}"

    @property
    def parameters(self) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = self.told.get("parameters", [])
        return found

    @property
    def contents(self) -> Mapping[str, Mapping[str, Any]]:
        """The forms of its body, by media type."""
        found: Mapping[str, Mapping[str, Any]] = self.told.get("requestBody", {}).get("content", {})
        return found

    @property
    def takes_files_alone(self) -> bool:
        """Whether its body is a file, or a form of files: what JSON can hold no example of."""
        schemas = [content.get("schema", {}) for content in self.contents.values()]
        parts = [each for schema in schemas for each in schema.get("properties", {"": schema}).values()]
        return bool(parts) and all(each.get("format") == "binary" for each in parts)

    def bodies(self) -> Iterator[tuple[str, bytes]]:
        """Yield the examples of its body, with their media types."""
        for media_type, content in self.contents.items():
            for value in examples(content):
                yield media_type, (value if isinstance(value, str) else json.dumps(value)).encode()


def operations(document: Document) -> list[Operation]:
    """Return all operations."""
    return [
        Operation(method, path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]


def examples(told: Mapping[str, Any]) -> list[Any]:
    """Return the examples of a parameter or of a body, wherever OpenAPI lets them stand."""
    if "example" in told:
        return [told["example"]]
    if "examples" in told:
        return [each["value"] for each in told["examples"].values()]
    schema = told.get("schema", {})
    return list(schema.get("examples", [schema["example"]] if "example" in schema else []))


def check_documented(document: Document, operation: Operation, answer: Answer) -> None:
    """Check that an answer is one that the document promises: its status, its media type, and its schema."""
    responses = operation.told["responses"]
    where = f"{operation.name}: {answer.request.url} {answer.status_code} {answer.text[:500]}"
    assert str(answer.status_code) in responses, where
    contents = responses[str(answer.status_code)].get("content", {})
    if not contents:
        assert not answer.content, where
        return
    media_type = answer.headers["content-type"].partition(";")[0]
    assert media_type in contents, where
    if media_type.endswith("json"):
        Draft202012Validator({**contents[media_type].get("schema", {}), "components": document["components"]}).validate(
            answer.json()
        )
