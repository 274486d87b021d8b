"""L-BFGS, held against SciPy on problems with one minimum."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import minimize

from model.network.derivatives import loss_and_gradient
from model.network.losses import LOSSES
from model.network.network import Architecture, Network
from model.table.dataset import Dataset
from model.trainers import LBFGS


@pytest.mark.parametrize("loss", sorted(LOSSES))
def test_a_network_without_hidden_layers_reaches_the_minimum(loss: str) -> None:
    """Without hidden layers the loss is convex: there is one minimum, and SciPy finds it too."""
    rng = np.random.default_rng(0)
    features, labels = rng.standard_normal((60, 4)), rng.integers(3, size=60)
    dataset = Dataset(features, np.eye(3)[labels], loss=loss)
    architecture, alpha = Architecture((4, 3)), 0.5

    def objective(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = loss_and_gradient(
            Network(architecture, parameters), features, dataset.targets, LOSSES[loss].function
        )
        prior_gradient = np.where(np.arange(15) < 12, alpha * parameters, 0.0)  # the last three are the bias
        return value + 0.5 * float(prior_gradient @ parameters), gradient + prior_gradient

    start = architecture.initialise(rng)
    *_, last = LBFGS(alpha=alpha).epochs(start, dataset, rng)
    best = minimize(objective, start.parameters, jac=True, method="BFGS", options={"gtol": 1e-8})

    assert objective(last.parameters)[0] == pytest.approx(best.fun, rel=1e-5)


def test_row_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that is summed over blocks leads the same way as one that is not."""
    rng = np.random.default_rng(1)
    dataset = Dataset(rng.standard_normal((50, 3)), rng.standard_normal((50, 2)))
    start = Architecture((3, 5, 2)).initialise(rng)

    def losses() -> list[float]:
        return [epoch.loss for epoch, _ in zip(LBFGS().epochs(start, dataset, rng), range(10), strict=False)]

    whole = losses()
    monkeypatch.setattr("model.trainers.lbfgs.BLOCK_ROWS", 7)
    assert losses() == pytest.approx(whole, rel=1e-6)


def test_the_loss_and_the_prior_together_never_rise() -> None:
    rng = np.random.default_rng(2)
    dataset = Dataset(rng.standard_normal((40, 2)), rng.standard_normal((40, 1)))
    trainer, start = LBFGS(alpha=0.1), Architecture((2, 6, 1), bias=False).initialise(rng)
    heights = [
        0.5 * epoch.loss * 40 + 0.05 * float(epoch.parameters @ epoch.parameters)
        for epoch, _ in zip(trainer.epochs(start, dataset, rng), range(50), strict=False)
    ]

    assert all(later <= earlier for earlier, later in pairwise(heights))


@pytest.mark.parametrize("seed", range(12))
def test_changes_too_small_to_square_are_survived(seed: int) -> None:
    """With targets of 0 all weights shrink until the square of the gradient is nothing in double precision."""
    rng = np.random.default_rng(seed)
    dataset = Dataset(rng.random((3, 2)), np.zeros((3, 1)))
    *_, last = LBFGS().epochs(Architecture((2, 30, 1)).initialise(rng), dataset, rng)

    assert last.loss < 1e-300
    assert np.isfinite(last.parameters).all()
