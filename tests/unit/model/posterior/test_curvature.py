"""Both ways to hold the curvature give the answers of the plain matrices."""

import numpy as np
import pytest

from model.arrays import FloatArray
from model.errors import TrainingFailed
from model.network.ensemble_pass import outputs_and_jacobian
from model.network.network import Architecture
from model.posterior.cholesky import cholesky, lower_inverse
from model.posterior.curvature import Curvature, DualSystem, NormalEquations
from model.posterior.row_blocks import RowBlocks
from model.table.dataset import Dataset


def jacobian_with_residuals(rng: np.random.Generator, targets: int) -> FloatArray:
    """(targets, parameters + 1, samples)"""
    return rng.standard_normal((targets, 12 + 1, 5))


def both(jacobian: FloatArray) -> list[Curvature]:
    targets, rows, samples = jacobian.shape
    return [
        NormalEquations(jacobian @ jacobian.swapaxes(1, 2), samples),
        DualSystem(jacobian.swapaxes(0, 1).reshape(rows, targets * samples), targets),
    ]


@pytest.mark.parametrize("targets", [1, 2])
@pytest.mark.parametrize("which", [0, 1])
def test_step_determined_and_covariance_equal_the_dense_formulas(
    rng: np.random.Generator, targets: int, which: int
) -> None:
    whole = jacobian_with_residuals(rng, targets)
    jacobian, residuals = whole[:, :-1], whole[:, -1]
    alpha, beta, prior_gradient = rng.uniform(0.1, 2, 12), rng.uniform(1, 5, targets), rng.standard_normal(12)
    products = [b * each @ each.T for b, each in zip(beta, jacobian, strict=True)]
    dense = sum(products) + np.diag(alpha)
    covariance = np.linalg.inv(dense)
    right = sum(b * each @ r for b, each, r in zip(beta, jacobian, residuals, strict=True)) + prior_gradient

    curvature = both(whole)[which]
    effective_parameters, found = curvature.effective_parameters(alpha, beta), curvature.covariance(alpha, beta)

    np.testing.assert_allclose(curvature.squares, (residuals**2).sum(axis=1))
    np.testing.assert_allclose(curvature.step(alpha, beta, prior_gradient), np.linalg.solve(dense, right), rtol=1e-9)
    np.testing.assert_allclose(effective_parameters.half_log_determinant, 0.5 * np.linalg.slogdet(dense)[1], rtol=1e-9)
    np.testing.assert_allclose(
        effective_parameters.by_parameter, 1 - alpha * np.diag(covariance), rtol=1e-9, atol=1e-12
    )
    np.testing.assert_allclose(
        effective_parameters.by_target, [np.trace(covariance @ each) for each in products], rtol=1e-9
    )
    np.testing.assert_allclose(found.whole.factor.T @ found.whole.factor, covariance, rtol=1e-9, atol=1e-12)
    between = np.einsum("kpn,pq,lqn->nkl", jacobian, covariance, jacobian)
    np.testing.assert_allclose(found.propagate(jacobian), between, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("beta", "is_difference"), [(1e3, True), (1e12, False)])
def test_of_few_rows_the_covariance_is_a_difference_unless_digits_would_be_lost(
    rng: np.random.Generator, beta: float, is_difference: bool
) -> None:
    """With hardly any noise, the rows take away nearly all that the prior leaves open."""
    whole = jacobian_with_residuals(rng, 1)[:, :, :3]
    alpha, jacobian = np.ones(12), whole[0, :-1]

    covariance = DualSystem(whole[0], 1).covariance(alpha, np.array([beta]))

    assert (covariance.prior is not None) == is_difference
    known = np.linalg.inv(np.eye(3) / beta + jacobian.T @ jacobian) / beta
    np.testing.assert_allclose(covariance.propagate(jacobian[None])[:, 0, 0] * beta, 1 - np.diag(known), rtol=1e-6)


@pytest.mark.parametrize("weighted", [False, True])
def test_row_blocks_sum_to_the_whole_table(
    rng: np.random.Generator, weighted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("model.posterior.row_blocks.BLOCK_BYTES", 1)
    monkeypatch.setattr("model.posterior.row_blocks.MIN_BLOCK_ROWS", 16)
    network = Architecture((3, 4, 2)).initialise(rng)
    table = Dataset(rng.standard_normal((50, 3)), rng.standard_normal((50, 2)))
    weights = rng.uniform(0.5, 1, (50, 2)) if weighted else None
    blocks = RowBlocks(network.architecture, table)
    blocks.parameters[:] = network.parameters

    curvature = blocks.curvature(weights)

    outputs, jacobian = outputs_and_jacobian(network, table.features)
    factors = np.ones((50, 2)) if weights is None else weights
    residuals = (outputs - table.targets) * factors
    weighted_jacobian = jacobian * factors.T[:, None]
    gradient = np.einsum("kpn,nk->p", weighted_jacobian, residuals)
    dense = np.einsum("kpn,kqn->pq", weighted_jacobian, weighted_jacobian) + np.eye(len(gradient))
    ones = np.ones(len(gradient))
    np.testing.assert_allclose(
        curvature.step(ones, np.ones(2), 0 * ones), np.linalg.solve(dense, gradient), rtol=1e-8, atol=1e-10
    )
    np.testing.assert_allclose(curvature.squares, (residuals**2).sum(axis=0))
    np.testing.assert_allclose(blocks.squares(), ((outputs - table.targets) ** 2).sum(axis=0))


def test_fewer_residuals_than_parameters_make_the_small_system() -> None:
    architecture = Architecture((3, 4, 2))
    table = Dataset(np.zeros((16, 3)), np.zeros((16, 2)))

    assert isinstance(RowBlocks(architecture, table.take(slice(8))).curvature(), DualSystem)
    assert isinstance(RowBlocks(architecture, table).curvature(), NormalEquations)


def test_lower_inverse_inverts(rng: np.random.Generator) -> None:
    lower = np.tril(rng.standard_normal((151, 151))) + 20 * np.eye(151)

    inverse = lower_inverse(lower)

    np.testing.assert_allclose(inverse @ lower, np.eye(151), atol=1e-12)


def test_cholesky_forgives_rounding_and_refuses_nan(rng: np.random.Generator) -> None:
    vector = rng.standard_normal((6, 1))
    singular = vector @ vector.T

    lower = cholesky(singular.copy())

    np.testing.assert_allclose(lower @ lower.T, singular, atol=1e-8)
    with pytest.raises(TrainingFailed):
        cholesky(np.full((2, 2), np.nan))
