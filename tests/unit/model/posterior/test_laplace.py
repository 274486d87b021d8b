"""What is uncertain, against refits and exact formulas."""

from dataclasses import replace

import numpy as np
import pytest

from model.fitting.spec import TrainingSpec
from model.network.derivatives import outputs_and_jacobian
from model.network.network import Architecture, Network
from model.posterior import laplace, leave_one_out
from model.posterior.evidence import Prior, group_parameters
from model.posterior.laplace import approximate_posterior
from model.posterior.leave_one_out import LeaveOneOut, compute_leave_one_out, fit_student
from model.posterior.row_blocks import RowBlocks
from model.table.dataset import Dataset
from model.trainers import LBFGS, GradientDescent, NetworkOptions, Trainer
from model.training import train
from tests.support.model_tables import spec, wave

RNG = np.random.default_rng(2)


def ridge(table: Dataset, architecture: Architecture, prior: Prior) -> np.ndarray:
    """The parameters at the bottom of a linear network's regularised sum of squares."""
    blocks = RowBlocks(architecture, table)
    blocks.parameters[:] = 0.0
    alpha = np.full(architecture.parameter_count, prior.alpha[0])
    return -blocks.curvature().step(alpha, prior.beta, 0 * alpha)


@pytest.mark.parametrize("targets", [1, 2])
def test_leave_one_out_equals_real_refits_of_a_linear_network(targets: int) -> None:
    architecture = Architecture((3, targets))
    table = Dataset(RNG.standard_normal((12, 3)), RNG.standard_normal((12, targets)))
    prior = Prior(np.full(4, 0.5), np.array([3.0, 8.0])[:targets], np.full(targets, 0.01))
    network = Network(architecture, ridge(table, architecture, prior))
    member = approximate_posterior(network, table, prior)

    left_out = compute_leave_one_out(network, member.covariance, prior, table)

    for row in range(12):
        rest = table.take(np.delete(np.arange(12), row))
        refit = Network(architecture, ridge(rest, architecture, prior))
        one = table.take(slice(row, row + 1))
        outputs, jacobian = outputs_and_jacobian(refit, one.features)
        covariance = approximate_posterior(refit, rest, prior).covariance
        variance = covariance.propagate(jacobian)[0].diagonal() + 1 / prior.beta
        np.testing.assert_allclose(left_out.residuals[row], (outputs - one.targets)[0], rtol=1e-8)
        np.testing.assert_allclose(left_out.variances[row], variance, rtol=1e-8)


def test_a_row_of_less_weight_is_left_out_by_that_much() -> None:
    """With the weights of its rows, a linear network's leave-one-out equals a refit with the others' weights."""
    architecture = Architecture((3, 1))
    table = Dataset(RNG.standard_normal((12, 3)), RNG.standard_normal((12, 1)))
    weights = RNG.uniform(0.1, 1, (12, 1))
    prior = Prior(np.full(4, 0.5), np.array([3.0]), np.array([0.01]), np.sqrt(weights))
    network = Network(architecture, _weighted_ridge(table, weights))
    left_out = compute_leave_one_out(network, approximate_posterior(network, table, prior).covariance, prior, table)

    rest = np.arange(11)
    refit = Network(architecture, _weighted_ridge(table.take(rest), weights[rest]))

    known = refit.forward(table.features[11:]) - table.targets[11:]
    np.testing.assert_allclose(left_out.residuals[11], known[0], rtol=1e-8)


def _weighted_ridge(table: Dataset, weights: np.ndarray) -> np.ndarray:
    """With alpha 0.5 and beta 3."""
    design = np.column_stack([table.features, np.ones(len(table))])
    return np.linalg.solve(
        3 * design.T @ (weights * design) + 0.5 * np.eye(4), 3 * design.T @ (weights * table.targets)[:, 0]
    )


def test_the_disagreement_of_members_counts_as_variance() -> None:
    members = [LeaveOneOut(np.array([[residual]]), np.array([[0.25]])) for residual in (1.0, 3.0)]

    mixed = LeaveOneOut.average(members)

    assert mixed.residuals.tolist() == [[2.0]]
    assert mixed.variances.tolist() == [[1.25]]


def test_of_a_large_network_the_last_layer_is_uncertain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(laplace, "MAX_COVARIANCE_PARAMETERS", 10)
    network = Architecture((3, 4, 1)).initialise(RNG)

    member = approximate_posterior(network, Dataset(RNG.standard_normal((30, 3)), RNG.standard_normal((30, 1))), None)

    assert member.covariance.factor.shape == (5, 5)
    assert member.first_weights.shape == (3,)


def test_degrees_of_freedom_never_exceed_the_rows_left_over() -> None:
    residuals = RNG.standard_normal((12, 1))

    _, dof = fit_student(LeaveOneOut(residuals, np.ones((12, 1))), np.array([10.0]))

    assert dof.tolist() == [2.0]


@pytest.mark.parametrize("targets", [1, 2])
def test_leave_one_out_of_a_network_that_is_not_at_the_bottom_is_reckoned_from_there(
    targets: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one is that reproduces its rows: from its own residuals, which are 0, nothing could be told."""
    monkeypatch.setattr(leave_one_out, "MAX_LEVERAGE", 1 - 1e-9)
    architecture = Architecture((3, targets))
    table = Dataset(RNG.standard_normal((4, 3)), RNG.standard_normal((4, targets)))
    design = np.column_stack([table.features, np.ones(4)])
    network = Network(architecture, np.asarray(np.linalg.solve(design, table.targets), np.float64).ravel())

    member = approximate_posterior(network, table, None)

    np.testing.assert_allclose(network.forward(table.features), table.targets, atol=1e-12)
    alpha = member.prior.alpha[group_parameters(architecture).numbers]
    for row in range(4):
        rest = table.take(np.delete(np.arange(4), row))
        blocks = RowBlocks(architecture, rest)
        refit = Network(architecture, -blocks.curvature().step(alpha, member.prior.beta, 0 * alpha))
        known = refit.forward(table.features[row : row + 1]) - table.targets[row]
        np.testing.assert_allclose(member.left_out.residuals[row], known[0], rtol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("trainer", [GradientDescent(max_epochs=3000, learning_rate=0.02), LBFGS(members=1)])
def test_leave_one_out_scores_of_every_trainer_are_about_what_real_refits_score(trainer: Trainer) -> None:
    """Both networks follow their rows more closely than the noise allows."""
    table = wave(30, 0.1)
    options = NetworkOptions((10,), "tanh", "identity", bias=True, scaling="standard")
    whole = TrainingSpec(spec(table).signature, table, options, trainer)
    residuals = []
    for row in range(30):
        rest = replace(whole, dataset=table.take(np.delete(np.arange(30), row)))
        residuals.append(train(rest).predictor.predict(table.features[[row]], None).mean[0, 0] - table.targets[row, 0])

    report = train(whole).report

    refitted = np.sqrt(np.mean(np.square(residuals)))
    assert report.leave_one_out["y0"]["rmse"] == pytest.approx(refitted, rel=0.5)
    assert report.scores["y0"]["rmse"] < 0.5 * refitted
