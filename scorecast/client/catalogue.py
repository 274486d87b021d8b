"""What a service has: its models and their versions, to be listed, read, moved and removed."""

from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from scorecast.client.query import path_of, to_query
from scorecast.client.results import Document, Model, Upload, Version
from scorecast.client.transport import Transport


class Catalogue:
    """The models and versions of a service."""

    def __init__(
        self, url: str | None = None, key: str | None = None, *, timeout: float = 60.0, retries: int = 4
    ) -> None:
        """Choose a service by its `url`, or SCORECAST_URL, or this machine's; with a `key`, or SCORECAST_KEY."""
        self._transport = Transport(url, key, timeout, retries)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def url(self) -> str:
        """Where the service is."""
        return self._transport.url

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()

    def models(self) -> list[Model]:
        """Return all models, by name."""
        return [Model.read(each) for each in self._pages("/models", "models")]

    def model(self, name: str) -> Model:
        """Return a model. Raises `Refused` if there is none of that name."""
        return Model.read(self._transport.get(path_of(name)))

    def delete(self, name: str) -> None:
        """Remove a model with all its versions."""
        self._transport.send_once("DELETE", path_of(name))

    def versions(self, name: str) -> list[Version]:
        """Return a model's versions, the newest first."""
        return [Version.read(each) for each in self._pages(path_of(name, "versions"), "versions")]

    def version(self, name: str, number: int) -> Version:
        """Return a version of a model."""
        return Version.read(self._transport.get(path_of(name, "versions", number)))

    def roll_back(self, name: str, version: int) -> Model:
        """Have another version answer: an earlier one, or a later one."""
        path = path_of(name, "default-version")
        answer = self._transport.send_once("PUT", path, json={"model_version": version})
        return Model.read(self._transport.read(answer))

    def export(self, name: str, version: int | None = None, file_format: str = "safetensors", **options: Any) -> bytes:
        """Return a version as a file; the default version unless another one is named.

        Options are the query parameters of the API: of `onnx`, `coverage` and `precision`.
        """
        number = version if version is not None else self.model(name).default_version
        path = path_of(name, "versions", number or 0, "export")
        return self._transport.send("GET", path, query={"format": file_format, **to_query(options)}).content

    def table(self, name: str, version: int) -> bytes:
        """Return the table that a version was trained with, as CSV. Raises `Refused` if it was not kept."""
        return self._transport.send("GET", path_of(name, "versions", version, "table")).content

    def declare(self, name: str, declaration: Document, *, is_new: bool = False) -> Model:
        """Declare a model, or change what it is declared to be; a new one only if there is none of that name."""
        headers = {"If-None-Match": "*"} if is_new else {}
        answer = self._transport.send_once("PUT", path_of(name), json=declaration, headers=headers)
        return Model.read(self._transport.read(answer))

    def upload(self, name: str, upload: Upload, **options: Any) -> Version:
        """Publish a version that another service has exported; one that is sent again is published once.

        Options are `model_version` (the number that it gets), `default` (`keep`: another version goes on answering) and
        `columns` (`own`: they need not be those of the declaration).
        """
        path = path_of(name, "versions")
        headers = {"Idempotency-Key": upload.key or uuid4().hex}
        answer = self._transport.send("POST", path, query=options, files=upload.files, headers=headers)
        return Version.read(self._transport.read(answer))

    def _pages(self, path: str, member: str) -> Iterator[Document]:
        after: Any = None
        while True:
            page = self._transport.get(path, after=after)
            yield from page[member]
            after = page["next"]
            if after is None:
                return
