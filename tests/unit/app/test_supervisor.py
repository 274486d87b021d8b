"""Where the workers of a supervised server count: none where another one does that lives."""

import multiprocessing
import socket
from typing import Any

import pytest
from uvicorn import Config

from app.server import SPARE_PLACES, Supervisor, WorkerProcess


class Sleeper:
    """As much of a process as there is to the supervisor."""

    def __init__(self) -> None:
        self.lives = True

    def is_alive(self) -> bool:
        return self.lives


def application(**options: Any) -> Any:
    """What a worker would make its application with."""
    return options


@pytest.fixture
def supervisor(monkeypatch: pytest.MonkeyPatch) -> Supervisor:
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr("uvicorn.supervisors.multiprocess.Process", WorkerProcess)
    return Supervisor(Config(application, factory=True, workers=2), list[socket.socket]())


def start(supervisor: Supervisor) -> tuple[WorkerProcess, int | None]:
    """Return a worker that lives, and its place."""
    worker = supervisor._make_worker(supervisor.config, [])
    worker.process = Sleeper()  # type: ignore[assignment]
    return worker, worker.config.app.keywords["place"]  # type: ignore[union-attr]


def end(worker: WorkerProcess) -> None:
    worker.process.lives = False  # type: ignore[attr-defined]


def test_each_has_a_place_of_its_own_and_the_first_that_is_free(supervisor: Supervisor) -> None:
    workers = [start(supervisor) for _ in range(3)]
    assert [place for _, place in workers] == [0, 1, 2]
    end(workers[1][0])
    assert start(supervisor)[1] == 1
    assert start(supervisor)[1] == 3


def test_one_that_replaces_another_while_that_serves_has_a_place_beside_it(supervisor: Supervisor) -> None:
    """A restart one by one (SIGHUP), again and again, takes one place more than there are workers."""
    workers = [start(supervisor) for _ in range(2)]
    for turn in range(20):
        successor = start(supervisor)
        end(workers[turn % 2][0])
        workers[turn % 2] = successor
        assert successor[1] is not None
        assert successor[1] <= 2


def test_those_beyond_the_last_place_have_none(supervisor: Supervisor) -> None:
    places = [start(supervisor)[1] for _ in range(2 + SPARE_PLACES + 1)]
    assert places == [*range(2 + SPARE_PLACES), None]


def test_the_configuration_of_one_is_not_that_of_another(supervisor: Supervisor) -> None:
    start(supervisor)
    assert supervisor.config.app is application
    assert multiprocessing.active_children() == []
