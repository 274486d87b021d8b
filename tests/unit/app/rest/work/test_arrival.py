"""Bodies that are arriving count as held: they share one budget with what is worked on, and a slow one makes room for others."""

import asyncio
import threading
from typing import Any, cast

import pytest
from fastapi import Request

from app.budget import MAX_HELD_BYTES, MAX_SMALL_BODY_BYTES, WorkSize
from app.errors import TooBusy
from app.rest.work import arrival as arrival_module
from app.rest.work import arriving, run
from app.rest.work.threads import find_held


async def receive(total: int, has_begun: asyncio.Event, may_end: asyncio.Event) -> None:
    """Receive a body, and keep it until it may end."""
    async with arriving(total) as arrival:
        arrival.add(total)
        has_begun.set()
        await may_end.wait()


def test_what_arrives_and_what_is_worked_on_share_one_budget() -> None:
    async def ask() -> None:
        has_begun, may_end = asyncio.Event(), asyncio.Event()
        first = asyncio.ensure_future(receive(2 * MAX_HELD_BYTES, has_begun, may_end))  # one alone may be larger
        await has_begun.wait()
        with pytest.raises(TooBusy):
            async with arriving(MAX_SMALL_BODY_BYTES + 1):
                pytest.fail("it is refused before it is read")
        with pytest.raises(TooBusy):
            await run(cast("Request", None), WorkSize.LARGE, MAX_SMALL_BODY_BYTES + 1, threading.get_ident)
        async with arriving(MAX_SMALL_BODY_BYTES) as small:
            small.add(MAX_SMALL_BODY_BYTES)
        may_end.set()
        await first
        async with arriving(0) as next_one:
            next_one.add(MAX_HELD_BYTES)
        assert find_held().bytes == 0

    asyncio.run(ask())


def test_a_body_of_unknown_length_is_refused_when_it_passes_what_is_left() -> None:
    async def ask() -> None:
        has_begun, may_end = asyncio.Event(), asyncio.Event()
        first = asyncio.ensure_future(receive(MAX_HELD_BYTES // 2, has_begun, may_end))
        await has_begun.wait()
        async with arriving(0) as second:
            second.add(MAX_HELD_BYTES // 2)
            with pytest.raises(TooBusy):
                second.add(1)
        may_end.set()
        await first
        assert find_held().bytes == 0

    asyncio.run(ask())


def test_a_slow_body_keeps_its_share_only_until_another_one_needs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrival_module, "WATCHED_SECONDS", 0.01)

    async def ask() -> tuple[Any, ...]:
        begun, may_end = asyncio.Event(), asyncio.Event()
        slow = asyncio.ensure_future(receive(MAX_HELD_BYTES, begun, may_end))
        await begun.wait()
        refused = 0
        while not slow.done():
            try:
                async with arriving(MAX_HELD_BYTES) as other:
                    other.add(1)
            except TooBusy:
                refused += 1
            await asyncio.sleep(0)
        async with arriving(MAX_HELD_BYTES) as other:
            other.add(MAX_HELD_BYTES)
        return refused, await asyncio.gather(slow, return_exceptions=True)

    async def slowly() -> tuple[Any, ...]:
        monkeypatch.setattr(arrival_module, "MIN_BYTES_A_SECOND", 10 * MAX_HELD_BYTES)
        return await asyncio.wait_for(ask(), 30)

    refused, (error,) = asyncio.run(slowly())
    assert refused >= 1
    assert isinstance(error, TooBusy)
    assert "so slowly" in str(error)
