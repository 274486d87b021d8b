"""The server: uvicorn, stopping in such a way that everyone who has connected is answered.

uvicorn closes its listener at once, and with it the connections that the system has accepted and uvicorn has not; it also
closes connections whose request is on its way. Here the listener first takes no new connections, then those that wait
are accepted and answered, with `Connection: close`, and only then it is closed.
"""

import asyncio
import logging
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from copy import copy
from functools import partial
from multiprocessing import get_context
from types import FrameType
from typing import Any

from uvicorn import Config, Server
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import multiprocess

from app.counts import SharedCounts, counts_bytes
from app.listener import take_no_new_connections
from app.logs import set_up
from app.rates import make_buckets_memory
from app.store import StoreIdentity

log = logging.getLogger("scorecast.server")

SETTLE_SECONDS = 0.2
"""How long connections that are being made have to be there, and requests on their way to arrive."""
FIRST_REQUEST_SECONDS = 1.0
"""How long a connection without a request is waited for."""
SPARE_PLACES = 8
"""For the counts of workers, beside one for each: a worker that is replaced serves until its successor does (SIGHUP), and there may
be more of them (SIGTTIN). Those that find no place count for no one."""
GIVING_UP_SECONDS = 0.5
"""How long requests that are given up have to notice it."""
LOOK_SECONDS = 0.01
"""Between two looks at what is waiting."""


class GracefulServer(Server):
    """A server that loses no one when it stops; its exit code is 0 then."""

    _stop_by = 0.0
    """When requests have to be done, as the server was told to stop."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - as uvicorn calls it
        """Stop, as a signal asks for; the application is told at once."""
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        self.should_exit = True
        self._stop_by = self._stop_by or time.monotonic() + self._grace
        if hasattr(self, "lifespan"):
            stop: Callable[[], None] = self.lifespan.state.get("stop", bool)
            stop()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer those who have connected, then stop as uvicorn does."""
        self.server_state.default_headers = [*self.server_state.default_headers, (b"connection", b"close")]
        for connection in list(self.server_state.connections):
            if not _is_idle(connection):
                connection.shutdown()  # it is closed after its answer
        listeners = [listener.fileno() for server in self.servers for listener in server.sockets]
        if sockets is None:  # the supervisor does it for several workers: one of them may stop alone
            take_no_new_connections(listeners)
        await self._until(lambda: not select.select(listeners, [], [], 0)[0], SETTLE_SECONDS, FIRST_REQUEST_SECONDS)
        for server in self.servers:
            server.close()
        await self._until(lambda: not any(map(_is_awaited, self.server_state.connections)), 0, FIRST_REQUEST_SECONDS)
        self._stop_by = self._stop_by or time.monotonic() + self._grace
        self.config.timeout_graceful_shutdown = None  # which would be counted from now on
        await super().shutdown(sockets)

    @property
    def _grace(self) -> int:
        return self.config.timeout_graceful_shutdown or 0

    async def _wait_tasks_to_complete(self) -> None:
        """Wait for requests until the time that they have from the signal on is up; those that are left are answered 503."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._stop_by - time.monotonic()):
                await super()._wait_tasks_to_complete()
                return
        log.warning("requests that are given up, as the time to stop is up: %d", len(self.server_state.tasks))
        for connection in list(self.server_state.connections):
            connection.give_up()  # type: ignore[union-attr]  # it is of our protocol
        await self._until(lambda: not self.server_state.tasks, 0, GIVING_UP_SECONDS)
        for task in self.server_state.tasks:
            task.cancel("the time to stop is up")

    async def _until(self, is_done: Callable[[], bool], least: float, most: float) -> None:
        """Wait until something is so, for `least` to `most` seconds."""
        began = time.monotonic()
        while not self.force_exit and (seconds := time.monotonic() - began) < most:
            if seconds >= least and is_done():
                return
            await asyncio.sleep(LOOK_SECONDS)


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


def make_application(
    identity: StoreIdentity, logs: dict[str, Any], counts: Any = None, place: int | None = None, buckets: Any = None
) -> object:
    """Return the application over the store that was there at the start, for a process that serves and logs so.

    `counts` is the memory in which all processes count, and `place` where this one does; None: it counts for itself. In
    `buckets` all of them count the requests of each client.
    """
    set_up(logs)
    from app.main import create_app  # noqa: PLC0415 - a process that only supervises others does not load it

    shared = None
    if counts is not None:
        shared = SharedCounts.of_several(memoryview(counts).cast("B"), place, memoryview(buckets).cast("B"))
    return create_app(identity=identity, counts=shared)


def run(config: Config) -> None:
    """Serve until a signal says to stop."""
    if config.workers > 1:
        Supervisor(config, [config.bind_socket()]).run()
        return
    server = GracefulServer(config)
    server.run()
    if not server.started:
        sys.exit(STARTUP_FAILURE)


def _is_new(connection: object) -> bool:
    """Whether a connection has not had a request yet."""
    return getattr(connection, "cycle", None) is None


def _is_idle(connection: object) -> bool:
    """Whether a connection has no request that is being answered."""
    return _is_new(connection) or bool(connection.cycle.response_complete)  # type: ignore[attr-defined]


def _is_awaited(connection: object) -> bool:
    """Whether a request may be on its way over a connection: its first one, or one of which a part has come."""
    return _is_new(connection) or (_is_idle(connection) and not connection.is_idle)  # type: ignore[attr-defined]
