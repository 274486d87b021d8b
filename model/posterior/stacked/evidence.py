"""Priors and evidence of many networks side by side: as in `posterior.evidence`, with one more axis in front."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from model.arrays import FloatArray, IntArray
from model.network import Architecture
from model.posterior.evidence import ALPHA_RANGE, ParameterGroups, Prior, group_parameters
from model.posterior.stacked.curvature import StackedCurvature


class StackedGroups:
    """Which parameters share one alpha: the same in all networks."""

    def __init__(self, architecture: Architecture, input_groups: tuple[int, ...] | None) -> None:
        self.one: ParameterGroups = group_parameters(architecture, input_groups)
        self._members = np.eye(len(self.one.sizes))[self.one.numbers]

    def spread(self, by_group: FloatArray) -> FloatArray:
        """Return the value of each parameter's group: (networks, parameters)."""
        return by_group[:, self.one.numbers]

    def sums(self, values: FloatArray) -> FloatArray:
        """Sum values (networks, parameters) over each group: (networks, groups)."""
        return np.asarray(
            np.matmul(values[:, None], self._members)[:, 0]
        )  # a product for each network: no other counts


@dataclass(frozen=True, eq=False)
class StackedPrior:
    """The precisions of weights and noise of each network."""

    alpha: FloatArray
    """(networks, groups)"""
    beta: FloatArray
    """(networks, targets)"""
    pseudo_variance: FloatArray
    """(networks, targets)"""

    @staticmethod
    def of(priors: Sequence[Prior]) -> "StackedPrior":
        """Stack priors of single networks; their root weights are left out."""
        return StackedPrior(
            np.stack([each.alpha for each in priors]),
            np.stack([each.beta for each in priors]),
            np.stack([each.pseudo_variance for each in priors]),
        )

    def one(self, network: int, root_weights: FloatArray | None) -> Prior:
        """Return a network's prior."""
        return Prior(self.alpha[network], self.beta[network], self.pseudo_variance[network], root_weights)

    def take(self, which: IntArray | slice) -> "StackedPrior":
        """Return those of these networks alone."""
        return StackedPrior(self.alpha[which], self.beta[which], self.pseudo_variance[which])

    def put(self, which: IntArray | slice, others: "StackedPrior") -> "StackedPrior":
        """Return the same with others in the places `which`."""
        alpha, beta = self.alpha.copy(), self.beta.copy()
        alpha[which], beta[which] = others.alpha, others.beta
        return replace(self, alpha=alpha, beta=beta)


Counted = tuple[StackedCurvature, IntArray]
"""The curvature of each network, and how many rows (networks,) it comes from."""


class StackedEvidence(NamedTuple):
    """How well each network explains its rows, under its prior."""

    value: FloatArray
    """(networks,): in nats."""
    by_group: FloatArray
    """(networks, groups): effective numbers of parameters."""
    by_target: FloatArray
    """(networks, targets)"""
    squares: FloatArray
    """(networks, groups): summed squared parameters."""


def evidences_of(
    parameters: FloatArray, groups: StackedGroups, prior: StackedPrior, counted: Counted
) -> StackedEvidence:
    """Return each network's evidence (MacKay 1992, equations 2.21 and 4.8)."""
    curvature, counts = counted
    effective = curvature.effective_parameters(groups.spread(prior.alpha), prior.beta)
    alpha, beta, squares = prior.alpha, prior.beta, groups.sums(parameters**2)
    misfit = (beta * curvature.squares).sum(axis=1) + (alpha * squares).sum(axis=1)
    normalisers = (groups.one.sizes * np.log(alpha)).sum(axis=1) + counts * np.log(beta / (2 * np.pi)).sum(axis=1)
    pseudo = (np.log(beta) - beta * prior.pseudo_variance).sum(axis=1)
    value = 0.5 * (normalisers + pseudo - misfit) - effective.half_log_determinant
    by_group = np.minimum(np.maximum(groups.sums(effective.by_parameter), 1e-9), groups.one.sizes)
    return StackedEvidence(value, by_group, effective.by_target, squares)


def update_priors(prior: StackedPrior, evidence: StackedEvidence, counted: Counted) -> StackedPrior:
    """Re-estimate alpha and beta, as `posterior.evidence.update_prior` does."""
    curvature, counts = counted
    estimate = evidence.by_group / (evidence.squares + 1e-8)
    alpha = np.minimum(np.maximum(np.sqrt(prior.alpha * estimate), ALPHA_RANGE[0]), ALPHA_RANGE[1])
    spare = np.maximum(counts[:, None] - evidence.by_target, 0.0)
    return replace(prior, alpha=alpha, beta=(spare + 1.0) / (curvature.squares + prior.pseudo_variance))
