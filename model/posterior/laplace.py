"""The posterior of an ensemble's networks: what the table leaves uncertain about their parameters.

Laplace's approximation needs only the final network, the rows and the Jacobian, so it follows any
trainer: given the table, the parameters are normal around their estimate with covariance A^-1, where A
is the curvature of the regularised sum of squares (MacKay 1992; see `curvature`).
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from model.arrays import FloatArray
from model.network import MAX_CACHED_BYTES, MAX_JACOBIAN_BYTES, TILE_ROWS, WIDE_TILE_ROWS, Network
from model.posterior.cholesky import Covariance
from model.posterior.evidence import Evidence, Prior, estimate_prior, evidence_of, group_parameters
from model.posterior.leave_one_out import LeaveOneOut, compute_leave_one_out
from model.posterior.row_blocks import RowBlocks
from model.table import Dataset

MAX_COVARIANCE_SIZE = 3000
"""Rows times targets, or parameters, whichever are fewer: the size of the matrix that is factored for a posterior of all
parameters, and, times the parameters, of what is kept. Beyond it the last layer alone has one (Kristiadi et al. 2020)."""

MAX_ESTIMATION_COST = 1e9
"""Parameters times the square of that size, where the prior has to be estimated: that factors the matrix up to fifty
times."""


@dataclass(frozen=True, eq=False)
class Posterior:
    """The posterior of an ensemble, its members side by side; in scaled units."""

    factor: FloatArray
    """(members, any number, covered): F with A^-1 = F'F, over the last parameters of each network."""
    noise: FloatArray
    """(members, targets): the variance of the noise, 1 / beta."""
    prior: FloatArray | None = None
    """(members, covered): where the rows are few, A^-1 is diag(prior) - F'F."""

    @property
    def tile_rows(self) -> int:
        """How many rows the product with F takes at a time; several targets multiply the columns of one row.

        A tile's Jacobian keeps its limit, if one row's does.
        """
        is_cached = self.factor.nbytes <= MAX_CACHED_BYTES or self.noise.shape[1] >= WIDE_TILE_ROWS // TILE_ROWS
        tile_rows = TILE_ROWS if is_cached else WIDE_TILE_ROWS
        while tile_rows > 1 and tile_rows * self.bytes_a_row > MAX_JACOBIAN_BYTES:
            tile_rows //= 2
        return tile_rows

    @property
    def bytes_a_row(self) -> int:
        """Of the Jacobian that F is multiplied by."""
        return int(self.factor.itemsize * self.noise.size * self.factor.shape[-1])


class MemberPosterior(NamedTuple):
    """The posterior of one network."""

    covariance: Covariance
    """Of the last parameters."""
    prior: Prior
    evidence: Evidence
    first_weights: FloatArray
    """(inputs,): the variance of the weights that leave each input, 1 / alpha."""
    left_out: LeaveOneOut
    """The predictions of each row by this network alone, trained without it."""


def approximate_posterior(network: Network, dataset: Dataset, prior: Prior | None) -> MemberPosterior:
    """Approximate the posterior of a trained network; without a prior, one is estimated from the evidence.

    A network that was trained without it is not at the minimum of the regularised sum of squares: its leave-one-out
    residuals are then computed from there, one Gauss-Newton step away.
    """
    architecture, parameters = network.architecture, network.parameters
    groups = group_parameters(architecture, dataset.input_groups)
    first = 0
    if not _covers_all(architecture.parameter_count, dataset.targets.size, has_prior=prior is not None):
        rows, units = architecture.blocks[-1]
        first = architecture.parameter_count - rows * units
        groups, prior = groups.last(rows * units), None
    blocks = RowBlocks(architecture, dataset, first)
    blocks.parameters[:] = parameters
    curvature = blocks.curvature(None if prior is None else prior.root_weights)
    is_settled = prior is not None
    if prior is None:
        first_guess = Prior.start(groups, dataset.targets)
        prior, evidence = estimate_prior(first_guess, parameters[first:], groups, curvature)
    else:
        evidence = evidence_of(parameters, groups, prior, curvature)
    alpha = prior.alpha[groups.numbers]
    covariance = curvature.covariance(alpha, prior.beta)
    (weights, _), *_ = architecture.layers(parameters if first else 1.0 / np.sqrt(alpha))
    slope = curvature.gradient(prior.beta) + alpha * parameters[first:]
    left_out = compute_leave_one_out(
        network, covariance, prior, dataset, None if is_settled else covariance.times(slope)
    )
    return MemberPosterior(covariance, prior, evidence, np.mean(weights**2, axis=1), left_out)


def _covers_all(parameters: int, residuals: int, *, has_prior: bool) -> bool:
    size = min(parameters, residuals)
    return size <= MAX_COVARIANCE_SIZE and (has_prior or parameters * size**2 <= MAX_ESTIMATION_COST)
