"""The choice of a target transform, by cross-validation: the scale on which unseen rows are most probable."""

from dataclasses import replace

import numpy as np

from model.arrays import FloatArray, IntArray
from model.fitting.ensemble_fitter import Workshop
from model.fitting.inspection import varying
from model.fitting.preparation import Prepared, prepare
from model.fitting.reporting import FEW_ROWS, TOO_DEAR, skipped
from model.network import EnsemblePass
from model.posterior import student_t as student
from model.report import Attempt
from model.table import TRANSFORMS, Dataset, Signature, Transform
from model.trainers import LevenbergMarquardt, NetworkOptions

LEAST_ROWS = 500
MOST_ROWS = 1000
FOLDS = 3
EPOCHS = 150
"""At most. Cut shorter, scales would be compared by how fast they are learned on."""
LEAST_GAIN = 0.05
"""Nats a row."""
DEAREST = 1.05
"""By what factor the root mean squared error may rise for it."""
NAME = "target transform"

TRAINER = LevenbergMarquardt(max_epochs=EPOCHS)


def choose_transforms(
    workshop: Workshop, signature: Signature, table: Dataset, options: NetworkOptions
) -> tuple[tuple[str, ...], list[Attempt]]:
    """Return the name of each target's transform, and what was tried."""
    if len(table) < LEAST_ROWS:
        return ("identity",) * len(signature.targets), [skipped(NAME, FEW_ROWS.format(LEAST_ROWS))]
    rows = np.random.default_rng([workshop.seed, LEAST_ROWS]).permutation(len(table))[:MOST_ROWS]
    names, attempts = [], []
    for target, column in enumerate(signature.targets):
        alone = Signature(signature.features, (column,))
        one = Dataset(table.features, table.targets[:, [target]])
        name, tried = _choose(workshop, alone, one, (options, rows))
        names.append(name)
        attempts += tried
    return tuple(names), attempts


def _choose(
    workshop: Workshop, signature: Signature, table: Dataset, how: tuple[NetworkOptions, IntArray]
) -> tuple[str, list[Attempt]]:
    options, rows = how
    (column,) = signature.targets
    suiting = {name: made for name, make in TRANSFORMS.items() if (made := make(column)) and made.suits(table.targets)}
    if len(suiting) == 1 or not varying(table.targets).all():
        return "identity", [skipped(f"{NAME} for {column.name!r}", "no transform suits all its values")]
    prepared = {name: prepare(signature, table, options, (name,)) for name in suiting}
    plain = prepared["identity"]
    if not workshop.budget.affords(
        len(suiting) * FOLDS * EPOCHS / 2 * TRAINER.epoch_cost(plain.architecture, len(rows))
    ):
        return "identity", [skipped(f"{NAME} for {column.name!r}", TOO_DEAR)]
    scores = {
        name: _cross_validated(workshop, prepared[name], transform, table.targets, rows)
        for name, transform in suiting.items()
    }
    likelihood, error = scores["identity"]
    fair = {name: score - likelihood - LEAST_GAIN for name, (score, rmse) in scores.items() if rmse <= DEAREST * error}
    fair["identity"] = 0.0
    best = max(fair, key=lambda name: fair[name])
    gains = {name: (score - likelihood) * len(table) for name, (score, _) in scores.items() if name != "identity"}
    return best, [
        _attempt(f"{NAME} {name} for {column.name!r}", gain, kept=name == best) for name, gain in gains.items()
    ]


def _attempt(name: str, gain: float, *, kept: bool) -> Attempt:
    because = "unseen rows are more probable" if kept else "unseen rows are not much more probable, or more wrong"
    return Attempt(name, "kept" if kept else "dropped", because, gain)


def _cross_validated(
    workshop: Workshop, prepared: Prepared, transform: Transform, targets: FloatArray, rows: IntArray
) -> tuple[float, float]:
    """Return the log likelihood a row and the root mean squared error of unseen rows, in the target's units."""
    likelihood = squares = 0.0
    fold_of = np.arange(len(rows)) % FOLDS
    for fold in range(FOLDS):
        unseen, truth = rows[fold_of == fold], targets[rows[fold_of == fold], 0]
        seen = replace(prepared, scaled=prepared.scaled.take(rows[fold_of != fold]))
        trained = workshop.train(TRAINER, seen, [fold])
        passing = EnsemblePass(trained.ensemble, len(unseen), len(unseen))
        passing.inputs[:] = prepared.scaled.features[unseen].T
        outputs, jacobian = passing.outputs_and_jacobian()
        (member,) = trained.members
        known = member.covariance.between(jacobian[0])[:, 0, 0] + 1.0 / member.prior.beta[0]
        residuals = prepared.scaled.targets[unseen, 0] - outputs[0, 0]
        # Scale and tails of a typical fit to leave-one-out residuals; that itself would cost an ensemble.
        densities = student.log_density(residuals**2 / (0.8 * known), 5.0) - 0.5 * np.log(known)
        (scale,) = prepared.targets.scaler.scale
        likelihood += float((densities - np.log(scale) + transform.log_slope(truth)).sum())
        answers = prepared.targets.quantiles(outputs[0, 0][:, None])[:, 0]
        squares += float(((answers - truth) ** 2).sum())
    return likelihood / len(rows), float(np.sqrt(squares / len(rows)))
