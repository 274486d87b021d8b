"""The client: one method for each thing that a service does."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote
from uuid import uuid4

from scorecast.client.errors import TrainingStopped, Unreachable
from scorecast.client.results import Document, Model, Prediction, Progress, Training, Version
from scorecast.client.tables import CSV, Table, write_body
from scorecast.client.transport import Transport

FINAL = frozenset({"succeeded", "failed", "cancelled"})
RECONNECT_SECONDS = 0.5

OnProgress = Callable[[Progress], object]


class Client:
    """A Scorecast service. Requests that found no answer, or a busy service, are sent again; trainings are so only once."""

    def __init__(self, url: str | None = None, key: str | None = None, *, timeout: float = 60.0) -> None:
        """Choose a service by its `url`, or SCORECAST_URL, or this machine's; with a `key`, or SCORECAST_KEY."""
        self._transport = Transport(url, key, timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()

    def models(self) -> list[Model]:
        """Return all models, by name."""
        return [Model.read(each) for each in self._pages("/models", "models")]

    def model(self, name: str) -> Model:
        """Return a model. Raises `Refused` if there is none of that name."""
        return Model.read(self._transport.get(_path(name)))

    def versions(self, name: str) -> list[Version]:
        """Return a model's versions, the newest first."""
        return [Version.read(each) for each in self._pages(_path(name, "versions"), "versions")]

    def version(self, name: str, number: int) -> Version:
        """Return a version of a model."""
        return Version.read(self._transport.get(_path(name, "versions", number)))

    def roll_back(self, name: str, version: int) -> Model:
        """Have another version answer: an earlier one, or a later one."""
        path = _path(name, "default-version")
        return Model.read(self._transport.send("PUT", path, json={"model_version": version}).json())

    def train(self, name: str, table: Table, on_progress: OnProgress | None = None, **options: Any) -> Training:
        """Train a new version, and return once it has succeeded.

        Options are the query parameters of the API: `targets`, `ignore`, `categories`, `missing`, `trainer`, `max_epochs`
        and so on; lists are joined by commas. Raises `Refused`, `TrainingStopped`, `Unreachable`.
        """
        tell = on_progress or (lambda _: None)
        job = self.submit(name, table, **options)
        tell(job)
        for progress in self.watch(job.job_id):
            job = progress
            tell(job)
        if job.status != "succeeded":
            error = job.document.get("error") or {}
            raise TrainingStopped(job.status, error.get("detail") or f"the training was {job.status}")
        version = self.version(name, job.document["model_version"])
        return Training(job.job_id, name, version, job.document.get("read", []))

    def submit(self, name: str, table: Table, **options: Any) -> Progress:
        """Begin a training, without waiting for it; one that is sent again is not begun again."""
        body = write_body(table)
        headers = {"Content-Type": body.media_type, "Prefer": "respond-async", "Idempotency-Key": uuid4().hex}
        query = {option: _to_text(value) for option, value in options.items()}
        path = _path(name, "train")
        answer = self._transport.send("POST", path, query=query, content=body.content, headers=headers).json()
        return self.progress(answer["job_id"])

    def progress(self, job_id: str) -> Progress:
        """Return where a training stands."""
        return Progress.read(self._transport.get(f"/jobs/{quote(job_id, safe='')}"))

    def watch(self, job_id: str) -> Iterator[Progress]:
        """Yield where a training stands whenever that has changed, and last how it ended."""
        seen: str | None = None
        while True:
            with suppress(Unreachable):
                for event_id, job in self._events(job_id, seen):
                    seen = event_id
                    yield Progress.read(job)
                    if job["status"] in FINAL:
                        return
            time.sleep(RECONNECT_SECONDS)
            self.progress(job_id)  # raises if it cannot be reached, or the job is forgotten

    def cancel(self, job_id: str) -> Progress:
        """Ask a training to stop."""
        return Progress.read(self._transport.send("POST", f"/jobs/{quote(job_id, safe='')}/cancel").json())

    def predict(self, name: str, table: Table, version: int | None = None, **options: Any) -> Prediction:
        """Return the answers to rows. Options are `coverage`, `ignore`, `unseen` and `sheet`."""
        return Prediction.read(json.loads(self._predict(name, table, version, options, "application/json")))

    def predict_csv(self, name: str, table: Table, version: int | None = None, **options: Any) -> bytes:
        """Return the table as CSV, with the columns of the answers behind its own."""
        return self._predict(name, table, version, options, CSV)

    def evaluate(self, name: str, table: Table, version: int | None = None, **options: Any) -> Document:
        """Judge a version by rows whose targets are known; the default version unless another one is named."""
        number = version if version is not None else self.model(name).default_version
        body = write_body(table)
        query = {option: _to_text(value) for option, value in options.items()}
        headers = {"Content-Type": body.media_type}
        path = _path(name, "versions", number or 0, "evaluate")
        judged: Document = self._transport.send("POST", path, query=query, content=body.content, headers=headers).json()
        return judged

    def export(self, name: str, version: int | None = None, file_format: str = "safetensors") -> bytes:
        """Return a version's weights as a file; the default version's unless another one is named."""
        number = version if version is not None else self.model(name).default_version
        path = _path(name, "versions", number or 0, "export")
        return self._transport.send("GET", path, query={"format": file_format}).content

    def _predict(self, name: str, table: Table, version: int | None, options: dict[str, Any], accept: str) -> bytes:
        body = write_body(table)
        query = {option: _to_text(value) for option, value in options.items()}
        headers = {"Content-Type": body.media_type, "Accept": accept}
        path = _path(name, "predict") if version is None else _path(name, "versions", version, "predict")
        return self._transport.send("POST", path, query=query, content=body.content, headers=headers).content

    def _pages(self, path: str, member: str) -> Iterator[Document]:
        after: Any = None
        while True:
            page = self._transport.get(path, after=after)
            yield from page[member]
            after = page["next"]
            if after is None:
                return

    def _events(self, job_id: str, seen: str | None) -> Iterator[tuple[str | None, Document]]:
        """Yield the server-sent events of a job: their ids, and the job."""
        headers = {} if seen is None else {"Last-Event-ID": seen}
        with self._transport.stream(f"/jobs/{quote(job_id, safe='')}/events", headers) as lines:
            fields: dict[str, str] = {}
            for line in lines:
                name, _, value = line.partition(":")
                if line:
                    fields[name] = value.removeprefix(" ")
                elif "data" in fields and fields.get("event") != "stopping":
                    yield fields.get("id"), json.loads(fields["data"])
                    fields = {}
                else:
                    fields = {}


def _path(name: str, *rest: object) -> str:
    return "/".join(["/models", quote(name, safe=""), *map(str, rest)])


def _to_text(value: Any) -> Any:
    """Return an option as a query parameter has it."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(_quote, map(str, value))) if isinstance(value, list | tuple) else value


def _quote(name: str) -> str:
    """Return a name as a list of names has it: in quotes if it holds a comma (RFC 4180)."""
    return f'"{name.replace(chr(34), chr(34) * 2)}"' if set(name) & set(',"\n') else name
