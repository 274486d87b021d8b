"""The evidence and its estimates, against Bayesian linear regression, where everything is known."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.linear_model import BayesianRidge

from model.network.network import Architecture, Network
from model.posterior.curvature import Curvature
from model.posterior.evidence import ParameterGroups, Prior, estimate_prior, evidence_of, group_parameters, update_prior
from model.posterior.row_blocks import RowBlocks
from model.table.dataset import Dataset

_rng = np.random.default_rng(1)  # of these two tables alone
LINE = Architecture((4, 1), bias=False)
FEATURES = _rng.standard_normal((40, 4))
TARGETS = FEATURES @ np.array([[1.0], [-2.0], [0.0], [0.5]]) + 0.3 * _rng.standard_normal((40, 1))


def curvature_at(parameters: np.ndarray, rows: int = 40) -> Curvature:
    blocks = RowBlocks(LINE, Dataset(FEATURES[:rows], TARGETS[:rows]))
    blocks.parameters[:] = parameters
    return blocks.curvature()


def test_a_linear_network_has_the_posterior_of_bayesian_ridge() -> None:
    ridge = BayesianRidge(fit_intercept=False).fit(FEATURES, TARGETS[:, 0])
    alpha, beta = np.full(4, ridge.lambda_), np.array([ridge.alpha_])
    curvature = curvature_at(np.zeros(4))

    mean = -curvature.step(alpha, beta, np.zeros(4))
    (factor, _) = curvature.covariance(alpha, beta)

    np.testing.assert_allclose(mean, ridge.coef_, rtol=1e-8)
    np.testing.assert_allclose(factor.T @ factor, ridge.sigma_, rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("rows", [3, 40])
def test_the_evidence_of_a_linear_network_is_its_marginal_likelihood(rows: int) -> None:
    """Targets are normal with covariance X X' / alpha + 1 / beta, plus the pseudo-observation's share."""
    grouped = group_parameters(LINE)
    prior = Prior(np.array([0.5, 1.0, 2.0, 4.0]), np.array([7.0]), np.array([0.01]))
    step = curvature_at(np.zeros(4), rows).step(prior.alpha, prior.beta, np.zeros(4))
    covariance = FEATURES[:rows] @ np.diag(1 / prior.alpha) @ FEATURES[:rows].T + np.eye(rows) / 7.0
    pseudo = 0.5 * (np.log(7.0) - 7.0 * 0.01)

    evidence = evidence_of(-step, grouped, prior, curvature_at(-step, rows))

    known = multivariate_normal(np.zeros(rows), covariance).logpdf(TARGETS[:rows, 0])
    np.testing.assert_allclose(evidence.value, known + pseudo, rtol=1e-10)
    np.testing.assert_allclose(evidence.by_group.sum(), evidence.by_target.sum())


def test_the_estimate_is_where_the_evidence_is_highest() -> None:
    grouped = group_parameters(LINE)
    parameters = np.linalg.lstsq(FEATURES, TARGETS[:, 0])[0]
    curvature = curvature_at(parameters)
    prior, evidence = estimate_prior(Prior.start(grouped, TARGETS), parameters, grouped, curvature)

    for factor in (0.8, 1.25):
        for alpha, beta in ((factor, 1.0), (1.0, factor)):
            other = Prior(prior.alpha * alpha, prior.beta * beta, prior.pseudo_variance)
            assert evidence_of(parameters, grouped, other, curvature).value < evidence.value


def test_estimated_noise_is_that_of_the_table() -> None:
    grouped = group_parameters(LINE)
    parameters = np.linalg.lstsq(FEATURES, TARGETS[:, 0])[0]

    prior, _ = estimate_prior(Prior.start(grouped, TARGETS), parameters, grouped, curvature_at(parameters))

    assert 0.2 < float(prior.beta[0]) ** -0.5 < 0.4


def test_alpha_goes_half_way_on_a_logarithmic_scale() -> None:
    grouped = ParameterGroups(np.zeros(4, dtype=np.intp), np.array([4.0]))
    prior = Prior(np.array([2.0]), np.array([1.0]), np.array([0.01]))
    parameters = np.array([1.0, 1.0, 1.0, 1.0])
    curvature = curvature_at(parameters)
    evidence = evidence_of(parameters, grouped, prior, curvature)

    following = update_prior(prior, evidence, parameters, grouped, curvature)

    np.testing.assert_allclose(following.alpha[0], np.sqrt(2.0 * evidence.by_group[0] / 4.0), rtol=1e-6)


def test_groups_are_one_an_input_one_a_bias_and_one_a_further_layer() -> None:
    network = Network(Architecture((2, 3, 1)), np.zeros(13))

    grouped = group_parameters(network.architecture)

    assert grouped.numbers.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4]
    assert grouped.sizes.tolist() == [3, 3, 3, 3, 1]
    assert grouped.last(4).numbers.tolist() == [0, 0, 0, 1]


def test_inputs_may_share_a_group_and_biases_may_be_absent() -> None:
    assert group_parameters(Architecture((3, 2, 1)), (0, 1, 1)).numbers.tolist() == [0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4]
    assert group_parameters(Architecture((2, 2, 1), bias=False)).numbers.tolist() == [0, 0, 1, 1, 2, 2]
