"""Reporting: from what was trained to the members of its report."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from model.arrays import FloatArray
from model.fitting.spec import TrainingSpec
from model.predictors import Prediction, Regressor
from model.report import Refinement, Relevance
from model.scores import Scores, regression_scores
from model.table import Column
from model.trainers import Fit

COVERAGE = 0.95
"""The coverage at which the report scores leave-one-out intervals."""


MAX_MOVED_CELLS, MAX_MOVED_ROWS, MIN_MOVED_ROWS = 20_000, 200, 16
"""How many answers are computed, at most, to tell the features' relevance."""


def training_facts(spec: TrainingSpec, fits: Sequence[Fit], epochs: int) -> dict[str, Any]:
    """Return the members of a report about the request, and about the training of the best of these networks."""
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


def score_predictions(
    columns: tuple[Column, ...], truth: FloatArray, predicted: Prediction | None
) -> dict[str, Scores]:
    """Score predictions against the truth (rows, targets); with intervals, also by how many of them hold it."""
    scored: dict[str, Scores] = {}
    for target, column in enumerate(columns):
        if predicted is None or (predicted.lower is not None and np.isnan(predicted.lower[:, target]).any()):
            scored[column.name] = {"rmse": None, "mae": None, "r2": None, "coverage": None}
            continue
        scored[column.name] = regression_scores(truth[:, target], predicted.mean[:, target])
        if predicted.lower is not None and predicted.upper is not None:
            held = (predicted.lower[:, target] <= truth[:, target]) & (truth[:, target] <= predicted.upper[:, target])
            scored[column.name]["coverage"] = float(held.mean())
    return scored


def scale_relevances(columns: tuple[Column, ...], values: FloatArray) -> dict[str, Relevance]:
    """Bring the features' relevances (features,) to between 0 and 1."""
    largest = values.max()
    shares = values / largest if largest > 0 else values
    return {column.name: Relevance.from_value(float(share)) for column, share in zip(columns, shares, strict=True)}


def measure_relevance(regressor: Regressor, spec: TrainingSpec) -> FloatArray:
    """(features,): see `measure_moves`; a blank or an unseen word counts as it is expected."""

    def locate(features: FloatArray) -> FloatArray:
        locations = regressor.mixture.locations(regressor.category_encoding.apply(features))
        for each in regressor.effects:
            locations = locations + each.location[each.numbers(features)]
        return locations

    return measure_moves(locate, spec)


def measure_moves(answer: Callable[[FloatArray], FloatArray], spec: TrainingSpec) -> FloatArray:
    """(features,): how far answers (rows, any) move if a feature's cells are exchanged among rows (Breiman 2001), root mean square."""
    rng, count = np.random.default_rng(spec.seed), len(spec.signature.features)
    most = int(np.clip(MAX_MOVED_CELLS // count, MIN_MOVED_ROWS, MAX_MOVED_ROWS))
    rows = spec.dataset.features[rng.permutation(len(spec.dataset))[:most]]
    order = np.roll(np.arange(len(rows)), 1)
    tables = np.repeat(rows[None], count + 1, axis=0)
    for feature in range(count):
        tables[feature, :, feature] = rows[order, feature]
    answers = answer(tables.reshape(-1, count)).reshape(count + 1, len(rows), -1)
    moved = (answers[:-1] - answers[-1]) ** 2
    return np.asarray(np.sqrt(moved.mean(axis=(1, 2))))


def skip(name: str, reason: str) -> Refinement:
    """Return a refinement that was not tried."""
    return Refinement(name, "skipped", reason)


OFF = "it is switched off"
NEEDS_ROWS = "it needs at least {} rows"
OVER_BUDGET = "the budget does not reach that far"
"""Reasons to skip a refinement."""
