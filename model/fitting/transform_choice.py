"""The choice of a target transform: the scale on which unseen rows are most probable.

Cheap candidates judge: ridge regression, a kernel machine, the mean. Trees have a say in the end, since a scale that
suits the others may not suit them.
"""

from typing import NamedTuple

import numpy as np

from model.arrays import FloatArray
from model.candidates import (
    KernelOptions,
    TreeOptions,
    fit_kernel_machine,
    fit_oblivious_trees,
    fit_ridge,
    tree_options,
)
from model.fitting.candidates import score_rows
from model.fitting.inspection import find_varying
from model.fitting.mixing import stack_locations
from model.fitting.reporting import NEEDS_ROWS, OFF, skip
from model.fitting.spec import TrainingSpec
from model.report import Refinement
from model.table import TRANSFORMS, Column, Transform
from model.trainers import OnEpoch

MIN_ROWS = 20
MAX_ROWS = 300
FOLDS = 5
MIN_GAIN_NATS_PER_ROW = 0.05
"""What a transform has to gain to be chosen: log likelihood of unseen rows."""
MAX_RMSE_RATIO = 1.03
"""By what factor a transform may raise the root mean squared error of unseen rows."""
MIN_SKEWNESS, MIN_RANGE = 1.0, 10.0
"""A positive target needs another scale if it is skewed, or if its largest value is so many times its smallest."""
MIN_ROWS_FOR_TREES, TREES, RATE = 200, 300, 0.1
KERNEL = KernelOptions(rounds=2, widths=(1.5, 5.0))
NODES = (np.arange(40) + 0.5) / 40
NAME = "target transform"
NEEDS_COLUMNS = "it is tried on columns of numbers, and there are none"


def choose_transforms(
    spec: TrainingSpec, columns: FloatArray, on_epoch: OnEpoch
) -> tuple[tuple[str, ...], list[Refinement]]:
    """Return the name of each target's transform, and what was tried; `columns` (rows, columns) are numbers without gaps."""
    targets, none = spec.signature.targets, ("identity",) * len(spec.signature.targets)
    if not spec.trainer.refinements.target_transform:
        return none, [skip(NAME, OFF)]
    if not columns.shape[1]:
        return none, [skip(NAME, NEEDS_COLUMNS)]
    if len(columns) < MIN_ROWS:
        return none, [skip(NAME, NEEDS_ROWS.format(MIN_ROWS))]
    rows = np.random.default_rng([spec.seed, MIN_ROWS]).permutation(len(columns))[:MAX_ROWS]
    pairs = zip(targets, spec.dataset.targets[rows].T, strict=True)
    chosen = [_choose(column, _Trial(columns[rows], values, spec.seed, on_epoch)) for column, values in pairs]
    return tuple(name for name, _ in chosen), [each for _, tried in chosen for each in tried]


class _Trial(NamedTuple):
    """Some rows, on which scales are tried."""

    columns: FloatArray
    values: FloatArray
    """(rows,): of one target."""
    seed: int
    on_epoch: OnEpoch
    """Called before each scale is tried, so that the training may be stopped: where it stands is at the mean."""


class _Score(NamedTuple):
    """What a scale was worth on unseen rows."""

    log_densities: FloatArray
    """(rows,): in the target's own units."""
    rmse: float


def _choose(column: Column, trial: _Trial) -> tuple[str, list[Refinement]]:
    name = f"{NAME} for {column.name!r}"
    suiting = {key: made for key, make in TRANSFORMS.items() if (made := make(column)) and made.suits(trial.values)}
    if not _is_skewed(trial.values):
        suiting = {key: made for key, made in suiting.items() if key not in {"root", "log"}}
    if len(suiting) == 1 or not find_varying(trial.values[:, None]).all():
        return "identity", [skip(name, "no other scale suits its values better")]
    scores = {key: _score(trial, transform) for key, transform in suiting.items()}
    plain = scores.pop("identity")
    gains = {key: score.log_densities - plain.log_densities for key, score in scores.items()}
    fair = {key: float(gain.sum()) for key, gain in gains.items() if _is_gain(gain, scores[key], plain)}
    best = max(fair, key=lambda key: fair[key], default="identity")
    if best != "identity" and not _suits_trees(trial, suiting["identity"], suiting[best]):
        best = "identity"
    return best, [_to_refinement(f"{NAME} {key} for {column.name!r}", gain, key == best) for key, gain in gains.items()]


def _is_skewed(values: FloatArray) -> bool:
    if values.min() <= 0:
        return False
    skewness = float(np.mean(((values - values.mean()) / (values.std() or 1.0)) ** 3))
    return bool(values.max() >= MIN_RANGE * values.min() or skewness > MIN_SKEWNESS)


def _is_gain(gain: FloatArray, score: _Score, plain: _Score) -> bool:
    """Whether rows (rows,) are more probable by more than chance, and not more wrong."""
    error = gain.std() / np.sqrt(len(gain))
    return bool(gain.mean() > max(MIN_GAIN_NATS_PER_ROW, error) and score.rmse <= MAX_RMSE_RATIO * plain.rmse)


def _to_refinement(name: str, gain: FloatArray, kept: bool) -> Refinement:  # noqa: FBT001
    reason = "unseen rows are more probable" if kept else "unseen rows are not much more probable, or more wrong"
    return Refinement(name, "kept" if kept else "dropped", reason, float(gain.sum()))


def _score(trial: _Trial, transform: Transform) -> _Score:
    trial.on_epoch(0, 1.0, None)
    transformed = transform.forward(trial.values)
    unit = float(transformed.std())
    scaled, fold = (transformed - transformed.mean()) / unit, np.arange(len(trial.values)) % FOLDS
    kernel = fit_kernel_machine(trial.columns, scaled, fold, np.random.default_rng(trial.seed), KERNEL)
    means = np.array([scaled[fold != number].mean() for number in range(FOLDS)])[fold]
    said = np.stack([kernel.out_of_fold, fit_ridge(trial.columns, scaled, fold).out_of_fold, means])
    location = stack_locations(said, scaled) @ said
    residuals = scaled - location
    variance = np.full(len(residuals), float(np.mean(residuals**2)) + 1e-12)
    densities = score_rows(residuals, variance).log_densities - np.log(unit) + transform.log_slope(trial.values)
    return _Score(densities, _error(trial, transform, location * unit + transformed.mean()))


def _error(trial: _Trial, transform: Transform, location: FloatArray) -> float:
    """Return the root mean squared error of means (Duan 1983) in the target's units, for transformed locations (rows,)."""
    scatter = np.quantile(transform.forward(trial.values) - location, NODES)
    means = transform.inverse(location[:, None] + scatter).mean(axis=1)
    return float(np.sqrt(np.mean((means - trial.values) ** 2)))


def _suits_trees(trial: _Trial, plain: Transform, other: Transform) -> bool:
    if len(trial.values) < MIN_ROWS_FOR_TREES:
        return True
    usual, fold = tree_options(*trial.columns.shape), np.arange(len(trial.values)) % FOLDS
    options = TreeOptions(usual.depth, RATE, max_trees=TREES, bins=usual.bins)
    errors = []
    for transform in (plain, other):
        rng, scaled = np.random.default_rng(trial.seed), transform.forward(trial.values)
        answers = fit_oblivious_trees(trial.columns, scaled, fold, rng, options).out_of_fold
        errors.append(_error(trial, transform, answers))
    return errors[1] <= MAX_RMSE_RATIO * errors[0]
