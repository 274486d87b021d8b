"""Learning the noise: small networks on the logarithm of the squared leave-one-out residuals.

The answers themselves stay as they are; a target's noise network is kept only if it makes the rows more probable.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from model.arrays import FloatArray
from model.fitting.ensemble_fitter import Candidate, Workshop
from model.fitting.preparation import Prepared
from model.fitting.reporting import FEW_ROWS, skipped
from model.posterior import LeaveOneOut
from model.predictors import NoiseNetwork, as_multipliers, noise_architecture
from model.report import Attempt
from model.table import Dataset, standardising
from model.trainers import LevenbergMarquardt

NAME = "noise network"
LEAST_ROWS = 100
LEAST_GAIN = 3.0

MEMBERS = range(50, 53)
"""Their numbers; the answers' networks have others, so no start is used twice."""

LOG_CHI_SQUARE = -1.2704
"""The mean of the logarithm of a squared standard normal variable: minus Euler's constant, minus log 2."""


def learn_noise(
    workshop: Workshop, candidate: Candidate, plain: Prepared
) -> tuple[NoiseNetwork | None, LeaveOneOut, list[Attempt]]:
    """Learn the noise of each target, from inputs without ramps (`plain`).

    Returns the network, what is now said of each row without it, and what was gained.
    """
    before = candidate.left_out
    if len(before.residuals) < LEAST_ROWS:
        return None, before, [skipped(NAME, FEW_ROWS.format(LEAST_ROWS))]
    learned = [_learn(workshop, candidate, plain, target) for target in range(before.residuals.shape[1])]
    attempts = [each.attempt(column.name) for each, column in zip(learned, plain.targets.columns, strict=True)]
    if not any(each.kept for each in learned):
        return None, before, attempts
    scale = np.array([each.scale if each.kept else 0.0 for each in learned])
    network = NoiseNetwork(plain.encoding, np.stack([each.parameters for each in learned]), scale)
    multipliers = np.stack(
        [each.multipliers if each.kept else np.ones(len(before.residuals)) for each in learned], axis=1
    )
    return network, LeaveOneOut(before.residuals, before.variances * multipliers), attempts


class _Learned(NamedTuple):
    """One target's noise."""

    parameters: FloatArray
    scale: float
    multipliers: FloatArray
    """(samples,): what is said of each row without it."""
    gain: float

    @property
    def kept(self) -> bool:
        return self.gain > LEAST_GAIN

    def attempt(self, target: str) -> Attempt:
        because = (
            "intervals follow the noise from row to row" if self.kept else f"it gains less than {LEAST_GAIN:g} nats"
        )
        return Attempt(f"{NAME} for {target!r}", "kept" if self.kept else "dropped", because, self.gain)


def _learn(workshop: Workshop, candidate: Candidate, plain: Prepared, target: int) -> _Learned:
    one = LeaveOneOut(*(part[:, [target]] for part in candidate.left_out))
    logarithms = np.log(one.residuals**2 / one.variances + 1e-3) - LOG_CHI_SQUARE
    scaler = standardising(logarithms, ())
    inputs = np.column_stack([plain.scaled.features, candidate.outputs[:, target]])
    scaled = Dataset(inputs, scaler.apply(logarithms))
    prepared = replace(plain, scaled=scaled, architecture=noise_architecture(inputs.shape[1]))
    noise = workshop.train(LevenbergMarquardt(), prepared, MEMBERS)
    said = scaled.targets + noise.left_out.residuals
    multipliers = as_multipliers(said, scaler.scale)
    gain = LeaveOneOut(one.residuals, one.variances * multipliers).score - one.score
    return _Learned(noise.ensemble.parameters, float(scaler.scale[0]), multipliers[:, 0], gain)
