"""How fast is training? Each claim as a ratio or beside its limit, measured in one run, on one thread.

OPENBLAS_NUM_THREADS=1 python -m benchmarks.training
"""

from time import perf_counter, process_time

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

from benchmarks.ours import spec
from benchmarks.problems import Problem, friedman_1, friedman_2
from benchmarks.tutorial import seconds
from model.fitting.spec import TrainingSpec
from model.table.dataset import Dataset
from model.table.signature import Column, Signature
from model.trainers import LBFGS, LevenbergMarquardt
from model.training import train

SIZES = ((30, 5, 0.3), (300, 8, None), (1000, 8, 3.0), (7400, 8, 15.0), (8600, 4, 15.0), (10_000, 8, 20.0))
"""Rows, features, and the seconds that are aimed at."""


def mixtures() -> None:
    """Print the processor time that the defaults take on tables of several sizes: the machine may be shared."""
    three = spec(Dataset(np.array([[2.0, 9.0], [1.0, 5.0], [3.0, 6.0]]), np.array([[92.0], [86.0], [89.0]])))
    train(three)
    print(f"three rows: {1e3 * np.median([_measure(three) for _ in range(50)]):.1f} ms (at most 100)", flush=True)
    for rows, features, limit in SIZES:
        table = Problem("", friedman_1 if features > 4 else friedman_2, features, rows, 0.2).draw(rows, 0)
        took = np.median([_measure(spec(table)) for _ in range(5 if rows < 5000 else 1)])
        print(f"{rows:,} x {features}: {took:.2f} s{f' (at most {limit:g})' if limit else ''}", flush=True)
    print(f"300 words in 900 rows: {_measure(words()):.2f} s (at most 2)", flush=True)


def words() -> TrainingSpec:
    """Return a table with a feature of many words, of which each moves the target."""
    rng = np.random.default_rng(0)
    codes = rng.permutation(np.tile(np.arange(300.0), 3))
    numbers = rng.standard_normal((900, 3))
    targets = rng.standard_normal(300)[codes.astype(int)] + numbers[:, 0] + 0.3 * rng.standard_normal(900)
    words = Column("word", kind="category", categories=tuple(f"word {number}" for number in range(300)))
    signature = Signature((words, *(Column(f"x{place}") for place in range(3))), (Column("y"),))
    trainer = LevenbergMarquardt()
    dataset = Dataset(np.column_stack([codes, numbers]), targets[:, None])
    return TrainingSpec(signature, dataset, trainer.default_network, trainer)


def _measure(asked: TrainingSpec) -> float:
    began = process_time()
    train(asked)
    return process_time() - began


def digits() -> None:
    """Print accuracy and time of one network on scikit-learn's digits."""
    data, kinds = load_digits(return_X_y=True)
    categories = tuple(str(kind) for kind in range(10))
    signature = Signature(
        tuple(Column(f"pixel {place}") for place in range(64)),
        (Column("digit", kind="category", categories=categories),),
    )
    trainer = LBFGS(members=1, alpha=0.3)
    scores, times, theirs = [], [], []
    for seed in range(3):
        known, fresh, known_kinds, fresh_kinds = train_test_split(data, kinds, test_size=0.25, random_state=seed)
        table = Dataset(known, known_kinds[:, None].astype(float))
        began = perf_counter()
        predictor = train(TrainingSpec(signature, table, trainer.default_network, trainer)).predictor
        times.append((perf_counter() - began) / 6)  # five of them for calibration
        scores.append(np.mean(predictor.predict(fresh).most_probable == fresh_kinds))
        learner = MLPClassifier(hidden_layer_sizes=(64,), max_iter=400, random_state=seed)
        theirs.append((seconds(lambda: learner.fit(known / 16, known_kinds)), learner.score(fresh / 16, fresh_kinds)))  # noqa: B023
    print(f"digits: {np.mean(scores):.4f} (at least .975) in {np.mean(times):.2f} s a network (at most 1)")
    print("  scikit-learn's MLPClassifier: {1:.4f} in {0:.2f} s".format(*np.mean(theirs, axis=0)))


def main() -> None:
    """Print every claim about training."""
    mixtures()
    digits()


if __name__ == "__main__":
    main()
