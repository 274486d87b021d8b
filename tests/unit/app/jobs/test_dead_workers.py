"""Dead workers: an executor that breaks is replaced."""

import asyncio
import gc
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from typing import Any

import pytest

from app.jobs.queue.dead_workers import SelfHealingExecutor, as_asyncio


class Fake(Executor):
    """An executor that does as it is told, at once, unless it is broken."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.is_shut_down = error, False

    def submit(self, work: Callable[..., Any], /, *arguments: Any, **_: Any) -> Future[Any]:
        if self.error is not None:
            raise self.error
        done: Future[Any] = Future()
        done.set_result(work(*arguments))
        return done

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self.is_shut_down = wait and cancel_futures


def pool_of(*executors: Fake) -> tuple[SelfHealingExecutor, Iterator[Fake]]:
    left = iter(executors)
    return SelfHealingExecutor(lambda: next(left)), left


def test_work_is_done_and_one_is_told_where() -> None:
    works = Fake()
    pool, _ = pool_of(works)

    future, executor = pool.submit(divmod, 7, 2)

    assert (future.result(), executor) == ((3, 1), works)


def test_a_broken_executor_is_replaced_without_anybody_noticing() -> None:
    broken, works = Fake(BrokenExecutor()), Fake()
    pool, left = pool_of(broken, works)

    assert pool.submit(abs, -1)[1] is works
    pool.replace(broken)
    assert list(left) == []
    assert pool.submit(abs, -1)[1] is works


def test_an_executor_that_finds_no_process_is_told_of_and_not_tried_again() -> None:
    pool, _ = pool_of(Fake(OSError("no more processes")), Fake())

    with pytest.raises(OSError, match="no more processes"):
        pool.submit(abs, -1)
    assert pool.submit(abs, -1)[0].result() == 1


@pytest.mark.parametrize(
    ("error", "is_death"), [(None, False), (ValueError("wrong"), False), (BrokenExecutor("why"), True)]
)
def test_a_worker_that_dies_at_its_work_is_noticed_and_another_takes_its_place(
    error: Exception | None, is_death: bool
) -> None:
    pool, left = pool_of(Fake(), Fake())
    _, first = pool.submit(abs, -1)
    work: Future[int] = Future()
    work.set_exception(error) if error else work.set_result(1)

    assert pool.notice_death(work, first) is is_death
    assert (pool.submit(abs, -1)[1] is not first) is is_death
    assert len(list(left)) == (0 if is_death else 1)


def test_a_pool_that_is_closed_waits_for_the_last_of_its_executors() -> None:
    broken, works = Fake(BrokenExecutor()), Fake()
    pool, _ = pool_of(broken, works)
    pool.submit(abs, -1)

    pool.close(lambda: None)

    assert works.is_shut_down


def test_work_that_comes_after_a_close_is_cancelled_and_no_executor_is_started_for_it() -> None:
    broken = Fake()
    pool, left = pool_of(broken, Fake())
    pool.close(lambda: None)

    for error in (RuntimeError("cannot schedule new futures after shutdown"), BrokenExecutor()):
        broken.error = error
        future, executor = pool.submit(abs, -1)
        assert (future.cancelled(), executor) == (True, broken)
    assert len(list(left)) == 1


def test_work_that_an_executor_takes_while_it_is_being_closed_is_ended_too() -> None:
    ended: list[str] = []

    class Closing(Fake):
        """An executor that is closed, and what runs in it ended, just before it takes work."""

        def submit(self, work: Callable[..., Any], /, *arguments: Any, **_: Any) -> Future[Any]:
            pool.close(lambda: ended.append("ended"))
            return super().submit(work, *arguments)

    pool, _ = pool_of(Closing())

    pool.submit(abs, -1)

    assert ended == ["ended"] * 2


@pytest.mark.parametrize("outcome", [None, BrokenExecutor("why"), "cancelled"])
def test_the_end_of_work_can_be_awaited_whatever_it_comes_to(outcome: Exception | str | None) -> None:
    missed: list[object] = []

    async def wait() -> bool:
        work: Future[None] = Future()
        asyncio.get_running_loop().set_exception_handler(lambda _, context: missed.append(context))
        ended = as_asyncio(work)
        if outcome == "cancelled":
            work.cancel()
        elif isinstance(outcome, Exception):
            work.set_exception(outcome)
        else:
            work.set_result(None)
        await asyncio.wait([ended], timeout=10)
        return ended.done()

    assert asyncio.run(wait())
    gc.collect()  # when an exception that was never retrieved would be reported
    assert missed == []
