"""The tables of numbers that come with scikit-learn."""

from collections.abc import Iterator

import numpy as np
from sklearn import datasets
from sklearn.utils import Bunch

from model.table.dataset import Dataset


def tables() -> Iterator[tuple[str, Dataset]]:
    """Yield each with its name. Where a table is meant for categories, one of its measurements is to be document from the others."""
    yield "diabetes", Dataset(*_split(datasets.load_diabetes(scaled=False), None))
    exercise = datasets.load_linnerud()
    yield "linnerud: pulse", Dataset(exercise.data, exercise.target[:, 2:])
    yield "iris: petal width", Dataset(*_split(datasets.load_iris(), 3))
    yield "wine: alcohol", Dataset(*_split(datasets.load_wine(), 0))
    yield "breast cancer: smoothness", Dataset(*_split(datasets.load_breast_cancer(), 4))


def _split(bunch: Bunch, measured: int | None) -> tuple[np.ndarray, np.ndarray]:
    data = np.asarray(bunch.data, dtype=np.float64)
    if measured is None:
        return data, np.asarray(bunch.target, dtype=np.float64)[:, None]
    return np.delete(data[:, :10] if data.shape[1] > 13 else data, measured, axis=1), data[:, [measured]]


def splits(table: Dataset, count: int = 20) -> Iterator[tuple[Dataset, Dataset]]:
    """Yield random splits into nine tenths to learn from and one tenth to be judged by."""
    for seed in range(count):
        yield table.split(max(1, len(table) // 10), np.random.default_rng(seed))
