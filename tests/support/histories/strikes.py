"""Strikes: SIGKILL, or SIGSTOP and a while later SIGCONT, to one of the processes that a server consists of."""

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import cycle

from tests.support.server import Server, low_priority, parents

LONGEST_STOP = 2.0
"""Seconds that a process is stopped, at the most."""


def _kill(server: Server, pid: int, seconds: float) -> None:
    with suppress(ProcessLookupError):  # it has ended since
        os.kill(pid, signal.SIGKILL)


def _stop(server: Server, pid: int, seconds: float) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)
        time.sleep(seconds)
        os.kill(pid, signal.SIGCONT)


def find_workers(server: Server) -> list[int]:
    """Return the processes that serve: children of the server that have children of their own."""
    above = parents(server.processes())
    return [pid for pid, parent in above.items() if parent == server.process.pid and pid in above.values()]


def find_trainers(server: Server) -> list[int]:
    """Return the processes that train."""
    return low_priority(server.processes())


Act = Callable[[Server, int, float], None]
Find = Callable[[Server], list[int]]

STRIKES: Mapping[str, tuple[Act, Find]] = {
    "SIGKILL to a worker": (_kill, find_workers),
    "SIGKILL to a trainer": (_kill, find_trainers),
    "SIGSTOP to a worker": (_stop, find_workers),
    "SIGSTOP to a trainer": (_stop, find_trainers),
}
RESTART = "SIGKILL to all"
MAX_STANDSTILL = 300
"""Seconds without any answer, on a machine that has much else to do."""
ATTEMPTS = 4
"""To start a server again."""


def _restart(server: Server) -> None:
    server.client.close()
    server.signal_group(signal.SIGKILL)
    server.process.wait(30)
    for _ in range(ATTEMPTS):
        with suppress(AssertionError):  # other work may keep all its processes from starting in time
            server.start()
            return
    raise AssertionError(f"the server does not start again:\n{server.log}")


def strike(server: Server, kind: str, chance: random.Random) -> bool:
    """Strike once; return whether there was a process to strike."""
    if kind == RESTART:
        _restart(server)
        return True
    act, find = STRIKES[kind]
    pids = find(server)
    if pids:
        act(server, chance.choice(pids), chance.uniform(0.1, LONGEST_STOP))
    return bool(pids)


def keep_striking(
    server: Server, chance: random.Random, count: Callable[[], int], every: int, may_end: threading.Event
) -> Counter[str]:
    """Strike whenever clients have recorded about `every` more operations: in turn, of nine times once all; count the strikes.

    It sets `may_end` itself when it cannot go on.
    """
    struck: Counter[str] = Counter()
    turns = cycle([*STRIKES, RESTART, *STRIKES])
    try:
        while _wait(count, count() + chance.randint(1, 2 * every), may_end):
            kind = next(turns)
            struck[kind] += strike(server, kind, chance)
    finally:
        may_end.set()
    return struck


def _wait(count: Callable[[], int], wanted: int, may_end: threading.Event) -> bool:
    """Return once so many operations are recorded, False if that may end before."""
    seen, deadline = count(), time.monotonic() + MAX_STANDSTILL
    while count() < wanted:
        if may_end.wait(0.05):
            return False
        if count() > seen:
            seen, deadline = count(), time.monotonic() + MAX_STANDSTILL
        assert time.monotonic() < deadline, f"no client has been answered for {MAX_STANDSTILL} seconds"
    return True
