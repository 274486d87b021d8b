"""Arrow and Parquet beside CSV: a first table of 100,000 rows and 10 columns read, declared and checked, in turns."""

import io
import os
import statistics
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

from app.frames import ARROW, ARROW_FILE, PARQUET, Frame, pack_numbers, read_frame, write_frame
from app.tables import CSV, Body, read_table, table_to_matrix
from app.train.declaring import TableQuery, infer_declaration
from benchmarks.stopwatch import measure_seconds
from tests.support.forms import as_arrow, as_parquet
from tests.support.server import running

ROWS, COLUMNS, ROUNDS = 100_000, 10, 5
NAMES = [f"x{number}" for number in range(COLUMNS)]


def main() -> None:
    """Print medians of interleaved rounds, and how many times as fast as a CSV each form was read in the same round."""
    values = np.random.default_rng(0).normal(size=(ROWS, COLUMNS)).round(6)
    data = pd.DataFrame(values, columns=NAMES)
    bodies = make_bodies(data)
    _compare("read, declared and checked", bodies, _declare)
    _compare("read alone", bodies, read_table)
    _measure_process(values)
    _measure_memory(bodies["Parquet"])


def make_bodies(data: pd.DataFrame) -> dict[str, Body]:
    """Return the table in several forms."""
    table, file = pa.Table.from_pandas(data), io.BytesIO()
    pl.from_pandas(data).write_ipc(file)
    return {
        "CSV": Body(data.to_csv(index=False).encode(), CSV),
        "Arrow": Body(as_arrow(table), ARROW),
        "Arrow, zstd": Body(as_arrow(table, compression="zstd"), ARROW),
        "Arrow file of polars": Body(file.getvalue(), ARROW_FILE),
        "Parquet": Body(as_parquet(table), PARQUET),
        "Parquet without dictionaries": Body(as_parquet(table, use_dictionary=False), PARQUET),
    }


def _declare(body: Body) -> object:
    table = read_table(body).table
    return table_to_matrix(table, infer_declaration(table, TableQuery(targets="x9")).signature.columns)


def _compare(what: str, bodies: dict[str, Body], work: Callable[[Body], object]) -> None:
    for body in bodies.values():  # starts the process
        work(body)
    rounds = [{name: measure_seconds(partial(work, body)) for name, body in bodies.items()} for _ in range(ROUNDS)]
    print(f"{what}, median of {ROUNDS} rounds:")
    for name, body in bodies.items():
        ratio = statistics.median(each["CSV"] / each[name] for each in rounds)
        median = statistics.median(each[name] for each in rounds)
        print(f"  {name:29} {len(body.data) / 1e6:5.1f} MB {median * 1000:7.1f} ms   {ratio:5.1f} times as fast")


def _measure_process(values: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> None:
    small = as_arrow(pa.table({"x": [1.0]}))
    frame = Frame(tuple(pack_numbers(name, cells) for name, cells in zip(NAMES, values.T, strict=True)), ROWS)
    for name, work in {
        "one row read": lambda: read_frame(small, ARROW, 10**8),
        "answer written as Arrow": lambda: write_frame(frame, ARROW),
        "answer written as Parquet": lambda: write_frame(frame, PARQUET),
    }.items():
        times = [measure_seconds(work) for _ in range(ROUNDS)]
        print(f"{name}: median {statistics.median(times) * 1000:.1f} ms")


def _measure_memory(body: Body) -> None:
    """Print what a server takes, and the process beside it, once that has read a table."""
    import tempfile  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as server:
        before = _resident(server.process.pid)
        path = "/models/frames/check?targets=x9"
        times = [
            measure_seconds(
                lambda: server.client.post(path, content=body.data, headers={"Content-Type": PARQUET}, timeout=600)
            )
            for _ in range(3)
        ]
        others = [pid for pid in server.processes() if b"fork_server" in Path(f"/proc/{pid}/cmdline").read_bytes()]
        print(f"a check over HTTP: the first {times[0]:.2f} s, then {min(times[1:]):.2f} s")
        print(
            f"server {before:.0f} -> {_resident(server.process.pid):.0f} MiB; its process {sum(map(_resident, others)):.0f} MiB"
        )


def _resident(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    main()
