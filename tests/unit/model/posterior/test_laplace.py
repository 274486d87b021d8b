"""What is uncertain, against refits and exact formulas."""

from dataclasses import replace

import numpy as np
import pytest

from model.fitting.preparation import prepare, with_ramps
from model.fitting.spec import TrainingSpec
from model.network.ensemble_pass import outputs_and_jacobian
from model.network.network import Architecture, Ensemble, Network
from model.posterior import laplace, leave_one_out
from model.posterior.evidence import Prior, group_parameters
from model.posterior.laplace import approximate_posterior
from model.posterior.leave_one_out import LeaveOneOut, compute_leave_one_out, fit_student
from model.posterior.row_blocks import RowBlocks
from model.posterior.stacked import predict_rows
from model.table.dataset import Dataset
from model.trainers import LBFGS, GradientDescent, LevenbergMarquardt, NetworkOptions, Trainer, fit
from model.training import train
from tests.support.model_tables import signature, spec, wave

UNIT_PRIOR = Prior(np.ones(6), np.ones(1), np.ones(1))
"""Of a network (3, 4, 1)."""


def ridge(table: Dataset, architecture: Architecture, prior: Prior) -> np.ndarray:
    """The parameters at the bottom of a linear network's regularised sum of squares."""
    blocks = RowBlocks(architecture, table)
    blocks.parameters[:] = 0.0
    alpha = np.full(architecture.parameter_count, prior.alpha[0])
    return -blocks.curvature().step(alpha, prior.beta, 0 * alpha)


@pytest.mark.parametrize("targets", [1, 2])
def test_leave_one_out_equals_real_refits_of_a_linear_network(rng: np.random.Generator, targets: int) -> None:
    architecture = Architecture((3, targets))
    table = Dataset(rng.standard_normal((12, 3)), rng.standard_normal((12, targets)))
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


def test_a_row_of_less_weight_is_left_out_by_that_much(rng: np.random.Generator) -> None:
    """With the weights of its rows, a linear network's leave-one-out equals a refit with the others' weights."""
    architecture = Architecture((3, 1))
    table = Dataset(rng.standard_normal((12, 3)), rng.standard_normal((12, 1)))
    weights = rng.uniform(0.1, 1, (12, 1))
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


def test_of_a_large_network_the_last_layer_is_uncertain(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(laplace, "MAX_COVARIANCE_SIZE", 10)
    network = Architecture((3, 4, 1)).initialise(rng)

    member = approximate_posterior(network, Dataset(rng.standard_normal((30, 3)), rng.standard_normal((30, 1))), None)

    assert member.covariance.factor.shape == (5, 5)
    assert member.first_weights.shape == (3,)


def test_where_rows_are_few_the_posterior_of_a_large_network_covers_all_parameters(
    rng: np.random.Generator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The matrix that is factored is as large as there are rows."""
    monkeypatch.setattr(laplace, "MAX_COVARIANCE_SIZE", 10)
    network = Architecture((3, 4, 1)).initialise(rng)
    table = Dataset(rng.standard_normal((10, 3)), rng.standard_normal((10, 1)))

    assert approximate_posterior(network, table, None).covariance.factor.shape == (10, 21)
    assert approximate_posterior(network, table, UNIT_PRIOR).covariance.factor.shape == (10, 21)


def test_a_prior_is_not_estimated_where_that_would_take_long(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(laplace, "MAX_ESTIMATION_COST", 21**3 - 1)
    network = Architecture((3, 4, 1)).initialise(rng)
    table = Dataset(rng.standard_normal((30, 3)), rng.standard_normal((30, 1)))

    assert approximate_posterior(network, table, None).covariance.factor.shape == (5, 5)
    assert approximate_posterior(network, table, UNIT_PRIOR).covariance.factor.shape == (21, 21)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_network_of_1500_parameters_covers_rows_that_it_has_not_seen(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Better than with the last layer alone; both before their scale is calibrated."""
    table, fresh = _friedman(600, 0), _friedman(2000, 100)
    options = NetworkOptions((14, 14), "tanh", "identity", bias=True, scaling="standard")
    prepared = with_ramps(prepare(signature(table), table, options), table.features, 5)
    start = prepared.architecture.initialise(np.random.default_rng(0))
    assert start.architecture.parameter_count > 1500
    done = fit(LevenbergMarquardt(max_epochs=60), start, prepared.scaled, rng, lambda *_: None)
    ensemble = Ensemble(start.architecture, done.parameters[None])
    truth = prepared.targets.scaler.apply(fresh.targets)

    coverage, error_ratio = [], []
    for size in (laplace.MAX_COVARIANCE_SIZE, 0):
        monkeypatch.setattr(laplace, "MAX_COVARIANCE_SIZE", size)
        member = approximate_posterior(ensemble.members[0], prepared.scaled, done.prior)
        (fresh_rows,) = predict_rows(ensemble, [member], prepared.network_inputs.apply(fresh.features))
        errors = fresh_rows.locations - truth
        coverage.append(np.mean(np.abs(errors) < 1.96 * np.sqrt(fresh_rows.variances)))
        error_ratio.append(np.sqrt(np.mean(member.left_out.residuals**2) / np.mean(errors**2)))

    assert coverage[0] > 0.9 > coverage[1]
    assert 1.25 > error_ratio[0] > 0.8 > error_ratio[1]


def _friedman(rows: int, seed: int) -> Dataset:
    """Friedman's first function of five features among sixteen, with noise of standard deviation 1."""
    rng = np.random.default_rng(seed)
    x = rng.random((rows, 16))
    truth = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2 + 10 * x[:, 3] + 5 * x[:, 4]
    return Dataset(x, (truth + rng.standard_normal(rows))[:, None])


def test_degrees_of_freedom_never_exceed_the_rows_left_over(rng: np.random.Generator) -> None:
    residuals = rng.standard_normal((12, 1))

    _, dof = fit_student(LeaveOneOut(residuals, np.ones((12, 1))), np.array([10.0]))

    assert dof.tolist() == [2.0]


@pytest.mark.parametrize("targets", [1, 2])
def test_leave_one_out_of_a_network_that_is_not_at_the_bottom_is_reckoned_from_there(
    rng: np.random.Generator, targets: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one is that reproduces its rows: from its own residuals, which are 0, nothing could be document."""
    monkeypatch.setattr(leave_one_out, "MAX_LEVERAGE", 1 - 1e-9)
    architecture = Architecture((3, targets))
    table = Dataset(rng.standard_normal((4, 3)), rng.standard_normal((4, targets)))
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
