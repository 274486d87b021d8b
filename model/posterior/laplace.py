"""How far a prediction may be off: the posterior of an ensemble's networks, and what each row would say if left out.

Laplace's approximation needs only the final network, the rows and the Jacobian, so it follows any
trainer: given the table, the parameters are normal around their estimate with covariance A^-1, where A
is the curvature of the regularised sum of squares (MacKay 1992). A prediction's variance is that of the
noise, that of the parameters along the Jacobian, and the disagreement of the ensemble's members.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from model.arrays import FloatArray
from model.network import CACHED_BYTES, LANES, LARGEST_BYTES, MANY_LANES, Ensemble, EnsemblePass, Network
from model.posterior import student_t as student
from model.posterior.covariance import Covariance
from model.posterior.evidence import Prior, Weighed, estimated, groups, weigh
from model.posterior.row_blocks import RowBlocks
from model.table import Dataset

LARGEST_COVARIANCE = 1000
"""Parameters. Of a larger network the last layer alone is held uncertain (Kristiadi et al. 2020)."""

LARGEST_LEVERAGE = 0.999
"""A row that determines its own prediction alone would leave nothing over."""


@dataclass(frozen=True, eq=False)
class Posterior:
    """What is uncertain about an ensemble, its members side by side; in scaled units."""

    factor: FloatArray
    """(members, any number, covered): F with A^-1 = F'F, over the last parameters of each network."""
    noise: FloatArray
    """(members, targets): the variance of the noise, 1 / beta."""
    scale: FloatArray
    """(targets,): what the variance of a prediction is multiplied by; NaN where no spread can be estimated."""
    dof: FloatArray
    """(targets,): degrees of freedom of the t-distribution of a prediction."""
    prior: FloatArray | None = None
    """(members, covered): where the rows are few, A^-1 is diag(prior) - F'F."""

    @property
    def lanes(self) -> int:
        """How many rows the product with F should take at a time: with several targets each takes as many."""
        is_at_hand = self.factor.nbytes <= CACHED_BYTES or len(self.dof) >= MANY_LANES // LANES
        return LANES if is_at_hand else MANY_LANES


class MemberPosterior(NamedTuple):
    """What is uncertain about one network."""

    covariance: Covariance
    """Of the last parameters."""
    prior: Prior
    weighed: Weighed
    first_weights: FloatArray
    """(inputs,): the variance of the weights that leave each input, 1 / alpha."""
    left_out: "LeaveOneOut"
    """What this network alone would have said about each row."""


def member_posterior(network: Network, dataset: Dataset, prior: Prior | None) -> MemberPosterior:
    """Approximate the posterior of a trained network; without a prior, one is estimated from the evidence.

    A network that was trained without it is not at the bottom of the regularised sum of squares: what it would
    say of a row without that row is then reckoned from there, one Gauss-Newton step away.
    """
    architecture, parameters = network.architecture, network.parameters
    of_parameters = groups(architecture, dataset.input_groups)
    first = 0
    if architecture.parameter_count > LARGEST_COVARIANCE:
        rows, units = architecture.blocks[-1]
        first = architecture.parameter_count - rows * units
        of_parameters, prior = of_parameters.last(rows * units), None
    blocks = RowBlocks(architecture, dataset, first)
    blocks.parameters[:] = parameters
    curvature = blocks.curvature(None if prior is None else prior.root_weights)
    is_settled = prior is not None
    if prior is None:
        guess = Prior.start(of_parameters, dataset.targets)
        prior, weighed = estimated(guess, parameters[first:], of_parameters, curvature)
    else:
        weighed = weigh(parameters, of_parameters, prior, curvature)
    alpha = prior.alpha[of_parameters.numbers]
    covariance = curvature.covariance(alpha, prior.beta)
    (weights, _), *_ = architecture.layers(parameters if first else 1.0 / np.sqrt(alpha))
    slope = curvature.gradient(prior.beta) + alpha * parameters[first:]
    left_out = leave_one_out(network, covariance, prior, dataset, None if is_settled else covariance.times(slope))
    return MemberPosterior(covariance, prior, weighed, np.mean(weights**2, axis=1), left_out)


class LeaveOneOut(NamedTuple):
    """What would have been said about each row by what was trained without it; in scaled units."""

    residuals: FloatArray
    """(samples, targets): prediction - target."""
    variances: FloatArray
    """(samples, targets): of the prediction."""

    @property
    def score(self) -> float:
        """How probable the targets were, in nats, with the t-distributions that suit them best."""
        squares = self.residuals**2 / self.variances
        fits = sum(student.fit(squares[:, target])[2] for target in range(squares.shape[1]))
        return fits - 0.5 * float(np.log(self.variances).sum())

    @staticmethod
    def mixed(members: Sequence["LeaveOneOut"]) -> "LeaveOneOut":
        """Average over the members of an ensemble; their disagreement counts as variance."""
        residuals, variances = (np.stack(parts) for parts in zip(*members, strict=True))
        return LeaveOneOut(residuals.mean(axis=0), variances.mean(axis=0) + residuals.var(axis=0))


def leave_one_out(
    network: Network, covariance: Covariance, prior: Prior, dataset: Dataset, step: FloatArray | None = None
) -> LeaveOneOut:
    """Reckon a network's leave-one-out residuals from the leverages, without training anew.

    With B the noise precisions and H = sqrt(B) J A^-1 J' sqrt(B) of one row (targets x targets), leaving
    it out changes its residual to (I - H)^-1 r and its covariance to H (I - H)^-1: exact for a linear network
    at the bottom of its regularised sum of squares, or from where `step` (covered,) is subtracted to be there.
    """
    ensemble = Ensemble(network.architecture, network.parameters[None])
    size = max(1, LARGEST_BYTES // (8 * network.architecture.parameter_count * len(prior.beta)))
    noise = np.broadcast_to(1.0 / prior.beta, dataset.targets.shape)
    pulling = noise if prior.root_weights is None else noise / prior.root_weights**2
    parts = []
    for start in range(0, len(dataset), size):
        rows = slice(start, start + size)
        features = dataset.features[rows]
        passing = EnsemblePass(ensemble, len(features), len(features), covariance.factor)
        passing.inputs[:] = features.T
        outputs, jacobian = passing.outputs_and_jacobian()
        jacobian = jacobian[0]
        residuals = outputs[0].T - dataset.targets[rows]
        if step is not None:
            residuals -= np.einsum("kpn,p->nk", jacobian, step)
        parts.append(_left_out(residuals, covariance.between(jacobian), pulling[rows], noise[rows]))
    return LeaveOneOut(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def _left_out(residuals: FloatArray, known: FloatArray, pulling: FloatArray, noise: FloatArray) -> LeaveOneOut:
    """Return the residuals (samples, targets) with each row left out.

    `known` is J A^-1 J' (samples, targets, targets); `pulling` the variances 1 / B with which the
    rows were learned from, `noise` those with which they scatter.
    """
    root = np.sqrt(pulling)
    leverages, axes = np.linalg.eigh(known / (root[:, :, None] * root[:, None]))
    left = 1.0 - np.clip(leverages, 0.0, LARGEST_LEVERAGE)
    along = np.einsum("nkl,nk->nl", axes, residuals / root) / left
    inflated = np.einsum("nkl,nl->nk", axes**2, (1.0 - left) / left) * pulling
    return LeaveOneOut(np.einsum("nkl,nl->nk", axes, along) * root, noise + inflated)


def fit_student(left_out: LeaveOneOut, effective: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the scale and the degrees of freedom (targets,) of the predictions' t-distributions.

    `effective` is each target's effective number of parameters. Leverages are optimistic and the fit
    knows it only in part, so the fitted scale is gone towards half-way, as a geometric mean with 1. No
    distribution is surer of its scale than the rows that are left over for the noise.
    """
    squares = left_out.residuals**2 / left_out.variances
    fits = [student.fit(squares[:, target]) for target in range(squares.shape[1])]
    spare = np.maximum(len(squares) - effective, 1.0)
    return np.sqrt([scale for scale, _, _ in fits]), np.minimum([dof for _, dof, _ in fits], spare)
