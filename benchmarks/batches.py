"""10,000 rows in one request: ours as CSV and JSON, with intervals and without, beside FastAPI + scikit-learn on JSON.

    python -m benchmarks.batches [exam-score] [8-features] [8-features-wide]

All take turns; each ratio is the median of the ratios within a round. Meanwhile a probe tells how long our event loop
is held: the worst of each request, over the rounds.
"""

import json
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from statistics import median
from typing import NamedTuple
from urllib.parse import urlsplit

from benchmarks.probe import probing
from benchmarks.processes import megabytes, serving
from benchmarks.trained import (
    Rows,
    address,
    exam_questions,
    exam_scores,
    friedman_questions,
    ours,
    train_friedman,
)
from tests.support.server import Server

ROWS, ROUNDS = 10_000, 7
THEIRS = "FastAPI + scikit-learn, json.loads"
MAX_HELD_MS = 20
"""Milliseconds."""


class Batch(NamedTuple):
    """A request with many rows, and how many times theirs it should be."""

    url: str
    body: bytes
    content_type: str
    target: float = 0


def send(batch: Batch) -> float:
    """Send a request; return how many rows a second were answered."""
    parts = urlsplit(batch.url)
    connection = HTTPConnection(parts.netloc)
    began = time.perf_counter()
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    connection.request("POST", target, batch.body, {"Content-Type": batch.content_type})
    answer = connection.getresponse()
    said = answer.read()
    took = time.perf_counter() - began
    assert answer.status == 200, said
    connection.close()
    return ROWS / took


def batches(theirs: str, url: str, rows: Rows) -> Iterator[tuple[str, Batch]]:
    """Yield each request with its name."""
    lists = json.dumps({"rows": [list(row.values()) for row in rows]}).encode()
    yield THEIRS, Batch(theirs, lists, "application/json")
    yield "the same, checked by pydantic", Batch(f"{theirs}-checked", lists, "application/json")
    named = json.dumps({"rows": rows}).encode()
    yield "the same, rows of named numbers", Batch(f"{theirs}-named", named, "application/json")
    lines = [",".join(rows[0]), *(",".join(map(str, row.values())) for row in rows)]
    csv = ("\n".join(lines) + "\n").encode()
    yield "CSV without intervals", Batch(f"{url}?coverage=null", csv, "text/csv", 2.0)
    yield "CSV with intervals", Batch(url, csv, "text/csv", 0.25)
    for words, more in (("without", {"coverage": None}), ("with", {})):
        body = json.dumps({"rows": rows, **more}).encode()
        yield f"JSON {words} intervals", Batch(url, body, "application/json")


def exam_score(server: Server) -> tuple[str, Rows]:
    """Return where `exam-score` predicts, and what it is asked."""
    return address(server), exam_questions(ROWS)


def eight_features(server: Server) -> tuple[str, Rows]:
    """Return where the model of eight features predicts, and what it is asked."""
    return train_friedman(server, is_wide=False), friedman_questions(ROWS)


def wide(server: Server) -> tuple[str, Rows]:
    """Return where that predicts whose networks are wide."""
    return train_friedman(server, is_wide=True), friedman_questions(ROWS)


TABLES = {"exam-score": exam_score, "8-features": eight_features, "8-features-wide": wide}


@contextmanager
def contestants(name: str) -> Iterator[tuple[Server, dict[str, Batch]]]:
    """Yield our server, and all requests."""
    with ours(exam_scores(200)) as server, serving("benchmarks.sklearn_batches", name) as theirs:
        yield server, dict(batches(f"{theirs}/predict", *TABLES[name](server)))


def measure(compared: dict[str, Batch], livez: str) -> Iterator[tuple[str, float, list[float]]]:
    """Yield, in turns and in rounds, who was asked, the rows a second, and how long each probe took."""
    for _ in range(ROUNDS):
        for name, batch in compared.items():
            with probing(livez) as took:
                rate = send(batch)
            yield name, rate, took


def compare(table: str) -> None:
    """Print rows a second, their ratios, how long the loop was held, and the memory that it took."""
    with contestants(table) as (server, compared):
        before, livez = megabytes(server.process.pid), address(server, "")
        for batch in compared.values():
            send(batch)
        with probing(livez) as idle:
            time.sleep(1)
        done = list(measure(compared, livez))
        peak = megabytes(server.process.pid, "VmHWM")
    print(f"| {table}, {ROWS:,} rows | rows/s | beside theirs | target | /livez at worst, ms |\n|---|---|---|---|---|")
    theirs = [rate for name, rate, _ in done if name == THEIRS]
    for name, batch in compared.items():
        rates, held = zip(*((rate, max(took, default=0.0)) for whose, rate, took in done if whose == name), strict=True)
        ratio = median(a / b for a, b in zip(rates, theirs, strict=True))
        target = f"at least {batch.target:g}" if batch.target else ""
        print(f"| {name} | {median(rates):,.0f} | {ratio:.3f} | {target} | {max(held):.0f} |")
    print(f"\n/livez at worst {max(idle):.0f} ms when idle (at most {MAX_HELD_MS} meanwhile)")
    print(f"memory of the server: {before:.0f} MB before, {peak:.0f} MB at its peak")


def main(tables: Iterable[str] = tuple(TABLES)) -> None:
    """Compare with a model of two features, and with two of eight."""
    for table in tables:
        compare(table)


if __name__ == "__main__":
    main(sys.argv[1:] or TABLES)
