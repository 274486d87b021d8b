"""L-BFGS: known minima, and what its two loops are."""

from collections import deque
from itertools import islice

import numpy as np

from model.dataset import Dataset
from model.network import Architecture, Network
from model.trainers import LBFGS, Epoch
from model.trainers.lbfgs import NOISE_PRECISION, bent
from tests.model.tables import wave

RNG = np.random.default_rng(0)


def course(trainer: LBFGS, network: Network, table: Dataset) -> list[Epoch]:
    return list(islice(trainer.epochs(network, table, RNG), trainer.max_epochs))


def test_a_linear_network_is_ridge_regression() -> None:
    table = wave(50, 0.5)
    design = np.column_stack([table.features, np.ones(50)])
    alpha = 0.7

    last = course(LBFGS(alpha=alpha), Network(Architecture((3, 1)), np.zeros(4)), table)[-1]

    ridge = np.linalg.solve(design.T @ design + alpha / NOISE_PRECISION * np.eye(4), design.T @ table.targets[:, 0])
    np.testing.assert_allclose(last.parameters, ridge, atol=2e-3)


def test_the_loss_falls_and_the_course_ends_by_itself() -> None:
    table = wave(100, 0.1)
    start = Architecture((3, 8, 1)).initialise(RNG)

    epochs = course(LBFGS(max_epochs=5000), start, table)

    assert len(epochs) < 5000
    assert epochs[-1].loss < 0.1 * epochs[0].loss


def test_two_loops_give_the_inverse_of_a_quadratics_curvature() -> None:
    """With as many conjugate pairs as dimensions, the direction is Newton's."""
    root = RNG.standard_normal((4, 4))
    curvature = root @ root.T + np.eye(4)
    _, axes = np.linalg.eigh(curvature)
    pairs = deque((axis, curvature @ axis) for axis in axes.T)
    slope = RNG.standard_normal(4)

    np.testing.assert_allclose(bent(slope, pairs), np.linalg.solve(curvature, slope), rtol=1e-8)
