"""Reporting: from what was trained to the members of its report."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from model.arrays import FloatArray
from model.fitting.spec import TrainingSpec
from model.predictors import Prediction
from model.report import Attempt, Relevance
from model.scores import Scores, regression_scores
from model.table import Column
from model.trainers import Fit

COVERAGE = 0.95
"""At which coverage intervals are judged by leaving rows out."""


def of_courses(spec: TrainingSpec, fits: Sequence[Fit], epochs: int) -> dict[str, Any]:
    """Return the members of a report that say what was asked for, and how the best of these networks came about."""
    best = min(fits, key=lambda done: done.loss)
    return {
        "trainer": {"name": spec.trainer.name, **asdict(spec.trainer)},  # type: ignore[call-overload]
        "network": asdict(spec.network),
        "seed": spec.seed,
        "rows": len(spec.dataset),
        "epochs": epochs,
        "stopped_because": best.stopped_because,
        "loss": best.loss,
        "learning_curve": best.curve,
    }


def scores(columns: tuple[Column, ...], truth: FloatArray, said: Prediction | None) -> dict[str, Scores]:
    """Score what is said of rows with truth (rows, targets); with intervals, also how many of them hold the truth."""
    scored: dict[str, Scores] = {}
    for target, column in enumerate(columns):
        if said is None or (said.lower is not None and np.isnan(said.lower[:, target]).any()):
            scored[column.name] = {"rmse": None, "mae": None, "r2": None, "coverage": None}
            continue
        scored[column.name] = regression_scores(truth[:, target], said.mean[:, target])
        if said.lower is not None and said.upper is not None:
            held = (said.lower[:, target] <= truth[:, target]) & (truth[:, target] <= said.upper[:, target])
            scored[column.name]["coverage"] = float(held.mean())
    return scored


def relevances(columns: tuple[Column, ...], values: FloatArray) -> dict[str, Relevance]:
    """Bring the features' relevances (features,) to between 0 and 1."""
    largest = values.max()
    shares = values / largest if largest > 0 else values
    return {column.name: Relevance.of(float(share)) for column, share in zip(columns, shares, strict=True)}


def skipped(name: str, because: str) -> Attempt:
    """Return an attempt that was not made."""
    return Attempt(name, "skipped", because)


OFF = "it is switched off"
FEW_ROWS = "it needs at least {} rows"
TOO_DEAR = "the budget does not reach that far"
"""Why something was skipped."""
