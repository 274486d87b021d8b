"""Levenberg-Marquardt: known minima, both systems, many targets."""

from itertools import islice

import numpy as np
import pytest

from model.network.derivatives import loss_and_gradient
from model.network.network import Architecture, Network
from model.posterior.row_blocks import RowBlocks
from model.table.dataset import Dataset
from model.trainers import Epoch, LevenbergMarquardt
from model.training import train
from tests.support.model_tables import TUTORIAL, spec, wave


def epochs_of(trainer: LevenbergMarquardt, network: Network, table: Dataset, epochs: int = 100) -> list[Epoch]:
    return list(islice(trainer.epochs(network, table, np.random.default_rng(0)), epochs + 1))


def test_the_tutorials_network_is_fitted_to_the_last_digit_in_ten_epochs() -> None:
    table = Dataset(TUTORIAL.features / TUTORIAL.features.max(axis=0), TUTORIAL.targets / 100)
    architecture = Architecture((2, 3, 1), "sigmoid", "sigmoid", bias=False)
    needed = []
    for seed in range(20):
        start = architecture.initialise(np.random.default_rng(seed), "standard_normal")
        losses = [epoch.loss for epoch in epochs_of(LevenbergMarquardt(prior=False), start, table)]
        needed.append(next(number for number, loss in enumerate(losses) if loss <= 1.94e-18))

    assert np.median(needed) <= 10


def test_a_linear_network_is_least_squares() -> None:
    table = wave(50, 0.5)
    epochs = epochs_of(LevenbergMarquardt(prior=False), Network(Architecture((3, 1)), np.zeros(4)), table)

    design = np.column_stack([table.features, np.ones(50)])
    known = np.linalg.lstsq(design, table.targets[:, 0])[0]
    np.testing.assert_allclose(epochs[-1].parameters, known, rtol=1e-8)


@pytest.mark.parametrize("prior", [True, False])
def test_the_dual_system_takes_the_same_steps(prior: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    table = wave(20, 0.1)
    start = Architecture((3, 6, 1)).initialise(np.random.default_rng(1))
    small = epochs_of(LevenbergMarquardt(prior=prior), start, table, 6)
    monkeypatch.setattr("model.posterior.row_blocks.DualSystem", None)  # the dual system is not to be had
    monkeypatch.setattr("model.posterior.row_blocks.RowBlocks._dual_system", _normal_equations)
    large = epochs_of(LevenbergMarquardt(prior=prior), start, table, 6)

    for one, other in zip(small[1:], large[1:], strict=True):
        np.testing.assert_allclose(one.parameters, other.parameters, rtol=1e-5, atol=1e-7)
        if prior:
            assert one.evidence == pytest.approx(other.evidence, rel=1e-6)


def _normal_equations(self: RowBlocks, root_weights: None) -> object:
    from model.posterior.curvature import NormalEquations  # noqa: PLC0415

    (jacobian,) = self.jacobians(root_weights)
    return NormalEquations(jacobian @ jacobian.swapaxes(1, 2), jacobian.shape[-1])


def test_each_epoch_goes_further_down_and_ends_at_a_minimum() -> None:
    table = wave(100, 0.1)
    start = Architecture((3, 2, 1)).initialise(np.random.default_rng(0))

    epochs = epochs_of(LevenbergMarquardt(prior=False), start, table, 1000)

    losses = [epoch.loss for epoch in epochs]
    assert losses == sorted(losses, reverse=True)
    network = Network(start.architecture, epochs[-1].parameters)
    assert np.abs(loss_and_gradient(network, table.features, table.targets)[1]).max() < 1e-4


def test_each_target_has_its_own_noise() -> None:
    table = wave(300, 0.0)
    rng = np.random.default_rng(0)
    targets = np.column_stack([table.targets[:, 0], table.features[:, 2]]) + rng.standard_normal((300, 2)) * [0.1, 0.5]
    start = Architecture((3, 8, 8, 2)).initialise(rng)

    best = max(
        epochs_of(LevenbergMarquardt(), start, Dataset(table.features, targets))[1:], key=lambda e: e.evidence or 0
    )

    assert best.prior is not None
    np.testing.assert_allclose(best.prior.beta**-0.5, [0.1, 0.5], rtol=0.15)


def test_epochs_keep_their_parameters() -> None:
    """What was yielded is not touched again."""
    start = Architecture((3, 2, 1)).initialise(np.random.default_rng(0))
    epochs = epochs_of(LevenbergMarquardt(), start, wave(30, 0.1), 10)

    assert len({epoch.parameters.tobytes() for epoch in epochs}) == len(epochs)
    assert epochs[0].evidence is None


@pytest.mark.parametrize("rows", [7, 13, 19, 23, 26, 29])
def test_a_fall_that_is_lost_in_rounding_does_not_end_the_training(rows: int) -> None:
    """Small regular tables lead to steps whose foreseen fall is next to nothing."""
    features = np.arange(rows, dtype=float)[:, None]
    for targets in (features % 3, features % 2, (features == rows // 2).astype(float)):
        for seed in range(3):
            checkpoint = train(spec(Dataset(features, targets), seed=seed))
            assert np.isfinite(checkpoint.predictor.predict(features).mean).all()
