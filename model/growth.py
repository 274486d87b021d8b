"""Growth: where the rows can bear more than the base network, a larger one or one with steps may follow them better.

One scout of each kind is trained; if the better one beats the single base networks, an ensemble of it is,
and the better ensemble is kept. What counts is how probable each row is without itself; the evidence
chooses wrongly here.
"""

import numpy as np

from model.activations import FloatArray
from model.attempt import FEW_ROWS, TOO_DEAR, Attempt, skipped
from model.preparation import Prepared, stepped, widened
from model.trainers import Trainer
from model.workshop import Candidate, Workshop

ROWS_PER_PARAMETER = 2
RAMPS = 5
WIDER = 2
LEAST_MEMBERS = 3
"""With fewer networks the larger kind is not worth its scouts."""


def grow(
    workshop: Workshop, trainer: Trainer, base: Candidate, features: FloatArray
) -> tuple[Candidate, list[Attempt]]:
    """Return the base ensemble or a better one, and what was tried."""
    prepared = base.prepared
    kinds = {"wide": widened(prepared, WIDER), "steps": stepped(prepared, features, RAMPS)}
    least = ROWS_PER_PARAMETER * prepared.architecture.parameter_count
    if len(prepared.scaled) < least:
        return base, [skipped(_name(kind), FEW_ROWS.format(least)) for kind in kinds]
    attempts: list[Attempt] = []
    scouts: dict[str, Candidate] = {}
    for kind, larger in kinds.items():
        if workshop.budget.affords(min(LEAST_MEMBERS, trainer.members) * _expected_cost(trainer, base, larger)):
            scouts[kind] = workshop.train(trainer, larger, [0])
        else:
            attempts.append(skipped(_name(kind), TOO_DEAR))
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
    affordable = int(workshop.budget.left // _expected_cost(trainer, base, kinds[best]))
    members = range(1, max(min(LEAST_MEMBERS, trainer.members), min(trainer.members, 1 + affordable)))
    return _better(base, scouts[best].with_more(workshop.train(trainer, kinds[best], members)), attempts, best)


def _better(base: Candidate, grown: Candidate, attempts: list[Attempt], kind: str) -> tuple[Candidate, list[Attempt]]:
    gain = grown.left_out.score - base.left_out.score
    if gain > 0:
        return grown, [*attempts, Attempt(_name(kind), "kept", "rows are more probable without themselves", gain)]
    return base, [*attempts, Attempt(_name(kind), "dropped", "the ensemble of it is no better", gain)]


def _expected_cost(trainer: Trainer, base: Candidate, larger: Prepared) -> float:
    """A network of a larger kind is expected to take as many epochs as one of the base did."""
    epochs = float(np.mean([done.epochs for done in base.fits]))
    return epochs * trainer.epoch_cost(larger.architecture, len(larger.scaled))


def _name(kind: str) -> str:
    return f"growth: {kind}"
