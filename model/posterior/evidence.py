"""The evidence says how well a network explains its table, counting what its freedom costs (MacKay 1992).

The weights have a normal prior of precision alpha, one for each group of parameters; each target has
noise of precision beta. Both are estimated from the table itself, through the effective number of
parameters: how many of them the rows determine, rather than the prior.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from model.arrays import FloatArray
from model.network import Architecture
from model.posterior.curvature import Curvature, Determined

PSEUDO_DEVIATION = 0.1
"""The noise prior: one pseudo-observation, off by a tenth of the target's standard deviation. It keeps beta finite
where a network fits every row."""

ALPHA_RANGE = (1e-6, 1e6)


class Groups(NamedTuple):
    """Which parameters share one alpha."""

    numbers: np.ndarray[tuple[int], np.dtype[np.intp]]
    """(parameters,): the number of each one's group."""
    sizes: FloatArray
    """(groups,): how many parameters each has."""

    def sums(self, values: FloatArray) -> FloatArray:
        """Sum values (parameters,) over each group."""
        return np.bincount(self.numbers, values, len(self.sizes)).astype(np.float64)

    def last(self, count: int) -> "Groups":
        """Return the groups of the last `count` parameters alone."""
        numbers = self.numbers[-count:] - self.numbers[-count:].min()
        return Groups(numbers, np.bincount(numbers).astype(np.float64))


def groups(architecture: Architecture, input_groups: tuple[int, ...] | None = None) -> Groups:
    """Group the parameters: the weights leaving each input, each bias vector, each further layer's weights.

    `input_groups` numbers the inputs from 0; those with one number share an alpha. So an input that
    explains nothing can be switched off by itself (automatic relevance determination, MacKay 1994).
    """
    numbers: list[np.ndarray[tuple[int], np.dtype[np.intp]]] = []
    used = 0
    for layer, (rows, units) in enumerate(architecture.blocks):
        weights = np.zeros(rows - architecture.bias, dtype=np.intp)
        if layer == 0:
            weights += np.arange(len(weights)) if input_groups is None else np.array(input_groups)
        of_rows = np.append(weights, weights.max() + 1) if architecture.bias else weights
        numbers.append(np.repeat(of_rows + used, units))
        used += int(of_rows.max()) + 1
    joined = np.concatenate(numbers)
    return Groups(joined, np.bincount(joined).astype(np.float64))


@dataclass(frozen=True, eq=False)
class Prior:
    """The precisions of weights and noise."""

    alpha: FloatArray
    """(groups,)"""
    beta: FloatArray
    """(targets,)"""
    pseudo_variance: FloatArray
    """(targets,): the square of the noise's pseudo-observation."""
    root_weights: FloatArray | None = None
    """(samples, targets): what residuals and Jacobian are multiplied by, where outliers are weighed down."""

    @staticmethod
    def start(groups: Groups, targets: FloatArray) -> "Prior":
        """Return where the estimation starts for scaled targets (samples, targets): wide weights, little noise."""
        variance = targets.var(axis=0)
        variance = np.where(variance > 0, variance, 1.0)
        return Prior(np.full(len(groups.sizes), 0.1), 10.0 / variance, PSEUDO_DEVIATION**2 * variance)

    @staticmethod
    def none(groups: Groups, targets: FloatArray) -> "Prior":
        """Return what makes of the regularised sum of squares the plain one: any weights, and all targets alike."""
        ones = np.ones(targets.shape[1])
        return Prior(np.zeros(len(groups.sizes)), ones, ones)


class Weighed(NamedTuple):
    """A network weighed under a prior, at the bottom of its regularised sum of squares."""

    evidence: float
    """The logarithm of the probability of the targets, in nats."""
    by_group: FloatArray
    """(groups,): effective number of parameters in each group."""
    by_target: FloatArray
    """(targets,): effective number of parameters that each target determines."""


def weigh(parameters: FloatArray, groups: Groups, prior: Prior, curvature: Curvature) -> Weighed:
    """Return the evidence and the effective numbers of parameters (MacKay 1992, equations 2.21 and 4.8)."""
    determined: Determined = curvature.determined(prior.alpha[groups.numbers], prior.beta)
    alpha, beta = prior.alpha, prior.beta
    misfit = float(beta @ curvature.squares + alpha @ groups.sums(parameters**2))
    normalisers = float(groups.sizes @ np.log(alpha) + curvature.samples * np.log(beta / (2 * np.pi)).sum())
    pseudo = float((np.log(beta) - beta * prior.pseudo_variance).sum())
    evidence = 0.5 * (normalisers + pseudo - misfit) - determined.half_log_determinant
    by_group = np.minimum(np.maximum(groups.sums(determined.by_parameter), 1e-9), groups.sizes)
    return Weighed(evidence, by_group, determined.by_target)


def updated(prior: Prior, weighed: Weighed, parameters: FloatArray, groups: Groups, curvature: Curvature) -> Prior:
    """Re-estimate alpha and beta from the effective numbers of parameters.

    The step of alpha is damped to its geometric mean with the old value: the full step switches off an
    input whose effect is only curved before the network has found the curve.
    """
    wanted = weighed.by_group / (groups.sums(parameters**2) + 1e-8)
    alpha = np.minimum(np.maximum(np.sqrt(prior.alpha * wanted), ALPHA_RANGE[0]), ALPHA_RANGE[1])
    spare = np.maximum(curvature.samples - weighed.by_target, 0.0)
    beta = (spare + 1.0) / (curvature.squares + prior.pseudo_variance)
    return Prior(alpha, beta, prior.pseudo_variance, prior.root_weights)


def estimated(prior: Prior, parameters: FloatArray, groups: Groups, curvature: Curvature) -> tuple[Prior, Weighed]:
    """Estimate the prior of a network that was trained without one, from a first guess, and weigh it under that."""
    weighed = weigh(parameters, groups, prior, curvature)
    for _ in range(50):
        before = prior
        prior = updated(before, weighed, parameters, groups, curvature)
        weighed = weigh(parameters, groups, prior, curvature)
        moved = np.concatenate([np.log(prior.alpha / before.alpha), np.log(prior.beta / before.beta)])
        if np.abs(moved).max() < 1e-3:
            break
    return prior, weighed
