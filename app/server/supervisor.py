"""The supervisor: keeps several processes serving over one listener, and has them stop together."""

import os
import signal
import socket
from collections.abc import Callable
from copy import copy
from functools import partial
from multiprocessing import get_context
from types import FrameType
from typing import Any

from uvicorn import Config, Server
from uvicorn.supervisors import multiprocess

from app.counts import counts_bytes
from app.rates import make_buckets_memory
from app.server.graceful_server import GracefulServer
from app.server.listener import take_no_new_connections

SPARE_PLACES = 8
"""For the counts of workers, beside one for each: a worker that is replaced serves until its successor does (SIGHUP), and there may
be more of them (SIGTTIN). Those that find no place count for no one."""


class WorkerProcess(multiprocess.Process):
    """One of several processes that serve."""

    @property
    def server(self) -> Server:
        """The server that runs in this process."""
        if self._server is None:
            self._server = GracefulServer(self.config)
        return self._server


class Supervisor(multiprocess.Multiprocess):
    """Keeps several processes running, which share a listener."""

    def __init__(self, config: Config, sockets: list[socket.socket]) -> None:
        multiprocess.Process = self._make_worker  # type: ignore[misc, assignment]  # which it makes them by
        places = config.workers + SPARE_PLACES
        self._counts = get_context("spawn").RawArray("b", counts_bytes(places))
        self._buckets = make_buckets_memory()
        self._workers: list[WorkerProcess | None] = [None] * places
        super().__init__(config, sockets)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)

    def _make_worker(self, config: Config, sockets: list[socket.socket]) -> WorkerProcess:
        """Return a process that counts where none does that lives: what another has counted there is counted on from."""
        places = enumerate(self._workers)
        place = next((each for each, worker in places if worker is None or not worker.process.is_alive()), None)
        config = copy(config)
        make: Callable[..., Any] = config.app  # type: ignore[assignment]  # a factory, here
        config.app = partial(make, counts=self._counts, place=place, buckets=self._buckets)
        worker = WorkerProcess(config, sockets)
        if place is not None:
            self._workers[place] = worker
        return worker

    def _stop(self, number: int, _: FrameType | None) -> None:
        """Have the workers stop at once: the loop that reads the queue of signals looks every half a second."""
        take_no_new_connections(each.fileno() for each in self.sockets)
        for worker in self.processes:
            if worker.pid is not None and worker.exitcode is None:
                os.kill(worker.pid, signal.SIGTERM)  # a second SIGINT, after that of a terminal, would end them at once
        self.signal_queue.append(number)
