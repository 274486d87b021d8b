"""Leave-one-out: what would be predicted of each row by a network that was trained without it, without training anew.

With B the noise precisions and H = sqrt(B) J A^-1 J' sqrt(B) of one row (targets x targets; its leverage), leaving
the row out changes its residual to (I - H)^-1 r and the covariance of its outputs to H (I - H)^-1, by Woodbury's
identity: exact for a linear network at the minimum of its regularised sum of squares.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from model.arrays import FloatArray
from model.network import MAX_JACOBIAN_BYTES, Ensemble, EnsemblePass, Network
from model.posterior import student_t
from model.posterior.cholesky import Covariance
from model.posterior.evidence import Prior
from model.table import Dataset

MAX_LEVERAGE = 0.999
"""Leverages are taken to be at most so large: a row that alone determines its prediction would leave no residual."""


class LeaveOneOut(NamedTuple):
    """The predictions of each row by an ensemble that was trained without it; in scaled units."""

    residuals: FloatArray
    """(samples, targets): prediction - target."""
    variances: FloatArray
    """(samples, targets): of the prediction."""

    @property
    def score(self) -> float:
        """The log probability of the targets, in nats, under the t-distributions that fit them best."""
        squares = self.residuals**2 / self.variances
        log_densities = sum(student_t.fit(squares[:, target])[2] for target in range(squares.shape[1]))
        return log_densities - 0.5 * float(np.log(self.variances).sum())

    @staticmethod
    def average(members: Sequence["LeaveOneOut"]) -> "LeaveOneOut":
        """Average over the members of an ensemble; their disagreement counts as variance."""
        residuals, variances = (np.stack(parts) for parts in zip(*members, strict=True))
        return LeaveOneOut(residuals.mean(axis=0), variances.mean(axis=0) + residuals.var(axis=0))


def compute_leave_one_out(
    network: Network, covariance: Covariance, prior: Prior, dataset: Dataset, step: FloatArray | None = None
) -> LeaveOneOut:
    """Compute a network's leave-one-out residuals from the leverages.

    A network that is not at the minimum of its regularised sum of squares is moved there by `step` (covered,), one
    Gauss-Newton step that is subtracted from its parameters.
    """
    ensemble = Ensemble(network.architecture, network.parameters[None])
    size = max(1, MAX_JACOBIAN_BYTES // (8 * network.architecture.parameter_count * len(prior.beta)))
    noise = np.broadcast_to(1.0 / prior.beta, dataset.targets.shape)
    fitted_noise = noise if prior.root_weights is None else noise / prior.root_weights**2
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
        parts.append(remove_rows(residuals, covariance.propagate(jacobian), fitted_noise[rows], noise[rows]))
    return LeaveOneOut(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def remove_rows(
    residuals: FloatArray, functional_variance: FloatArray, fitted_noise: FloatArray, noise: FloatArray
) -> LeaveOneOut:
    """Return the residuals (samples, targets) with each row left out.

    `functional_variance` is J A^-1 J' (samples, targets, targets); `fitted_noise` the variances 1 / B with which the
    rows entered the fit, `noise` those with which they scatter.
    """
    root = np.sqrt(fitted_noise)
    leverages, axes = np.linalg.eigh(functional_variance / (root[:, :, None] * root[:, None]))
    left = 1.0 - np.clip(leverages, 0.0, MAX_LEVERAGE)
    projected = np.einsum("nkl,nk->nl", axes, residuals / root) / left
    inflated = np.einsum("nkl,nl->nk", axes**2, (1.0 - left) / left) * fitted_noise
    return LeaveOneOut(np.einsum("nkl,nl->nk", axes, projected) * root, noise + inflated)


def fit_student(left_out: LeaveOneOut, effective: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the scale and the degrees of freedom (targets,) of the predictions' t-distributions.

    `effective` is each target's effective number of parameters. Leverages are optimistic and the fit
    corrects that only in part, so the scale is the geometric mean of the fitted one and 1. No distribution has
    more degrees of freedom than rows are left over for the noise.
    """
    squares = left_out.residuals**2 / left_out.variances
    fitted = [student_t.fit(squares[:, target]) for target in range(squares.shape[1])]
    spare = np.maximum(len(squares) - effective, 1.0)
    return np.sqrt([scale for scale, _, _ in fitted]), np.minimum([dof for _, dof, _ in fitted], spare)
