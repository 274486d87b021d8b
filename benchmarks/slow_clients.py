"""Slow clients cost the others little: p99 of /predict beside no one, and beside 500 connections that send a byte a second.

16 connections, in alternating rounds on one server. The slow clients are in a process of their own, as those of a network are.
"""

import asyncio
import multiprocessing
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Event
from pathlib import Path

from benchmarks.load import is_at_hand, load, posting
from benchmarks.trained import address, exam_questions, ours
from tests.support.server import Server
from tests.support.slow_clients import Address, connected, many_files, send_slowly
from tests.support.tables import TABLE

ROUNDS = 5
SECONDS = 4
CLIENTS = 500


def main() -> None:
    """Print the medians over the rounds, and their ratios."""
    if not is_at_hand():
        return
    with tempfile.TemporaryDirectory() as folder, ours(TABLE, receive_seconds=600) as server:
        script = posting(Path(folder, "predict.lua"), exam_questions())
        url = address(server, "/predict")
        load(url, script, seconds=SECONDS)
        alone, beside = [], []
        for _ in range(ROUNDS):
            alone.append(load(url, script, seconds=SECONDS))
            with slow_clients(server):
                beside.append(load(url, script, seconds=SECONDS))
    for name, column, limit in (("requests a second", 0, ""), ("p99, ms", 2, "(at most 1.5)")):
        idle, busy = (statistics.median(each[column] for each in rounds) for rounds in (alone, beside))
        print(f"{name:18} idle {idle:9.2f}   beside {CLIENTS} {busy:9.2f}   ratio {busy / idle:5.2f} {limit}")


@contextmanager
def slow_clients(server: Server) -> Iterator[None]:
    """Have them connected for the time of the block."""
    context = multiprocessing.get_context("spawn")
    are_there, are_over = context.Event(), context.Event()
    url = server.client.base_url
    process = context.Process(target=_run, args=((url.host, url.port or 80), are_there, are_over))
    process.start()
    assert are_there.wait(120)
    try:
        yield
    finally:
        are_over.set()
        process.join()


def _run(server: Address, are_there: Event, are_over: Event) -> None:
    async def stay() -> None:
        async with connected(server, {send_slowly: CLIENTS}):
            are_there.set()
            await asyncio.to_thread(are_over.wait)

    with many_files(2 * CLIENTS):
        asyncio.run(stay())


if __name__ == "__main__":
    main()
