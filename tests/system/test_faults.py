"""Killed at any moment, the service loses nothing that it has acknowledged, and shows nothing that is not whole."""

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.conftest import StartServer
from tests.support.dose import chance, figures, times
from tests.support.server import Server
from tests.support.tables import QUESTION, TABLE
from tests.support.waiting import until

ROUNDS = times(20, full=200)
SHORT = {"name": "gradient_descent", "max_epochs": 1}
LONGEST_ROUND = 0.4
"""Seconds, at the most, between the first request of a round and the kill: a few trainings."""


def _kill_server(server: Server) -> None:
    server.kill()


def _kill_training_process(server: Server) -> None:
    with suppress(ProcessLookupError):  # the last one may be gone, and the next one not yet come
        os.kill(server.training_process(), signal.SIGKILL)


def _kill_all(server: Server) -> None:
    server.signal_group(signal.SIGKILL)
    server.kill()


VICTIMS: list[Callable[[Server], None]] = [_kill_server, _kill_training_process, _kill_all]


@dataclass
class Promises:
    """What a server has document its clients, which it has to keep whatever happens."""

    server: Server
    acknowledged: set[int] = field(default_factory=set)
    answers: dict[int, bytes] = field(default_factory=dict)
    """What each version predicts: the very bytes."""
    job_ids: set[str] = field(default_factory=set)
    """Of this round."""

    def train(self, stop: threading.Event, seed: int) -> None:
        """Train one version after the other, until the server is gone or there are enough."""
        while not stop.is_set():
            seed += 1
            answer = self.server.train(TABLE, trainer=SHORT, seed=seed)
            assert answer.status_code in {200, 503}, answer.text
            if answer.status_code == 200:
                self.acknowledge(answer.json()["model_version"])

    def submit(self, stop: threading.Event, seed: int) -> None:
        """Train likewise, but without waiting: look at the job until it has succeeded."""
        while not stop.is_set():
            seed += 1
            job = self.server.train(TABLE, "respond-async", trainer=SHORT, seed=seed).json()
            self.job_ids.add(job["job_id"])
            while job["finished"] is None and not stop.is_set():
                job = self.server.client.get(f"/jobs/{job['job_id']}").json()
            if job["status"] == "succeeded":
                self.acknowledge(job["model_version"])

    def acknowledge(self, version: int) -> None:
        """Remember that there is this version, and what it predicts."""
        self.acknowledged.add(version)
        self.remember(version)

    def remember(self, version: int) -> None:
        """Have a version predict, which it does as it ever did."""
        answer = self.server.client.post(f"/models/exam-score/versions/{version}/predict", json=QUESTION)
        assert answer.status_code == 200, f"version {version}: {answer.text}"
        assert self.answers.setdefault(version, answer.content) == answer.content

    def are_kept(self) -> None:
        """Look at everything that was promised."""
        jobs = [self._end_of(job_id) for job_id in self._all_job_ids()]
        versions = {version["model_version"]: version for version in pages(self.server.client, "versions")}
        assert self.acknowledged <= set(versions)
        for version in versions:
            self.remember(version)
        published = {version["job_id"]: version["model_version"] for version in versions.values()}
        for job in jobs:
            assert job["model_version"] == published.get(job["job_id"]), job
            assert job["status"] == ("succeeded" if job["job_id"] in published else "failed"), job
        serving = self.server.client.post("/predict", json=QUESTION)
        assert serving.json()["model_version"] == max(versions) >= max(self.acknowledged)
        self.job_ids.clear()

    def _all_job_ids(self) -> set[str]:
        newest = self.server.client.get("/jobs").json()["jobs"]
        return self.job_ids | {job["job_id"] for job in newest}

    def _end_of(self, job_id: str) -> dict[str, Any]:
        def finished() -> dict[str, Any] | None:
            job: dict[str, Any] = self.server.client.get(f"/jobs/{job_id}").json()
            return job if job["finished"] else None

        return until(finished, f"job {job_id} has ended")


def pages(client: httpx.Client, kind: str) -> list[dict[str, Any]]:
    """Return all of a list of `exam-score`."""
    found: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        page = client.get(f"/models/exam-score/{kind}", params={"limit": "1000", **after}).json()
        found += page[kind]
        if page["next"] is None:
            return found
        after = {"after": page["next"]}


def _round(promises: Promises, kill: Callable[[Server], None], seed: int, seconds: float) -> None:
    """Let two clients train, and kill after so many seconds."""
    stop = threading.Event()
    failures: list[BaseException] = []
    dies = kill is not _kill_training_process

    def client(act: Callable[[threading.Event, int], None], first_seed: int) -> None:
        try:
            act(stop, first_seed)
        except (httpx.TransportError, RuntimeError) as error:  # the connection is lost, or the client closed
            if not dies:
                failures.append(error)
        except BaseException as error:
            failures.append(error)

    clients = [
        threading.Thread(target=client, args=(act, 1000 * (seed + number)))
        for number, act in enumerate((promises.train, promises.submit))
    ]
    for each in clients:
        each.start()
    stop.wait(seconds)
    kill(promises.server)
    stop.set()
    for each in clients:
        each.join()
    assert not failures, failures
    if dies:
        promises.server.start()


def torn(server: Server) -> int:
    """Return how many checkpoints lie about that no version names: as many kills fell between the two writes."""
    checkpoints = len(list((server.store / "models/exam-score/checkpoints").iterdir()))
    return checkpoints - len(pages(server.client, "versions"))


@pytest.mark.slow
@pytest.mark.timeout(60 + 15 * ROUNDS)
def test_whatever_is_killed_and_whenever_every_promise_is_kept(start_server: StartServer) -> None:
    random = chance("crashes")
    began = time.monotonic()
    promises = Promises(start_server())
    promises.acknowledge(promises.server.train(TABLE).json()["model_version"])
    for number in range(ROUNDS):
        _round(promises, VICTIMS[number % len(VICTIMS)], 2 * number, random.uniform(0, LONGEST_ROUND))
        promises.are_kept()
        promises.acknowledge(promises.server.train(TABLE, trainer=SHORT).json()["model_version"])
    failed = Counter(job["status"] for job in promises.server.client.get("/jobs?limit=1000").json()["jobs"])
    figures.append(
        f"crashes: {ROUNDS} rounds and kills, {len(promises.answers)} versions ({len(promises.acknowledged)} acknowledged), "
        f"jobs {dict(failed)}, {torn(promises.server)} cut off between checkpoint and record, "
        f"{time.monotonic() - began:.0f} s"
    )


@pytest.mark.slow
def test_a_killed_server_leaves_none_of_its_workers_behind(start_server: StartServer) -> None:
    server = start_server(workers=2)
    server.train(TABLE)

    server.kill()

    until(lambda: not server.processes(), "all its processes have ended")
