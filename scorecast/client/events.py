"""Server-sent events: the lines of a stream, taken apart."""

import json
from collections.abc import Iterable, Iterator

from scorecast.client.results import Document

STOPPING = "stopping"
"""The last event of a server that stops: it says nothing of the job."""


def read_events(lines: Iterable[str]) -> Iterator[tuple[str | None, Document]]:
    """Yield the ids and the data of a job's events."""
    fields: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        if line:
            fields[name] = value.removeprefix(" ")
            continue
        if "data" in fields and fields.get("event") != STOPPING:
            yield fields.get("id"), json.loads(fields["data"])
        fields = {}
