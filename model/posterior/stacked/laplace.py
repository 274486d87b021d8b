"""Posteriors, leave-one-out and predictions of many networks of one shape side by side, each with rows of its own.

As in `posterior.laplace`; where a network's matrices are large, its work is done by that.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from model.arrays import FloatArray, IntArray
from model.network import MAX_JACOBIAN_BYTES, Ensemble, StackedDerivatives
from model.posterior.cholesky import Covariance
from model.posterior.evidence import Evidence, Prior
from model.posterior.laplace import MemberPosterior, approximate_posterior
from model.posterior.leave_one_out import LeaveOneOut, remove_rows
from model.posterior.stacked.curvatures import StackedPass, networks_at_once
from model.posterior.stacked.evidence import StackedGroups, StackedPrior, evidences_of
from model.posterior.stacked.rows import StackedRows
from model.table import Dataset


def approximate_posteriors(
    ensemble: Ensemble, dataset: Dataset, rows_of_each: Sequence[IntArray] | None, priors: Sequence[Prior | None]
) -> tuple[MemberPosterior, ...]:
    """Return what `approximate_posterior` does for each network and its rows of a scaled dataset; None: all rows for all."""
    networks = len(ensemble.parameters)
    rows = rows_of_each or [np.arange(len(dataset))] * networks
    at_once = networks_at_once(ensemble.architecture, dataset.targets.shape[1] * max(map(len, rows)))
    found: list[MemberPosterior] = []
    for first in range(0, networks, at_once):
        some = slice(first, first + at_once)
        known = [prior for prior in priors[some] if prior is not None]
        if at_once == 1 or len(known) < len(priors[some]):
            alone = zip(ensemble.members[some], rows[some], priors[some], strict=True)
            found += [approximate_posterior(network, dataset.take(mine), prior) for network, mine, prior in alone]
        else:
            stack = Ensemble(ensemble.architecture, ensemble.parameters[some])
            stacked = StackedRows.of(dataset, rows[some] if rows_of_each else None, len(known))
            found += _Posteriors(stack, stacked, known, dataset.input_groups).members()
    return tuple(found)


class _Posteriors:
    """The posteriors of one stack."""

    def __init__(
        self, ensemble: Ensemble, rows: StackedRows, priors: Sequence[Prior], input_groups: tuple[int, ...] | None
    ) -> None:
        self._ensemble, self._rows, self._priors = ensemble, rows, priors
        self._groups = StackedGroups(ensemble.architecture, input_groups)
        self._prior = StackedPrior.of(priors)
        self._passes = StackedPass(ensemble.architecture, rows)
        self._residuals = self._passes.residuals(ensemble.parameters)
        self._student = self._stacked_root_weights()
        weights = rows.weights(self._student)
        self._curvature = self._passes.curvature(slice(None), self._residuals, weights)

    def members(self) -> list[MemberPosterior]:
        """Return each network's."""
        alpha, beta, parameters = self._groups.spread(self._prior.alpha), self._prior.beta, self._ensemble.parameters
        evidence = evidences_of(parameters, self._groups, self._prior, (self._curvature, self._rows.counts))
        covariances = self._curvature.covariances(alpha, beta)
        (weights, _), *_ = self._ensemble.architecture.layers((1.0 / np.sqrt(alpha)).T)
        first_weights = np.mean(weights**2, axis=1).T
        evidences = [
            Evidence(float(value), *numbers)
            for value, *numbers in zip(evidence.value, evidence.by_group, evidence.by_target, strict=True)
        ]
        parts = zip(covariances, self._priors, evidences, first_weights, self._left_out(covariances), strict=True)
        return [MemberPosterior(*part) for part in parts]

    def _left_out(self, covariances: Sequence[Covariance]) -> list[LeaveOneOut]:
        """See `posterior.laplace.leave_one_out`; the slopes are those without the rows' weights."""
        jacobian = self._passes.jacobian(slice(None), None)[..., :-1]
        networks, targets, samples, _ = jacobian.shape
        known = _propagate(covariances, jacobian)
        noise = np.broadcast_to(1.0 / self._prior.beta[:, None], (networks, samples, targets))
        learned = noise if self._student is None else noise / self._student.swapaxes(1, 2) ** 2
        residuals = self._residuals.swapaxes(1, 2)
        flat = (each.reshape(-1, *each.shape[2:]) for each in (residuals, known, learned, noise))
        whole = remove_rows(*flat)
        residuals, variances = (each.reshape(networks, samples, targets) for each in whole)
        return [
            LeaveOneOut(residuals[one, :count], variances[one, :count]) for one, count in enumerate(self._rows.counts)
        ]

    def _stacked_root_weights(self) -> FloatArray | None:
        if all(prior.root_weights is None for prior in self._priors):
            return None
        stacked = np.ones(self._residuals.shape)
        for weights, prior in zip(stacked, self._priors, strict=True):
            if prior.root_weights is not None:
                weights[:, : len(prior.root_weights)] = prior.root_weights.T
        return stacked


class RowPredictions(NamedTuple):
    """What one network says about rows, in scaled units."""

    locations: FloatArray
    """(rows, targets)"""
    variances: FloatArray
    """(rows, targets): of a prediction: the noise's, and what is uncertain about the parameters."""


def predict_rows(
    ensemble: Ensemble,
    members: Sequence[MemberPosterior],
    features: FloatArray,
    rows_of_each: Sequence[IntArray] | None = None,
) -> tuple[RowPredictions, ...]:
    """Return what each network says about its own rows of scaled features (rows, inputs); None: about all of them.

    For rows that a network was not trained on, these are its out-of-fold predictions.
    """
    architecture = ensemble.architecture
    rows = rows_of_each or [np.arange(len(features))] * len(members)
    size = max(1, *map(len, rows))
    at_once = max(1, MAX_JACOBIAN_BYTES // (8 * architecture.parameter_count * architecture.layer_sizes[-1] * size))
    found: list[RowPredictions] = []
    for first in range(0, len(members), at_once):
        some = slice(first, first + at_once)
        stack = Ensemble(architecture, ensemble.parameters[some])
        found += _predict_stack(stack, members[some], features, rows[some])
    return tuple(found)


def _predict_stack(
    ensemble: Ensemble, members: Sequence[MemberPosterior], features: FloatArray, rows: Sequence[IntArray]
) -> list[RowPredictions]:
    architecture, networks = ensemble.architecture, len(members)
    samples = max(map(len, rows))
    taken = np.stack([np.pad(mine, (0, samples - len(mine))) for mine in rows])
    step = max(1, MAX_JACOBIAN_BYTES // (8 * architecture.parameter_count * architecture.layer_sizes[-1] * networks))
    parts = []
    for start in range(0, samples, step):
        chosen = features[taken[:, start : start + step]]
        derivatives = StackedDerivatives(architecture, chosen, networks)
        outputs = derivatives.outputs(ensemble.parameters)
        jacobian = np.empty((networks, outputs.shape[2], outputs.shape[1], architecture.parameter_count))
        derivatives.jacobian(slice(None), None, jacobian)
        known = _propagate([member.covariance for member in members], jacobian)
        parts.append((outputs.copy(), np.einsum("nskk->nsk", known)))
    locations, variances = (np.concatenate(part, axis=1) for part in zip(*parts, strict=True))
    variances += np.stack([1.0 / member.prior.beta for member in members])[:, None]
    return [RowPredictions(locations[one, : len(mine)], variances[one, : len(mine)]) for one, mine in enumerate(rows)]


def _propagate(covariances: Sequence[Covariance], jacobian: FloatArray) -> FloatArray:
    """Return J A^-1 J' (networks, samples, targets, targets) for Jacobians (networks, targets, samples, parameters)."""
    known = np.empty((len(jacobian), jacobian.shape[2], jacobian.shape[1], jacobian.shape[1]))
    for one, covariance, slopes in zip(known, covariances, jacobian, strict=True):
        one[:] = covariance.propagate(slopes[..., -covariance.factor.shape[1] :].swapaxes(1, 2))
    return known
