"""The evidence says how well a network explains its table, with a penalty for its free parameters (MacKay 1992).

The weights have a normal prior of precision alpha, one for each group of parameters; each target has
noise of precision beta. Both are estimated from the table itself, through the effective number of
parameters: how many of them the rows determine, rather than the prior.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from model.arrays import FloatArray, IntArray
from model.network import Architecture
from model.posterior.curvature import Curvature

PSEUDO_DEVIATION = 0.1
"""The noise prior: one pseudo-observation, off by a tenth of the target's standard deviation. It keeps beta finite
where a network fits every row."""

ALPHA_RANGE = (1e-6, 1e6)


class ParameterGroups(NamedTuple):
    """Which parameters share one alpha."""

    numbers: IntArray
    """(parameters,): the number of each one's group."""
    sizes: FloatArray
    """(groups,): how many parameters each has."""

    def sums(self, values: FloatArray) -> FloatArray:
        """Sum values (parameters,) over each group."""
        return np.bincount(self.numbers, values, len(self.sizes)).astype(np.float64)

    def last(self, count: int) -> "ParameterGroups":
        """Return the groups of the last `count` parameters alone."""
        numbers = self.numbers[-count:] - self.numbers[-count:].min()
        return ParameterGroups(numbers, np.bincount(numbers).astype(np.float64))


def group_parameters(architecture: Architecture, input_groups: tuple[int, ...] | None = None) -> ParameterGroups:
    """Group the parameters: the weights leaving each input, each bias vector, each further layer's weights.

    `input_groups` numbers the inputs from 0; those with one number share an alpha. So an input that
    explains nothing can be switched off by itself (automatic relevance determination, MacKay 1994).
    """
    numbers: list[IntArray] = []
    used = 0
    for layer, (rows, units) in enumerate(architecture.blocks):
        weights = np.zeros(rows - architecture.bias, dtype=np.intp)
        if layer == 0:
            weights += np.arange(len(weights)) if input_groups is None else np.array(input_groups)
        row_numbers = np.append(weights, weights.max() + 1) if architecture.bias else weights
        numbers.append(np.repeat(row_numbers + used, units))
        used += int(row_numbers.max()) + 1
    all_numbers = np.concatenate(numbers)
    return ParameterGroups(all_numbers, np.bincount(all_numbers).astype(np.float64))


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
    """(samples, targets): what residuals and Jacobian are multiplied by, where outliers have less weight."""

    @staticmethod
    def start(groups: ParameterGroups, targets: FloatArray) -> "Prior":
        """Return where the estimation starts for scaled targets (samples, targets): wide weights, little noise."""
        variance = targets.var(axis=0)
        variance = np.where(variance > 0, variance, 1.0)
        return Prior(np.full(len(groups.sizes), 0.1), 10.0 / variance, PSEUDO_DEVIATION**2 * variance)

    @staticmethod
    def none(groups: ParameterGroups, targets: FloatArray) -> "Prior":
        """Return what makes of the regularised sum of squares the plain one: any weights, and all targets alike."""
        ones = np.ones(targets.shape[1])
        return Prior(np.zeros(len(groups.sizes)), ones, ones)


class Evidence(NamedTuple):
    """How well a network under a prior explains its table, at the minimum of its regularised sum of squares."""

    value: float
    """The log evidence (log marginal likelihood): the logarithm of the probability of the targets, in nats."""
    by_group: FloatArray
    """(groups,): effective number of parameters in each group."""
    by_target: FloatArray
    """(targets,): effective number of parameters that each target determines."""


def evidence_of(parameters: FloatArray, groups: ParameterGroups, prior: Prior, curvature: Curvature) -> Evidence:
    """Return the evidence and the effective numbers of parameters (MacKay 1992, equations 2.21 and 4.8)."""
    effective = curvature.effective_parameters(prior.alpha[groups.numbers], prior.beta)
    alpha, beta = prior.alpha, prior.beta
    misfit = float(beta @ curvature.squares + alpha @ groups.sums(parameters**2))
    normalisers = float(groups.sizes @ np.log(alpha) + curvature.samples * np.log(beta / (2 * np.pi)).sum())
    pseudo = float((np.log(beta) - beta * prior.pseudo_variance).sum())
    value = 0.5 * (normalisers + pseudo - misfit) - effective.half_log_determinant
    by_group = np.minimum(np.maximum(groups.sums(effective.by_parameter), 1e-9), groups.sizes)
    return Evidence(value, by_group, effective.by_target)


def update_prior(
    prior: Prior, evidence: Evidence, parameters: FloatArray, groups: ParameterGroups, curvature: Curvature
) -> Prior:
    """Re-estimate alpha and beta from the effective numbers of parameters.

    The step of alpha is damped to its geometric mean with the old value: the full step switches off an
    input whose effect is only curved before the network has found the curve.
    """
    estimate = evidence.by_group / (groups.sums(parameters**2) + 1e-8)
    alpha = np.minimum(np.maximum(np.sqrt(prior.alpha * estimate), ALPHA_RANGE[0]), ALPHA_RANGE[1])
    spare = np.maximum(curvature.samples - evidence.by_target, 0.0)
    beta = (spare + 1.0) / (curvature.squares + prior.pseudo_variance)
    return Prior(alpha, beta, prior.pseudo_variance, prior.root_weights)


def estimate_prior(
    prior: Prior, parameters: FloatArray, groups: ParameterGroups, curvature: Curvature
) -> tuple[Prior, Evidence]:
    """Estimate the prior of a network that was trained without one, from a first guess, and its evidence under that."""
    evidence = evidence_of(parameters, groups, prior, curvature)
    for _ in range(50):
        before = prior
        prior = update_prior(before, evidence, parameters, groups, curvature)
        evidence = evidence_of(parameters, groups, prior, curvature)
        moved = np.concatenate([np.log(prior.alpha / before.alpha), np.log(prior.beta / before.beta)])
        if np.abs(moved).max() < 1e-3:
            break
    return prior, evidence
