"""How a mixture is made: judge, weigh, train what has weight, weigh once more, calibrate."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.arrays import BoolArray, FloatArray
from model.errors import TrainingFailed
from model.fitting.candidates import MAX_ROWS_AT_ONCE, Candidate, Fitted, Task
from model.fitting.mixing import trust
from model.fitting.mixing.assembly import UnseenRows, Weighted, assemble
from model.fitting.mixing.cross_fitting import CrossFit, cross_fit
from model.fitting.mixing.weights import weigh
from model.predictors import Mixture

MAX_CLAIMS = 9.0
"""A candidate whose squared errors on unseen rows exceed its claims by more than this is left out: its deviations are off
by more than a factor of three."""


@dataclass(frozen=True, eq=False)
class MixtureFit:
    """A mixture, and how it came about."""

    mixture: Mixture
    weighted: Weighted
    fitted: tuple[Fitted | None, ...]
    """One a candidate; None for those without weight."""
    behind: tuple[str, ...]
    unseen: UnseenRows


def fit_mixture(
    task: Task, candidates: Sequence[Candidate], members: int, known: BoolArray, coverage: float
) -> MixtureFit:
    """Fit a mixture of candidates to a task; an ensemble has `members` networks where it has all the weight.

    `known` (targets,) tells for which targets a spread can be estimated, `coverage` at which coverage the mixture is judged.
    """
    crossed = cross_fit(task, candidates)
    uses_leverages = len(task.targets) < trust.MAX_ROWS
    first = members if len(task.targets) <= MAX_ROWS_AT_ONCE else 1
    fitted: list[Fitted | None] = [
        each.candidate.fit(first) if uses_leverages and each.candidate.has_leverages else None
        for each in crossed.judged
    ]
    weighted = weigh_candidates(task, crossed, fitted)
    shares = weighted.weights.max(axis=1)
    for number, share in enumerate(shares):
        if share > 0:
            fitted[number] = crossed.judged[number].candidate.fit(int(np.ceil(members * share)))
    if uses_leverages:
        weighted = weigh_candidates(task, crossed, fitted)
        for number in np.flatnonzero((weighted.weights.max(axis=1) > 0) & (shares == 0)).tolist():
            fitted[number] = crossed.judged[number].candidate.fit(1)
    mixture, unseen = assemble(task, weighted, fitted, known, coverage)
    if not mixture.parts:
        raise TrainingFailed("no candidate has a finite answer for these rows; try columns of more usual size")
    return MixtureFit(mixture, weighted, tuple(fitted), crossed.behind, unseen)


def weigh_candidates(task: Task, crossed: CrossFit, fitted: Sequence[Fitted | None]) -> Weighted:
    """Assess and weigh the candidates for each target."""
    truth = task.targets[task.folds.judged_rows]
    assessments = tuple(
        tuple(trust.assess(truth, each.answers, one, target) for each, one in zip(crossed.judged, fitted, strict=True))
        for target in range(truth.shape[1])
    )
    columns = [_weigh_target(truth[:, target], crossed, each) for target, each in enumerate(assessments)]
    return Weighted(crossed.judged, assessments, np.column_stack(columns))


def _weigh_target(truth: FloatArray, crossed: CrossFit, assessments: Sequence[trust.CandidateScore]) -> FloatArray:
    """(candidates,): without those whose claims were far off; the mean always stays."""
    priors = np.array([each.candidate.prior for each in crossed.judged])
    claims = np.array([each.claims for each in assessments])
    names = [each.candidate.name for each in crossed.judged]
    used = np.flatnonzero((claims <= MAX_CLAIMS) | (np.array(names) == "mean")).tolist()
    weights = np.zeros(len(assessments))
    densities = np.stack([assessments[number].log_densities for number in used])
    locations = np.stack([assessments[number].locations for number in used])
    weights[used] = weigh(densities, locations, truth, priors[used])
    return weights
