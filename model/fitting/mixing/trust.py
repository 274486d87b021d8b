"""Trust in leave-one-out: with few rows, folds undersell what the last rows teach, and leverages tell it for nothing.

But leverages hold fixed what was fitted to the row left out as well. So they are believed only in part; not at all
of candidates whose claims did not hold on unseen rows, nor where the parameters use up the rows, nor from 300 rows on,
where folds alone are as good.
"""

from typing import NamedTuple

import numpy as np

from model.arrays import FloatArray
from model.fitting.candidates import Answers, Fitted, score_rows

MAX_ROWS = 300
MAX_TRUST = 0.65
MAX_SHARE, FULL_SHARE = 0.7, 0.4
"""Of the rows that the parameters use up: from 70 % on there is no trust, below 40 % it is full."""


class CandidateScore(NamedTuple):
    """What one candidate was worth for one target."""

    log_densities: FloatArray
    """(rows,)"""
    scale: float
    """What its variances are multiplied by where it answers."""
    claims: float
    """By how much its squared errors on unseen rows exceeded the variances that it claimed."""
    locations: FloatArray
    """(rows,): what it is believed to say of each row without it."""
    variances: FloatArray
    trust: float


def assess(targets: FloatArray, answers: Answers, fitted: Fitted | None, target: int) -> CandidateScore:
    """Assess what a candidate said of one of the targets (rows, targets); `fitted` tells of leverages, if they count."""
    truth, location, variance = targets[:, target], answers.locations[:, target], answers.variances[:, target]
    scores = score_rows(truth - location, variance)
    if fitted is None or fitted.left_out is None or fitted.effective is None:
        return CandidateScore(scores.log_densities, scores.scale, scores.scale, location, variance, 0.0)
    residuals, own_variance = fitted.left_out.residuals[:, target], fitted.left_out.variances[:, target]
    own = score_rows(residuals, own_variance)
    trust = measure_trust(scores.scale, float(fitted.effective[target]) / len(truth))
    believed = own.log_densities - 0.5 * np.log(max(scores.scale, 1.0))
    return CandidateScore(
        (1 - trust) * scores.log_densities + trust * believed,
        scores.scale ** (1 - trust / 2) * own.scale ** (trust / 2),
        scores.scale,
        (1 - trust) * location + trust * (truth + residuals),
        variance ** (1 - trust) * own_variance**trust,
        trust,
    )


def measure_trust(claims: float, share: float) -> float:
    """Return how far leverages are believed, between 0 and .65; `share` of the rows is used up by parameters."""
    spare = np.clip((MAX_SHARE - share) / (MAX_SHARE - FULL_SHARE), 0.0, 1.0)
    return float(MAX_TRUST * spare / (1 + 4 * max(claims - 1, 0.0) ** 2))
