"""A training's progress as server-sent events."""

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.conftest import StartServer
from tests.support.server import Server
from tests.support.tables import TABLE

SHORT = {"name": "gradient_descent", "max_epochs": 1}
ENDLESS = {"name": "gradient_descent", "max_epochs": 10_000_000}


@dataclass(frozen=True)
class Event:
    """One event of a stream."""

    id: str
    event: str
    job: dict[str, Any]


@contextmanager
def events(client: httpx.Client, job_id: str, **headers: str) -> Iterator[Iterator[Event]]:
    """Open the stream of a job's events."""
    with client.stream("GET", f"/jobs/{job_id}/events", headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield _read(answer.iter_lines())


def _read(lines: Iterator[str]) -> Iterator[Event]:
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif "data" in fields:
            yield Event(fields["id"], fields["event"], json.loads(fields["data"]))
            fields = {}


def cancel(server: Server, job_id: str) -> None:
    """Ask a job to stop."""
    assert server.client.post(f"/jobs/{job_id}/cancel").status_code == 200


def test_a_stream_follows_a_training_and_ends_with_its_final_state(server: Server) -> None:
    job_id = server.begin_training(TABLE, trainer=ENDLESS)

    with events(server.client, job_id) as stream:
        seen = [next(stream), next(stream)]
        cancel(server, job_id)
        seen += stream

    assert [each.event for each in seen[:2]] == ["running", "running"]
    assert seen[0].job["epoch"] < seen[1].job["epoch"]
    assert seen[-1].event == "cancelled"
    assert seen[-1].job == server.client.get(f"/jobs/{job_id}").json()
    assert len({each.id for each in seen}) == len(seen)


def test_a_stream_of_a_finished_training_is_its_final_state_alone(server: Server) -> None:
    job_id = server.train(TABLE, trainer=SHORT).json()["job_id"]

    with events(server.client, job_id) as stream:
        assert [each.event for each in stream] == ["succeeded"]


@pytest.mark.slow
def test_there_are_at_most_ten_events_a_second(server: Server) -> None:
    job_id = server.begin_training(TABLE, trainer=ENDLESS)

    began = time.monotonic()
    with events(server.client, job_id) as stream:
        for _ in range(11):
            next(stream)
        assert time.monotonic() - began > 0.99
        cancel(server, job_id)


def test_who_has_seen_the_final_state_is_told_that_there_is_no_more(server: Server) -> None:
    job_id = server.train(TABLE, trainer=SHORT).json()["job_id"]
    with events(server.client, job_id) as stream:
        final = next(stream).id

    again = server.client.get(f"/jobs/{job_id}/events", headers={"Last-Event-ID": final})

    assert (again.status_code, again.content) == (204, b"")


def test_who_comes_back_is_told_only_what_is_new(server: Server) -> None:
    job_id = server.begin_training(TABLE, trainer=ENDLESS)
    with events(server.client, job_id) as stream:
        last = next(stream).id

    with events(server.client, job_id, **{"Last-Event-ID": last}) as stream:
        assert next(stream).id != last
        cancel(server, job_id)
        final = [*stream][-1]
    assert final.event == "cancelled"
    with events(server.client, job_id, **{"Last-Event-ID": last}) as stream:
        assert [each.id for each in stream] == [final.id]


@pytest.mark.slow
def test_another_server_over_the_same_store_tells_the_same(server: Server, start_server: StartServer) -> None:
    other = start_server(store=server.store)
    job_id = server.begin_training(TABLE, trainer=ENDLESS)

    with events(other.client, job_id) as stream:
        assert next(stream).event == "running"
        cancel(other, job_id)
        assert [*stream][-1].event == "cancelled"


@pytest.mark.slow
def test_a_stream_ends_when_the_training_process_dies(start_server: StartServer) -> None:
    server = start_server()
    job_id = server.begin_training(TABLE, trainer=ENDLESS)

    with events(server.client, job_id) as stream:
        next(stream)
        os.kill(server.training_process(), signal.SIGKILL)
        final = [*stream][-1]
    assert final.event == "failed"
    assert "died" in final.job["error"]["detail"]


@pytest.mark.parametrize("job_id", ["absent", "..", "0" * 300])
def test_events_of_no_job_are_a_problem(server: Server, job_id: str) -> None:
    answer = server.client.get(f"/jobs/{job_id}/events")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
