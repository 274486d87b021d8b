"""Growth: where the rows can bear more than the base network, a larger one or one with steps may follow them better.

One scout of each kind is trained; if the better one beats the single base networks, an ensemble of it is,
and the better ensemble is kept. What counts is how probable each row is without itself; the evidence
chooses wrongly here.
"""

import numpy as np

from model.arrays import FloatArray
from model.fitting.ensemble_fitter import Candidate, Workshop
from model.fitting.preparation import Prepared, stepped, widened
from model.fitting.reporting import FEW_ROWS, TOO_DEAR, skipped
from model.report import Attempt
from model.trainers import Trainer

ROWS_PER_PARAMETER = 2
RAMPS = 5
WIDER = 2
LEAST_MEMBERS = 3
"""With fewer networks the larger kind is no match for the base ensemble."""
WORTH_A_SCOUT = 2
"""For so many networks of a kind, at what they are expected to cost, the budget has to reach before one is tried. What
they really cost, often less, is known from the scout."""


def grow(
    workshop: Workshop, trainer: Trainer, base: Candidate, features: FloatArray
) -> tuple[Candidate, list[Attempt]]:
    """Return the base ensemble or a better one, and what was tried."""
    prepared = base.prepared
    kinds = {"steps": stepped(prepared, features, RAMPS), "wide": widened(prepared, WIDER)}
    least = ROWS_PER_PARAMETER * prepared.architecture.parameter_count
    if len(prepared.scaled) < least:
        return base, [skipped(_name(kind), FEW_ROWS.format(least)) for kind in kinds]
    scouts = {
        kind: workshop.train(trainer, larger, [0])
        for kind, larger in kinds.items()
        if workshop.budget.affords(min(WORTH_A_SCOUT, trainer.members) * _cost(trainer, larger, base))
    }
    attempts = [skipped(_name(kind), TOO_DEAR) for kind in kinds if kind not in scouts]
    single = float(np.mean([member.left_out.score for member in base.members]))
    gains = {kind: scout.left_out.score - single for kind, scout in scouts.items()}
    best = max(gains, key=lambda kind: gains[kind], default=None)
    attempts += [
        Attempt(_name(kind), "dropped", "a single network of it is no better than those of another kind", gain)
        for kind, gain in gains.items()
        if kind != best or gain <= 0
    ]
    if best is None or gains[best] <= 0:
        return base, attempts
    members = min(trainer.members, 1 + int(workshop.budget.left // _cost(trainer, kinds[best], scouts[best])))
    if members < min(LEAST_MEMBERS, trainer.members):
        return base, [*attempts, Attempt(_name(best), "dropped", TOO_DEAR, gains[best])]
    more = workshop.train(trainer, kinds[best], range(1, members))
    return _better(base, scouts[best].with_more(more), attempts, best)


def _better(base: Candidate, grown: Candidate, attempts: list[Attempt], kind: str) -> tuple[Candidate, list[Attempt]]:
    gain = grown.left_out.score - base.left_out.score
    if gain > 0:
        return grown, [*attempts, Attempt(_name(kind), "kept", "rows are more probable without themselves", gain)]
    return base, [*attempts, Attempt(_name(kind), "dropped", "the ensemble of it is no better", gain)]


def _cost(trainer: Trainer, larger: Prepared, like: Candidate) -> float:
    """What a network of a larger kind costs if it takes as many epochs as those of another candidate did."""
    epochs = float(np.mean([done.epochs for done in like.fits]))
    return epochs * trainer.epoch_cost(larger.architecture, len(larger.scaled))


def _name(kind: str) -> str:
    return f"growth: {kind}"
