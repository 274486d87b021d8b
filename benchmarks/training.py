"""How fast is training? Each claim as a ratio or beside its limit, measured in one run, on one thread.

OPENBLAS_NUM_THREADS=1 python -m benchmarks.training
"""

from time import perf_counter

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

from benchmarks.ours import spec
from benchmarks.problems import Problem, friedman_1
from benchmarks.tutorial import seconds
from model.fitting.spec import TrainingSpec
from model.table.dataset import Dataset
from model.table.signature import Column, Signature
from model.trainers import LBFGS, LevenbergMarquardt
from model.training import train

BASE = LevenbergMarquardt(growth=False, noise_network=False, target_transform=False)


def ensembles() -> None:
    """Print how long the base ensemble takes on tables of several sizes."""
    three = spec(Dataset(np.array([[2.0, 9.0], [1.0, 5.0], [3.0, 6.0]]), np.array([[92.0], [86.0], [89.0]])))
    train(three)
    print(f"three rows: {1e3 * np.median([seconds(lambda: train(three)) for _ in range(100)]):.1f} ms (at most 40)")
    for rows, features, limit in ((500, 13, 2), (1000, 8, 3), (8000, 8, 16)):
        table = Problem("", friedman_1, features, rows, 0.2).draw(rows, 0)
        took = seconds(lambda table=table: train(spec(table, BASE)))  # type: ignore[misc]
        print(f"base ensemble, {rows} x {features}: {took:.2f} s (at most {limit})")
    for rows, limit in ((1000, 15), (10_000, 120)):
        table = Problem("", friedman_1, 8, rows, 0.2).draw(rows, 0)
        took = seconds(lambda table=table: train(spec(table)))  # type: ignore[misc]
        print(f"with all refinements, {rows} x 8: {took:.1f} s (at most {limit})")


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
    ensembles()
    digits()


if __name__ == "__main__":
    main()
