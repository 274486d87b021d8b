"""The choice of a target transform, by cross-validation: the scale on which unseen rows are most probable."""

from dataclasses import replace

import numpy as np

from model.arrays import FloatArray, IntArray
from model.fitting.ensemble_fitter import EnsembleFitter
from model.fitting.inspection import find_varying
from model.fitting.preparation import Prepared, prepare
from model.fitting.reporting import NEEDS_ROWS, OVER_BUDGET, skip
from model.network import EnsemblePass
from model.posterior import student_t
from model.report import Refinement
from model.table import TRANSFORMS, Dataset, Signature, Transform
from model.trainers import LevenbergMarquardt, NetworkOptions

MIN_ROWS = 500
MAX_ROWS = 1000
FOLDS = 3
MAX_EPOCHS = 150
"""Of each trial network. Cut shorter, scales would be compared by how fast they are learned on."""
MIN_GAIN_NATS_PER_ROW = 0.05
"""What a transform has to gain to be chosen: log likelihood of unseen rows."""
MAX_RMSE_RATIO = 1.05
"""By what factor a transform may raise the root mean squared error of unseen rows."""
NAME = "target transform"

TRAINER = LevenbergMarquardt(max_epochs=MAX_EPOCHS)


def choose_transforms(
    fitter: EnsembleFitter, signature: Signature, table: Dataset, options: NetworkOptions
) -> tuple[tuple[str, ...], list[Refinement]]:
    """Return the name of each target's transform, and what was tried."""
    if len(table) < MIN_ROWS:
        return ("identity",) * len(signature.targets), [skip(NAME, NEEDS_ROWS.format(MIN_ROWS))]
    rows = np.random.default_rng([fitter.seed, MIN_ROWS]).permutation(len(table))[:MAX_ROWS]
    names, refinements = [], []
    for target, column in enumerate(signature.targets):
        alone = Signature(signature.features, (column,))
        one = Dataset(table.features, table.targets[:, [target]])
        name, tried = _choose(fitter, alone, one, (options, rows))
        names.append(name)
        refinements += tried
    return tuple(names), refinements


def _choose(
    fitter: EnsembleFitter, signature: Signature, table: Dataset, how: tuple[NetworkOptions, IntArray]
) -> tuple[str, list[Refinement]]:
    options, rows = how
    (column,) = signature.targets
    suiting = {name: made for name, make in TRANSFORMS.items() if (made := make(column)) and made.suits(table.targets)}
    if len(suiting) == 1 or not find_varying(table.targets).all():
        return "identity", [skip(f"{NAME} for {column.name!r}", "no transform suits all its values")]
    prepared = {name: prepare(signature, table, options, (name,)) for name in suiting}
    plain = prepared["identity"]
    if not fitter.budget.affords(
        len(suiting) * FOLDS * MAX_EPOCHS / 2 * TRAINER.epoch_cost(plain.architecture, len(rows))
    ):
        return "identity", [skip(f"{NAME} for {column.name!r}", OVER_BUDGET)]
    scores = {
        name: _cross_validate(fitter, prepared[name], transform, table.targets, rows)
        for name, transform in suiting.items()
    }
    likelihood, error = scores["identity"]
    fair = {
        name: score - likelihood - MIN_GAIN_NATS_PER_ROW
        for name, (score, rmse) in scores.items()
        if rmse <= MAX_RMSE_RATIO * error
    }
    fair["identity"] = 0.0
    best = max(fair, key=lambda name: fair[name])
    gains = {name: (score - likelihood) * len(table) for name, (score, _) in scores.items() if name != "identity"}
    return best, [
        _to_refinement(f"{NAME} {name} for {column.name!r}", gain, kept=name == best) for name, gain in gains.items()
    ]


def _to_refinement(name: str, gain: float, *, kept: bool) -> Refinement:
    reason = "unseen rows are more probable" if kept else "unseen rows are not much more probable, or more wrong"
    return Refinement(name, "kept" if kept else "dropped", reason, gain)


def _cross_validate(
    fitter: EnsembleFitter, prepared: Prepared, transform: Transform, targets: FloatArray, rows: IntArray
) -> tuple[float, float]:
    """Return the log likelihood a row and the root mean squared error of unseen rows, in the target's units."""
    likelihood = squares = 0.0
    fold_of = np.arange(len(rows)) % FOLDS
    for fold in range(FOLDS):
        unseen, truth = rows[fold_of == fold], targets[rows[fold_of == fold], 0]
        seen = replace(prepared, scaled=prepared.scaled.take(rows[fold_of != fold]))
        trained = fitter.train(TRAINER, seen, [fold])
        passing = EnsemblePass(trained.ensemble, len(unseen), len(unseen))
        passing.inputs[:] = prepared.scaled.features[unseen].T
        outputs, jacobian = passing.outputs_and_jacobian()
        (member,) = trained.members
        variances = member.covariance.propagate(jacobian[0])[:, 0, 0] + 1.0 / member.prior.beta[0]
        residuals = prepared.scaled.targets[unseen, 0] - outputs[0, 0]
        # Scale and tails of a typical fit to leave-one-out residuals; that itself would cost an ensemble.
        densities = student_t.log_density(residuals**2 / (0.8 * variances), 5.0) - 0.5 * np.log(variances)
        (scale,) = prepared.targets.scaler.scale
        likelihood += float((densities - np.log(scale) + transform.log_slope(truth)).sum())
        medians = prepared.targets.quantiles(outputs[0, 0][:, None])[:, 0]
        squares += float(((medians - truth) ** 2).sum())
    return likelihood / len(rows), float(np.sqrt(squares / len(rows)))
