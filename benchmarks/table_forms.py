"""Tables in their forms: a first table of 100,000 rows and 10 columns declared and read, beside what only reads its text.

And over HTTP, how long the event loop is held meanwhile, and a workbook of 10,000 rows that is trained on and answered.
"""

import datetime as dt
import io
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from app.tables import CSV, JSON, XLSX, Body, read_table, table_to_matrix
from app.train.declaring import TableQuery, infer_declaration
from benchmarks.probe import probing
from benchmarks.stopwatch import measure_seconds
from tests.support.forms import as_xlsx
from tests.support.server import Server, running

ROWS, COLUMNS, ROUNDS = 100_000, 10, 5
WORKBOOK_ROWS = 10_000
NAMES = [f"x{number}" for number in range(COLUMNS)]
FIRST = dt.datetime(2020, 1, 1)
QUICK = "targets=x9&members=1&max_epochs=1&trainer=levenberg_marquardt&hidden_layers=1"


def main() -> None:
    """Print times and ratios in interleaved rounds, and the longest waits of the event loop."""
    values = np.random.default_rng(0).normal(size=(ROWS, COLUMNS)).round(6)
    bodies = make_bodies(values)
    for name, (media_type, data) in bodies.items():
        plain = _parse_json if media_type == JSON else _parse_csv if name == "CSV" else None
        _compare(name, Body(data, media_type), plain)
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as server:
        for name, (media_type, data) in bodies.items():
            _probe(server, name, media_type, data)
        _answer_workbook(server, values)


def make_bodies(values: np.ndarray[Any, Any]) -> dict[str, tuple[str, bytes]]:
    """Return the table in several forms; one has dates, one amounts, instead of its first column."""
    rows = values.tolist()
    header = ",".join(NAMES)
    dates = [f"{(FIRST + dt.timedelta(minutes=7 * number)).isoformat()}" for number in range(ROWS)]
    days = [(FIRST + dt.timedelta(days=number % 3000)).strftime("%d.%m.%Y") for number in range(ROWS)]
    amounts = [f'"${900 + number:,}"' for number in range(ROWS)]

    def write(first: list[str] | None = None) -> bytes:
        cells = ([str(cell) for cell in row] for row in rows)
        lines = (",".join(row if first is None else [first[number], *row[1:]]) for number, row in enumerate(cells))
        return "\n".join([header, *lines, ""]).encode()

    return {
        "CSV": (CSV, write()),
        "JSON rows": (JSON, json.dumps([dict(zip(NAMES, row, strict=True)) for row in rows]).encode()),
        "CSV with moments": (CSV, write(dates)),
        "CSV with days": (CSV, write(days)),
        "CSV with amounts": (CSV, write(amounts)),
    }


def _declare(body: Body) -> object:
    table = read_table(body).table
    return table_to_matrix(table, infer_declaration(table, TableQuery(targets="x9")).signature.columns)


def _parse_csv(data: bytes) -> object:
    return np.loadtxt(io.BytesIO(data), delimiter=",", skiprows=1)


def _parse_json(data: bytes) -> object:
    return np.array([list(row.values()) for row in json.loads(data)])


def _compare(name: str, body: Body, plain: Callable[[bytes], object] | None) -> None:
    pairs = [
        (measure_seconds(lambda: _declare(body)), measure_seconds(lambda: plain and plain(body.data)))
        for _ in range(ROUNDS)
    ]
    us, them = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = (
        f"   {'numpy.loadtxt' if body.is_csv else 'json.loads'} {them:.3f} s   ratio {us / them:.2f}" if plain else ""
    )
    print(f"{name:17} declared and read {us:.3f} s{ratio}", flush=True)


def _probe(server: Server, name: str, media_type: str, data: bytes) -> None:
    headers, model = {"Content-Type": media_type, "Prefer": "respond-async"}, f"forms-{name.lower().replace(' ', '-')}"
    with probing(str(server.client.base_url)) as took:
        began = time.perf_counter()
        answer = server.client.post(f"/models/{model}/train?{QUICK}", content=data, headers=headers, timeout=600)
        seconds = time.perf_counter() - began
    assert answer.status_code == 202, answer.text
    server.client.post(f"/jobs/{answer.json()['job_id']}/cancel")
    print(
        f"{name:17} accepted in {seconds:.2f} s; probes: median {statistics.median(took):.1f} ms, longest {max(took):.1f} ms"
    )


def _answer_workbook(server: Server, values: np.ndarray[Any, Any]) -> None:
    rows = [dict(zip(NAMES, row, strict=True)) for row in values[:WORKBOOK_ROWS].tolist()]
    data, headers = as_xlsx(rows), {"Content-Type": XLSX, "Accept": XLSX}
    train = measure_seconds(
        lambda: server.client.post(
            f"/models/book/train?{QUICK}", content=data, headers=headers, timeout=600
        ).raise_for_status()
    )
    predict = measure_seconds(
        lambda: server.client.post(
            "/models/book/predict", content=data, headers=headers, timeout=600
        ).raise_for_status()
    )
    size = len(data) / 1e6
    print(
        f"workbook of {WORKBOOK_ROWS:,} rows, {size:.1f} MB: trained in {train:.2f} s, answered as a workbook in {predict:.2f} s"
    )


if __name__ == "__main__":
    main()
