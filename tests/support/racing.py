"""Races: many processes do the same thing at the same moment."""

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.synchronize import Barrier
from typing import TypeVar

Result = TypeVar("Result")

RACERS = 8

_barrier: Barrier


class Racetrack:
    """Eight processes, to be used for one race after the other."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["app.jobs.worker"])  # as the training processes, which share the fork server
        barrier = context.Barrier(RACERS)
        self._pool = ProcessPoolExecutor(RACERS, mp_context=context, initializer=_begin, initargs=(barrier,))

    def race(self, act: Callable[..., Result], *arguments: object) -> Sequence[Result]:
        """Have all processes call `act` at once, and return what each got."""
        return [future.result(60) for future in [self._pool.submit(_race, act, arguments) for _ in range(RACERS)]]

    def close(self) -> None:
        """Send the processes home."""
        self._pool.shutdown()


def _begin(barrier: Barrier) -> None:
    global _barrier  # noqa: PLW0603 - a barrier can only be handed over when a process starts
    _barrier = barrier


def _race(act: Callable[..., Result], arguments: tuple[object, ...]) -> Result:
    _barrier.wait(60)
    return act(*arguments)
