"""Growth: where the rows determine more than the base network, a larger one or one with ramps may fit them better.

One scout of each kind is trained; if the better one beats the single base networks, an ensemble of it is,
and the better ensemble is kept. They are compared by the leave-one-out log probability of the rows; the evidence
chooses wrongly here.
"""

import numpy as np

from model.arrays import FloatArray
from model.fitting.ensemble_fitter import EnsembleFitter, FittedEnsemble
from model.fitting.preparation import Prepared, with_ramps, with_wider_layers
from model.fitting.reporting import NEEDS_ROWS, OVER_BUDGET, skip
from model.report import Refinement
from model.trainers import Trainer

ROWS_PER_PARAMETER = 2
MIN_MEMBERS = 3
"""With fewer networks the larger kind is no match for the base ensemble."""
MIN_AFFORDABLE_MEMBERS = 2
"""A kind is tried if the budget reaches for so many of its networks at their expected cost. What they really cost,
often less, is known from the scout."""


def grow(
    fitter: EnsembleFitter, trainer: Trainer, base: FittedEnsemble, features: FloatArray
) -> tuple[FittedEnsemble, list[Refinement]]:
    """Return the base ensemble or a better one, and what was tried."""
    prepared = base.prepared
    kinds = {"steps": with_ramps(prepared, features), "wide": with_wider_layers(prepared)}
    least = ROWS_PER_PARAMETER * prepared.architecture.parameter_count
    if len(prepared.scaled) < least:
        return base, [skip(_name(kind), NEEDS_ROWS.format(least)) for kind in kinds]
    scouts = {
        kind: fitter.train(trainer, larger, [0])
        for kind, larger in kinds.items()
        if fitter.budget.affords(min(MIN_AFFORDABLE_MEMBERS, trainer.members) * _estimate_cost(trainer, larger, base))
    }
    refinements = [skip(_name(kind), OVER_BUDGET) for kind in kinds if kind not in scouts]
    single = float(np.mean([member.left_out.score for member in base.members]))
    gains = {kind: scout.left_out.score - single for kind, scout in scouts.items()}
    best = max(gains, key=lambda kind: gains[kind], default=None)
    refinements += [
        Refinement(_name(kind), "dropped", "a single network of it is no better than those of another kind", gain)
        for kind, gain in gains.items()
        if kind != best or gain <= 0
    ]
    if best is None or gains[best] <= 0:
        return base, refinements
    members = min(trainer.members, 1 + int(fitter.budget.left // _estimate_cost(trainer, kinds[best], scouts[best])))
    if members < min(MIN_MEMBERS, trainer.members):
        return base, [*refinements, Refinement(_name(best), "dropped", OVER_BUDGET, gains[best])]
    more = fitter.train(trainer, kinds[best], range(1, members))
    return _keep_better(base, scouts[best].with_more(more), refinements, best)


def _keep_better(
    base: FittedEnsemble, grown: FittedEnsemble, refinements: list[Refinement], kind: str
) -> tuple[FittedEnsemble, list[Refinement]]:
    gain = grown.left_out.score - base.left_out.score
    if gain > 0:
        return grown, [*refinements, Refinement(_name(kind), "kept", "rows are more probable without themselves", gain)]
    return base, [*refinements, Refinement(_name(kind), "dropped", "the ensemble of it is no better", gain)]


def _estimate_cost(trainer: Trainer, larger: Prepared, like: FittedEnsemble) -> float:
    """Estimate what a network of a larger kind costs if it takes as many epochs as those of another ensemble did."""
    epochs = float(np.mean([done.epochs for done in like.fits]))
    return epochs * trainer.epoch_cost(larger.architecture, len(larger.scaled))


def _name(kind: str) -> str:
    return f"growth: {kind}"
