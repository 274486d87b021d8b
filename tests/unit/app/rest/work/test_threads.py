"""Small work is done at once, other work in a thread; it ends, or never begins, once its client has gone."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any, cast

import pytest
from fastapi import Request

from app.budget import MAX_HELD_BYTES, MAX_SMALL_BODY_BYTES, WorkSize
from app.cancellation import stop_if_unwanted
from app.errors import NotWanted, TooBusy
from app.rest.work.threads import THREADS, limit_requests, run


class Client:
    """A client, whose connection the test may close; as much of a request as is asked for."""

    def __init__(self) -> None:
        self.has_gone = asyncio.Event()

    async def receive(self) -> dict[str, str]:
        """Wait until the client goes, as servers do once the body has been read."""
        await self.has_gone.wait()
        return {"type": "http.disconnect"}

    def asks(self, function: Callable[[], Any], size: WorkSize = WorkSize.LARGE, held: int = 0) -> "asyncio.Task[Any]":
        """Begin work for this client."""
        return asyncio.ensure_future(run(cast("Request", self), size, held, function))


def test_small_work_stays_on_its_thread_and_other_work_does_not() -> None:
    async def ask(size: WorkSize) -> int:
        return cast("int", await Client().asks(threading.get_ident, size))

    here = threading.get_ident()

    assert asyncio.run(ask(WorkSize.SMALL)) == here
    assert asyncio.run(ask(WorkSize.MEDIUM)) != here
    assert asyncio.run(ask(WorkSize.LARGE)) != here


def test_medium_work_does_not_wait_for_large_work() -> None:
    async def ask() -> int:
        may_end = threading.Event()
        large = [Client().asks(lambda: may_end.wait(30)) for _ in range(50)]
        medium = await asyncio.wait_for(Client().asks(threading.get_ident, WorkSize.MEDIUM), 5)
        may_end.set()
        await asyncio.gather(*large)
        return cast("int", medium)

    assert asyncio.run(ask()) != threading.get_ident()


def test_work_stops_and_what_waits_never_begins_once_clients_have_gone() -> None:
    begun = []
    has_begun = threading.Semaphore(0)

    def work() -> None:
        begun.append(threading.get_ident())
        has_begun.release()
        while True:
            stop_if_unwanted()

    async def ask() -> list[Any]:
        clients = [Client() for _ in range(10)]
        tasks = [client.asks(work) for client in clients]
        for _ in range(THREADS[WorkSize.LARGE]):
            await asyncio.to_thread(has_begun.acquire, timeout=5)
        for client in reversed(clients):
            client.has_gone.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    assert {type(outcome) for outcome in asyncio.run(ask())} == {NotWanted}
    assert len(begun) == THREADS[WorkSize.LARGE]


def test_bodies_that_wait_are_held_up_to_a_limit() -> None:
    async def ask() -> None:
        may_end = threading.Event()
        first = Client().asks(lambda: may_end.wait(30), held=2 * MAX_HELD_BYTES)
        await asyncio.sleep(0)
        with pytest.raises(TooBusy):
            await Client().asks(threading.get_ident, held=MAX_SMALL_BODY_BYTES + 1)
        await Client().asks(threading.get_ident, held=MAX_SMALL_BODY_BYTES)
        assert await Client().asks(threading.get_ident, WorkSize.SMALL, held=1) == threading.get_ident()
        may_end.set()
        await first
        await Client().asks(threading.get_ident, held=2 * MAX_HELD_BYTES)

    asyncio.run(ask())


def test_so_many_requests_may_wait_and_no_more_and_small_ones_are_none_of_them() -> None:
    async def ask() -> None:
        may_end = threading.Event()
        limit_requests(5)
        waiting = [Client().asks(lambda: may_end.wait(30), size) for size in (*[WorkSize.LARGE] * 4, WorkSize.MEDIUM)]
        await asyncio.sleep(0)
        with pytest.raises(TooBusy, match=r"5 predictions .* \(SCORECAST_MAX_CONCURRENT_PREDICTIONS\)"):
            await Client().asks(threading.get_ident, WorkSize.MEDIUM)
        assert await Client().asks(threading.get_ident, WorkSize.SMALL) == threading.get_ident()
        may_end.set()
        await asyncio.gather(*waiting)
        await Client().asks(threading.get_ident)

    asyncio.run(ask())
