"""How classes are mixed: a temperature for each candidate, and weights under which unseen rows are most probable."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.arrays import FloatArray, IntArray
from model.fitting.classes.scoring import fit_temperature, label_probabilities
from model.fitting.mixing import drop_small
from model.network import softmax

ROUNDS = 200


@dataclass(frozen=True, eq=False)
class ClassWeights:
    """What each candidate is worth."""

    weights: FloatArray
    """(candidates,)"""
    temperatures: FloatArray
    """(candidates,)"""

    def mix(self, logits: Sequence[FloatArray]) -> FloatArray:
        """Return probabilities (rows, classes) of what each candidate says, (members, rows, classes)."""
        said = zip(self.weights, logits, self.temperatures, strict=True)
        return np.asarray(sum(weight * softmax(each / temperature).mean(axis=0) for weight, each, temperature in said))


def weigh_classes(logits: Sequence[FloatArray], labels: IntArray, priors: FloatArray) -> ClassWeights:
    """Weigh candidates by what they said of unseen rows: logits (members, rows, classes) of each.

    Each candidate is given `priors` (candidates,) rows beforehand (a Dirichlet prior): of few rows chance alone would choose.
    """
    temperatures = [fit_temperature(each, labels) for each in logits]
    said = zip(logits, temperatures, strict=True)
    probabilities = np.stack([label_probabilities(each, labels, temperature) for each, temperature in said])
    return ClassWeights(drop_small(stack_probabilities(probabilities, priors)), np.array(temperatures))


def stack_probabilities(probabilities: FloatArray, priors: FloatArray) -> FloatArray:
    """Return the weights under which the mixture of probabilities (candidates, rows) is largest, by expectation-maximisation.

    The log-loss of a mixture is convex in its weights, so there is one minimum. Each candidate is given `priors` rows.
    """
    weights = np.full(len(probabilities), 1.0 / len(probabilities))
    for _ in range(ROUNDS):
        shares = probabilities * weights[:, None]
        weights = (shares / shares.sum(axis=0)).sum(axis=1) + priors
        weights /= weights.sum()
    return weights


def mix_unseen(logits: Sequence[FloatArray], labels: IntArray, folds: IntArray, priors: FloatArray) -> FloatArray:
    """Return probabilities (rows, classes) of a mixture whose weights and temperatures have not seen a row's fold either."""
    mixed = np.empty(logits[0].shape[1:])
    for fold in np.unique(folds).tolist():
        rows, others = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        rest = others if len(others) else rows  # a single row is all there is
        weighted = weigh_classes([each[:, rest] for each in logits], labels[rest], priors)
        mixed[rows] = weighted.mix([each[:, rows] for each in logits])
    return mixed
