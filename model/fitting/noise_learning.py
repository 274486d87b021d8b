"""Learning the noise: small networks on the logarithm of the squared leave-one-out residuals.

The means stay as they are; a target's noise network is kept only if it makes the rows more probable.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from model.arrays import FloatArray
from model.fitting.ensemble_fitter import EnsembleFitter, FittedEnsemble
from model.fitting.preparation import Prepared
from model.fitting.reporting import NEEDS_ROWS, skip
from model.posterior import LeaveOneOut
from model.predictors import NoiseNetwork, noise_architecture, to_multipliers
from model.report import Refinement
from model.table import Dataset, standardise
from model.trainers import LevenbergMarquardt

NAME = "noise network"
MIN_ROWS = 100
MIN_GAIN_NATS = 3.0

MEMBERS = range(50, 53)
"""The numbers of the noise's networks; those of the means have others, so no start is used twice."""

LOG_CHI_SQUARE = -1.2704
"""The mean of the logarithm of a squared standard normal variable: minus Euler's constant, minus log 2."""


def learn_noise(
    fitter: EnsembleFitter, fitted: FittedEnsemble, plain: Prepared
) -> tuple[NoiseNetwork | None, LeaveOneOut, list[Refinement]]:
    """Learn the noise of each target, from inputs without ramps (`plain`).

    Returns the network, the predictions of each row without it that follow, and what was tried.
    """
    before = fitted.left_out
    if len(before.residuals) < MIN_ROWS:
        return None, before, [skip(NAME, NEEDS_ROWS.format(MIN_ROWS))]
    learned = [_learn(fitter, fitted, plain, target) for target in range(before.residuals.shape[1])]
    refinements = [each.refinement(column.name) for each, column in zip(learned, plain.targets.columns, strict=True)]
    if not any(each.kept for each in learned):
        return None, before, refinements
    scale = np.array([each.scale if each.kept else 0.0 for each in learned])
    network = NoiseNetwork(plain.network_inputs, np.stack([each.parameters for each in learned]), scale)
    multipliers = np.stack(
        [each.multipliers if each.kept else np.ones(len(before.residuals)) for each in learned], axis=1
    )
    return network, LeaveOneOut(before.residuals, before.variances * multipliers), refinements


class _Learned(NamedTuple):
    """One target's noise."""

    parameters: FloatArray
    scale: float
    multipliers: FloatArray
    """(samples,): of the variance of each row's prediction without it."""
    gain: float

    @property
    def kept(self) -> bool:
        return self.gain > MIN_GAIN_NATS

    def refinement(self, target: str) -> Refinement:
        reason = (
            "intervals follow the noise from row to row" if self.kept else f"it gains less than {MIN_GAIN_NATS:g} nats"
        )
        return Refinement(f"{NAME} for {target!r}", "kept" if self.kept else "dropped", reason, self.gain)


def _learn(fitter: EnsembleFitter, fitted: FittedEnsemble, plain: Prepared, target: int) -> _Learned:
    one = LeaveOneOut(*(part[:, [target]] for part in fitted.left_out))
    logarithms = np.log(one.residuals**2 / one.variances + 1e-3) - LOG_CHI_SQUARE
    scaler = standardise(logarithms, ())
    inputs = np.column_stack([plain.scaled.features, fitted.outputs[:, target]])
    scaled = Dataset(inputs, scaler.apply(logarithms))
    prepared = replace(plain, scaled=scaled, architecture=noise_architecture(inputs.shape[1]))
    noise = fitter.train(LevenbergMarquardt(), prepared, MEMBERS)
    predicted = scaled.targets + noise.left_out.residuals
    multipliers = to_multipliers(predicted, scaler.scale)
    gain = LeaveOneOut(one.residuals, one.variances * multipliers).score - one.score
    return _Learned(noise.ensemble.parameters, float(scaler.scale[0]), multipliers[:, 0], gain)
