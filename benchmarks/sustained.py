"""A constant rate of requests, held for minutes at 80 % of what the server can do: `python -m benchmarks.sustained [MINUTES]`.

First wrk finds how many requests a second the server answers at the most. Then requests are sent at fixed moments, whatever the
server does: how long each takes is counted from the moment at which it was due (a server that stalls makes all that are due
meanwhile late, which a client that waits for its answers would not see). Every answer must be a success.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import numpy as np
import uvloop

from benchmarks.load import is_at_hand, load, posting
from benchmarks.trained import address, exam_questions, exam_scores, ours

SHARE = 0.8
"""Of the capacity."""
CONNECTIONS = 16
SECONDS, ROUNDS = 5, 3
"""For which wrk looks for the capacity, and how often: the median counts."""


class Held(NamedTuple):
    """What came of a constant rate."""

    rate: float
    """Answers a second."""
    errors: int
    milliseconds: np.ndarray
    """From when each request was due to its answer."""


def find_capacity(url: str) -> float:
    """Return requests a second, as fast as the server answers."""
    with tempfile.TemporaryDirectory() as folder:
        script = posting(Path(folder, "exam.lua"), exam_questions())
        return float(np.median([load(url, script, CONNECTIONS, SECONDS).rate for _ in range(ROUNDS)]))


async def hold(url: str, rate: float, seconds: float) -> Held:
    """Ask so many times a second."""
    slots, total, began = count(), int(rate * seconds), time.perf_counter() + 0.1
    due = (began + place / rate for place in iter(lambda: next(slots), total))
    answers = [
        answer for each in await asyncio.gather(*(_ask(url, due) for _ in range(CONNECTIONS))) for answer in each
    ]
    took = time.perf_counter() - began
    late = np.array([1000 * late for late, _ in answers])
    return Held(len(answers) / took, sum(status != 200 for _, status in answers), late)


async def _ask(url: str, due: Iterator[float]) -> list[tuple[float, int]]:
    """Ask at each moment that is due for this connection; return how late each answer was, and its status."""
    parts, bodies, answers = (
        urlsplit(url),
        [json.dumps(each).encode() for each in exam_questions()],
        list[tuple[float, int]](),
    )
    head = f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\nContent-Length: "
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    for moment in due:
        if (early := moment - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        body = bodies[len(answers) % len(bodies)]
        writer.write(head.encode() + b"%d\r\n\r\n" % len(body) + body)
        lines = (await reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
        length = next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length"))
        await reader.readexactly(length)
        answers.append((time.perf_counter() - moment, int(lines[0].split()[1])))
    writer.close()
    return answers


def main(minutes: float = 5.0) -> int:
    """Print what was held; return 1 if there were errors."""
    if not is_at_hand():
        return 0
    with ours(exam_scores(200)) as server:
        capacity = find_capacity(address(server))
        held = uvloop.run(hold(address(server), SHARE * capacity, 60 * minutes))
    p50, p99, p999 = np.percentile(held.milliseconds, (50, 99, 99.9))
    print(
        "| capacity, requests/s | held for minutes | requests/s | errors | p50, ms | p99, ms | p99.9, ms | longest, ms |"
    )
    print("|---|---|---|---|---|---|---|---|")
    print(
        f"| {capacity:,.0f} | {minutes:g} | {held.rate:,.0f} | {held.errors} | {p50:.2f} | {p99:.2f} | {p999:.2f}"
        f" | {held.milliseconds.max():.0f} |"
    )
    return int(held.errors > 0)


if __name__ == "__main__":
    sys.exit(main(*map(float, sys.argv[1:])))
