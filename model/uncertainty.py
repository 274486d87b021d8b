"""How far a prediction may be off: the posterior of an ensemble's networks, and what each row would say if left out.

Laplace's approximation needs only the final network, the rows and the Jacobian, so it follows any
trainer: given the table, the parameters are normal around their estimate with covariance A^-1, where A
is the curvature of the regularised sum of squares (MacKay 1992). A prediction's variance is that of the
noise, that of the parameters along the Jacobian, and the disagreement of the ensemble's members.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from model import student
from model.activations import FloatArray
from model.dataset import Dataset
from model.derivatives import ensemble_jacobian
from model.evidence import Prior, Weighed, estimated, groups, weigh
from model.network import Ensemble, Network
from model.row_blocks import RowBlocks

LARGEST_COVARIANCE = 1500
"""Parameters. Of a larger network the last layer alone is held uncertain (Kristiadi et al. 2020)."""

LARGEST_LEVERAGE = 0.999
"""A row that determines its own prediction alone would leave nothing over."""

CHUNK_BYTES = 1 << 24
"""Of Jacobian at a time, while predictions are spread."""


@dataclass(frozen=True, eq=False)
class Posterior:
    """What is uncertain about an ensemble, its members side by side; in scaled units."""

    factor: FloatArray
    """(members, covered, covered): F with A^-1 = F'F, over the last parameters of each network."""
    noise: FloatArray
    """(members, targets): the variance of the noise, 1 / beta."""
    scale: FloatArray
    """(targets,): what the variance of a prediction is multiplied by; NaN where no spread can be estimated."""
    dof: FloatArray
    """(targets,): degrees of freedom of the t-distribution of a prediction."""

    def spread(self, jacobian: FloatArray) -> FloatArray:
        """Turn a Jacobian (..., members, targets, parameters, samples) into F J, whose squares sum to the variance."""
        covered = self.factor.shape[-1]
        return self.factor[:, None] @ jacobian[..., -covered:, :]


class MemberPosterior(NamedTuple):
    """What is uncertain about one network."""

    factor: FloatArray
    """(covered, covered)"""
    prior: Prior
    weighed: Weighed
    first_weights: FloatArray
    """(inputs,): the variance of the weights that leave each input, 1 / alpha."""


def member_posterior(network: Network, dataset: Dataset, prior: Prior | None) -> MemberPosterior:
    """Approximate the posterior of a trained network; without a prior, one is estimated from the evidence."""
    architecture, parameters = network.architecture, network.parameters
    of_parameters = groups(architecture, dataset.input_groups)
    first = 0
    if architecture.parameter_count > LARGEST_COVARIANCE:
        rows, units = architecture.blocks[-1]
        first = architecture.parameter_count - rows * units
        of_parameters, prior = of_parameters.last(rows * units), None
    blocks = RowBlocks(architecture, dataset, first)
    blocks.parameters[:] = parameters
    curvature = blocks.curvature()
    if prior is None:
        guess = Prior.start(of_parameters, dataset.targets)
        prior, weighed = estimated(guess, parameters[first:], of_parameters, curvature)
    else:
        weighed = weigh(parameters, of_parameters, prior, curvature)
    alpha = prior.alpha[of_parameters.numbers]
    (weights, _), *_ = architecture.layers(parameters if first else 1.0 / np.sqrt(alpha))
    return MemberPosterior(curvature.factor(alpha, prior.beta), prior, weighed, np.mean(weights**2, axis=1))


class LeaveOneOut(NamedTuple):
    """What an ensemble trained without a row would have said about that row; in scaled units."""

    residuals: FloatArray
    """(samples, targets): prediction - target."""
    variances: FloatArray
    """(samples, targets): of the prediction."""


def leave_one_out(ensemble: Ensemble, posterior: Posterior, dataset: Dataset) -> LeaveOneOut:
    """Reckon the leave-one-out residuals from the leverages, without training anew.

    With B the noise precisions and H = sqrt(B) J A^-1 J' sqrt(B) of one row (targets x targets), leaving
    it out changes its residual to (I - H)^-1 r and its covariance to H (I - H)^-1: exact for a linear network.
    """
    members, targets = posterior.noise.shape
    size = max(1, CHUNK_BYTES // (8 * members * targets * ensemble.architecture.parameter_count))
    root = np.sqrt(posterior.noise)[:, None, :]
    residuals, variances = [], []
    for start in range(0, len(dataset), size):
        block = dataset.take(slice(start, start + size))
        outputs, jacobian = ensemble_jacobian(ensemble, block.features.T[None])
        known = posterior.spread(jacobian) / root[:, 0, :, None, None]
        leverages, axes = np.linalg.eigh(np.einsum("mkpn,mlpn->mnkl", known, known))
        left = 1.0 - np.clip(leverages, 0.0, LARGEST_LEVERAGE)
        whitened = (outputs - block.targets.T).swapaxes(-1, -2) / root
        along = np.einsum("mnkl,mnk->mnl", axes, whitened) / left
        residuals.append(np.einsum("mnkl,mnl->mnk", axes, along) * root)
        variances.append((1.0 + np.einsum("mnkl,mnl->mnk", axes**2, (1.0 - left) / left)) * root**2)
    each, within = np.concatenate(residuals, axis=1), np.concatenate(variances, axis=1)
    return LeaveOneOut(each.mean(axis=0), within.mean(axis=0) + each.var(axis=0))


def fit_student(left_out: LeaveOneOut, effective: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the scale and the degrees of freedom (targets,) of the predictions' t-distributions.

    `effective` is each target's effective number of parameters. Leverages are optimistic and the fit
    knows it only in part, so the fitted scale is gone towards half-way, as a geometric mean with 1. No
    distribution is surer of its scale than the rows that are left over for the noise.
    """
    squares = left_out.residuals**2 / left_out.variances
    fits = [student.fit(squares[:, target]) for target in range(squares.shape[1])]
    spare = np.maximum(len(squares) - effective + 1.0, 1.0)
    return np.sqrt([scale for scale, _, _ in fits]), np.minimum([dof for _, dof, _ in fits], spare)
