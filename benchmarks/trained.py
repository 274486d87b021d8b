"""Servers of ours with the models that are measured: what they are trained with, and what they are asked."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from benchmarks.problems import Problem, friedman_1
from model.table.dataset import Dataset
from tests.support.server import Server, running

Rows = list[dict[str, float]]

FRIEDMAN = Problem("", friedman_1, 8, 1000, 0.2)
QUESTIONS = 100
"""So many different rows are asked in turns."""


def exam_scores(rows: int, seed: int = 0) -> Rows:
    """Return a table like the tutorial's, of any length."""
    rng = np.random.default_rng(seed)
    studied, slept = rng.uniform(0, 10, rows), rng.uniform(4, 10, rows)
    score = np.clip(45 + 4 * studied + 1.5 * slept + rng.normal(0, 3, rows), 0, 100)
    columns = {"hours_studied": studied, "hours_slept": slept, "score": score}
    return _rows(tuple(columns), np.column_stack(tuple(columns.values())).round(1))


def friedman(table: Dataset | None = None) -> Rows:
    """Return a table of eight features, of which five matter."""
    drawn = table or FRIEDMAN.draw(FRIEDMAN.rows, 0)
    names = (*(f"x{place}" for place in range(8)), "y")
    return _rows(names, np.hstack((drawn.features, drawn.targets)).round(4))


def questions(rows: Rows) -> Rows:
    """Return rows without what is to be predicted."""
    return [dict(list(row.items())[:-1]) for row in rows]


def exam_questions(rows: int = QUESTIONS) -> Rows:
    """Return what `exam-score` is asked."""
    return questions(exam_scores(rows, seed=1))


def friedman_questions(rows: int = QUESTIONS) -> Rows:
    """Return what the model of eight features is asked."""
    return questions(friedman(FRIEDMAN.draw(rows, 1)))


@contextmanager
def ours(rows: Rows, **settings: object) -> Iterator[Server]:
    """Yield a server whose `exam-score` is trained with these rows, by the default trainer."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), **settings) as server:
        server.train(rows, "wait=120").raise_for_status()
        yield server


def train_friedman(server: Server, *, is_wide: bool = False) -> str:
    """Train a model of eight features by the default trainer; return the address that it predicts at.

    Its networks have 211 parameters each, or, if it is to be as wide as those that the trainer tries beyond, 621.
    """
    path, rows = f"/models/friedman{'-wide' * is_wide}", friedman()
    *features, target = ({"name": name} for name in rows[0])
    server.client.put(path, json={"features": features, "targets": [target]}).raise_for_status()
    wait, network = {"Prefer": "wait=240"}, {"network": {"hidden_layers": [20, 20]}} if is_wide else {}
    server.client.post(f"{path}/train", json={"rows": rows, **network}, headers=wait, timeout=300).raise_for_status()
    report = server.client.get(f"{path}/versions/1").json()["report"]
    assert report["parameters"] == (621 if is_wide else 211), report["parameters"]
    return address(server, f"{path}/predict")


def address(server: Server, path: str = "/predict") -> str:
    """Return the address of a path."""
    return str(server.client.base_url).rstrip("/") + path


def _rows(names: tuple[str, ...], values: np.ndarray) -> Rows:
    return [dict(zip(names, row, strict=True)) for row in values.tolist()]
