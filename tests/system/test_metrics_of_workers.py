"""Metrics of several workers: one scrape tells what all have counted, and no counter goes down whatever becomes of them."""

import os
import re
import signal
from collections.abc import Iterator

import httpx
import pytest

from tests.conftest import StartServer
from tests.support.metrics import Series, number, read
from tests.support.server import Server
from tests.support.tables import QUESTION, TABLE
from tests.support.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

WORKERS = 2
STARTED = re.compile(r"Started server process \[(\d+)\]")
COUNTERS = re.compile("_total$|_count$|_bucket$|_sum$")


class Watch:
    """A server that is asked, while its counters are watched."""

    def __init__(self, server: Server, client: httpx.Client) -> None:
        self._client, self.server = client, server
        self.asked = 0
        self._before: dict[Series, float] = {}

    def ask(self) -> None:
        """Predict a row, and read the metrics, from whichever workers answer."""
        if self._answers("/predict"):
            self.asked += 1
        found = until(self._read, "the metrics are told")
        down = {series for series, value in self._before.items() if found.get(series, -1) < value}
        assert not {series for series in down if COUNTERS.search(series.name)}
        self._before = found
        assert number(found, "scorecast_predictions_total") == self.asked

    def workers(self) -> set[int]:
        """Return the ids of the workers that live."""
        return set(map(int, STARTED.findall(self.server.log))) & set(self.server.processes())

    def _answers(self, path: str) -> bool:
        try:
            return self._client.post(path, json=QUESTION).is_success
        except httpx.TransportError:  # the worker that would have answered was killed
            return False

    def _read(self) -> dict[Series, float] | None:
        try:
            return read(self._client)
        except httpx.TransportError:
            return None


@pytest.fixture
def watch(start_server: StartServer) -> Iterator[Watch]:
    """A server of several workers, trained, all of which answer."""
    server = start_server(workers=WORKERS)
    assert server.train(TABLE).status_code == 200
    with server.new_connections() as client:
        found = Watch(server, client)
        until(lambda: server.log.count("Application startup complete") >= WORKERS, "all workers have started", 60)
        yield found


def test_whichever_worker_is_asked_tells_what_all_have_counted(watch: Watch) -> None:
    for _ in range(60):
        watch.ask()

    assert number(read(watch.server), "scorecast_prediction_duration_seconds_count") == 60
    assert number(read(watch.server), "scorecast_training_duration_seconds_count") == 1


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_a_worker_that_ends_takes_nothing_with_it(watch: Watch, ending: int) -> None:
    before = watch.workers()
    os.kill(max(before), ending)
    while not watch.workers() - before:
        watch.ask()
    for _ in range(20):
        watch.ask()
