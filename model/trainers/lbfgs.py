"""L-BFGS: descend along gradients, bent by what the last few steps have shown of the curvature (Liu & Nocedal 1989).

An epoch is one step. It needs neither Jacobian nor matrix, so it trains what has too many parameters
for Levenberg-Marquardt: categories, wide networks, very large tables.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from model.activations import FloatArray
from model.budget import gradient_cost
from model.dataset import Dataset
from model.network import Architecture, Network
from model.row_blocks import RowBlocks
from model.trainers.contract import Epoch, NetworkOptions, Refinements, measure

TOLERANCE = 1e-6
"""A step that lowers the objective by less than this part of it is the last."""

NOISE_PRECISION = 10.0
"""Of scaled numbers: what the weights' prior is held against. Where rows are so many that this trainer is called for,
it matters little."""

ALPHA = 0.3


@dataclass(frozen=True)
class LBFGS:
    """Quasi-Newton steps on the loss with a normal prior of the weights."""

    name: ClassVar[str] = "lbfgs"
    default_network: ClassVar[NetworkOptions] = NetworkOptions(
        hidden_layers=(64,), activation="relu", output_activation="identity", bias=True, scaling="standard"
    )
    refinements: ClassVar[Refinements] = Refinements()
    classifies: ClassVar[bool] = True

    alpha: float | None = None
    """Precision of the weights' prior; None: by cross-validation for categories, 0.3 for numbers."""
    memory: int = 12
    """Steps that are remembered."""
    max_epochs: int = 300
    patience: int | None = None
    members: int = 5
    initialisation: str = "fan_in"

    def epoch_cost(self, architecture: Architecture, rows: int) -> float:
        """Return about how many floating-point operations an epoch takes."""
        return gradient_cost(architecture, rows)

    def epochs(self, network: Network, dataset: Dataset, rng: np.random.Generator) -> Iterator[Epoch]:  # noqa: ARG002
        """Yield the start, then after each step; end where steps hardly lead further down."""
        objective = _Objective(network, dataset, ALPHA if self.alpha is None else self.alpha)
        parameters = network.parameters
        height, slope = objective.at(parameters)
        pairs: deque[tuple[FloatArray, FloatArray]] = deque(maxlen=self.memory)
        yield Epoch(objective.loss, parameters)
        while True:
            step = -bent(slope, pairs) if pairs else -slope / max(1.0, float(np.linalg.norm(slope)))
            length, lower, steeper = objective.search(parameters, step, height, float(slope @ step))
            if lower > height - TOLERANCE * abs(height):
                return
            pair = (length * step, steeper - slope)
            if pair[0] @ pair[1] > 1e-10 * (pair[1] @ pair[1]):
                pairs.append(pair)
            parameters, height, slope = parameters + length * step, lower, steeper
            yield Epoch(objective.loss, parameters)


def bent(slope: FloatArray, pairs: deque[tuple[FloatArray, FloatArray]]) -> FloatArray:
    """Multiply a gradient by the inverse curvature that pairs of (step, change of gradient) tell of: two loops."""
    direction, shares = slope.copy(), []
    for step, change in reversed(pairs):
        shares.append((step @ direction) / (step @ change))
        direction -= shares[-1] * change
    step, change = pairs[-1]
    direction *= (step @ change) / (change @ change)
    for (step, change), share in zip(pairs, reversed(shares), strict=True):
        direction += (share - (change @ direction) / (step @ change)) * step
    return direction


class _Objective:
    """The negative log probability of targets and parameters."""

    def __init__(self, network: Network, dataset: Dataset, alpha: float) -> None:
        self.loss = np.inf
        self._alpha = alpha
        self._blocks = RowBlocks(network.architecture, dataset)
        self._of_loss, self._size = measure(dataset)
        self._precision = 1.0 if dataset.categorical else NOISE_PRECISION

    def at(self, parameters: FloatArray) -> tuple[float, FloatArray]:
        """Return the objective and its gradient; leaves the loss in `loss`."""
        self._blocks.parameters[:] = parameters
        loss, gradient = self._blocks.loss_and_gradient(self._of_loss)
        pull = self._alpha * parameters
        self.loss = loss / self._size
        return self._precision * loss + 0.5 * float(pull @ parameters), self._precision * gradient + pull

    def search(
        self, start: FloatArray, step: FloatArray, height: float, descent: float
    ) -> tuple[float, float, FloatArray]:
        """Return how far along a step to go, the height there, and its gradient: back until it is low enough (Armijo 1966)."""
        length = 1.0
        for _ in range(30):
            lower, slope = self.at(start + length * step)
            if lower <= height + 1e-4 * length * descent:
                break
            foot = (
                -0.5 * descent * length**2 / (lower - height - descent * length)
            )  # of the parabola through what is known
            length = min(max(foot, 0.1 * length), 0.5 * length) if np.isfinite(foot) else 0.1 * length
        return length, lower, slope
