"""Scorecast as a client meets it: a CSV is posted to a server of a checkout, of whatever revision."""

import io
import os
import tempfile
import time
from csv import DictReader
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.accuracy.contestants.request import NAME, RefusedError, answer_all, choices, features_of
from benchmarks.accuracy.forecast import COVERAGES, Classes, Forecast
from benchmarks.accuracy.judge import Contestant
from benchmarks.accuracy.tables.table import Split, write_csv
from tests.support.server import Server, running

CSV = {"Content-Type": "text/csv"}
SECONDS_BETWEEN_LOOKS = 0.25
TICKS = os.sysconf("SC_CLK_TCK")
WARM_UP = [
    {"hours_studied": 2.0, "hours_slept": 9.0, "score": 92.0},
    {"hours_studied": 1.0, "hours_slept": 5.0, "score": 86.0},
]


def seconds_of(server: Server) -> float:
    """Return the seconds of CPU that the server's processes have taken, the one that trains among them."""
    stats = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in server.processes()]
    return sum(int(fields[11]) + int(fields[12]) for fields in stats) / TICKS


def trained(server: Server, split: Split) -> tuple[dict[str, Any], float]:
    """Train; return the version with its report, and the seconds of CPU that it took."""
    server.train(WARM_UP).raise_for_status()  # so that the process that trains is there, and has loaded all
    began = seconds_of(server)
    asked = server.client.post(
        f"/models/{NAME}/train",
        content=write_csv(split.known),
        params=choices(split),
        headers={**CSV, "Prefer": "respond-async"},
    )
    asked.raise_for_status()
    job = asked.json()
    while job["status"] in {"queued", "running"}:
        time.sleep(SECONDS_BETWEEN_LOOKS)
        job = server.client.get(f"/jobs/{asked.json()['job_id']}").json()
    if job["status"] != "succeeded":
        raise RuntimeError(f"the training {job['status']}: {job['error']}")
    seconds = seconds_of(server) - began
    version: dict[str, Any] = server.client.get(f"/models/{NAME}/versions/{job['model_version']}").json()
    return version, seconds


def _asked(server: Server, split: Split, coverage: float) -> list[dict[str, str]]:
    answer = server.client.post(
        f"/models/{NAME}/predict",
        content=write_csv(features_of(split)),
        params={"coverage": coverage},
        headers={**CSV, "Accept": "text/csv"},
    )
    if answer.status_code == 422:
        raise RefusedError(answer.text)
    answer.raise_for_status()
    return list(DictReader(io.StringIO(answer.text)))


def _column(rows: list[dict[str, str]], name: str) -> Any:
    return np.array([float(row[name]) for row in rows])


def _answered(server: Server, split: Split, version: dict[str, Any]) -> Forecast | Classes:
    target = split.target
    if split.is_classification:
        rows, names = _asked(server, split, 0.5), tuple(sorted(set(split.known[target])))
        return Classes(names, np.column_stack([_column(rows, f"{target}_{name}") for name in names]))
    answers = [_asked(server, split, coverage) for coverage in COVERAGES]
    intervals = [(_column(rows, f"{target}_lower"), _column(rows, f"{target}_upper")) for rows in answers]
    reported = version["report"]["leave_one_out"].get(target, {}).get("rmse")
    return Forecast.of_intervals(_column(answers[0], target), intervals, reported)


def contestant(checkout: str) -> Contestant:
    """Return what answers a split by a server of a checkout."""

    def answer(split: Split, seed: int) -> tuple[Forecast | Classes, float | None]:
        del seed
        os.environ["PYTHONPATH"] = checkout  # of the server and, by the folder, of the process that it trains in
        os.chdir(checkout)
        with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as server:
            version, seconds = trained(server, split)
            return answer_all(split, lambda part: _answered(server, part, version)), seconds

    return answer
