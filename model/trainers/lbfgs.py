"""L-BFGS: quasi-Newton steps from the last few gradients, for networks and tables too large for a Jacobian.

The curvature is never formed: the last steps and the changes of the gradient along them stand for it
(Nocedal 1980; Nocedal & Wright 2006, algorithms 7.4 and 7.5). Weights have a normal prior.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple

import numpy as np

from model.arrays import FloatArray
from model.network import LOSSES, Architecture, Derivatives, Network
from model.table import Dataset
from model.trainers.budget import gradient_bytes, gradient_cost
from model.trainers.contract import Epoch, NetworkOptions, Refinements, option

DEFAULT_ALPHA = 0.3
"""The precision of the weights' prior where none is chosen: it suits standardised tables."""
MEMORY_STEPS = 12
"""How many of the last steps stand for the curvature."""
SUFFICIENT_DECREASE = 1e-4
"""The least share of the decrease that the slope predicts for a step to be taken (Armijo's condition)."""
MAX_HALVINGS = 30
"""How often a step is halved before there is taken to be none."""
MIN_RELATIVE_DECREASE = 1e-7
"""A step that lowers the objective by a smaller share is the last."""

BLOCK_ROWS = 8192
"""So many rows' activations are held at a time."""


@dataclass(frozen=True)
class LBFGS:
    """Quasi-Newton steps on the loss and a normal prior of the weights."""

    name: ClassVar[str] = "lbfgs"
    losses: ClassVar[tuple[str, ...]] = ("squared_error", "cross_entropy")
    default_network: ClassVar[NetworkOptions] = NetworkOptions(
        hidden_layers=(64,), activation="relu", output_activation="identity", bias=True, scaling="standard"
    )

    refinements: ClassVar[Refinements] = Refinements()

    alpha: float | None = option(
        None, ge=0, description="Precision of the weights' prior; null: chosen on held-out rows, or a middling one."
    )
    max_epochs: int = option(200, ge=1, le=1_000_000, description="Steps of each network.")
    patience: int | None = option(
        None, ge=1, description="Stop after so many steps without a lower loss, and keep the lowest; null: never."
    )
    members: int = option(5, ge=1, le=50, description="Networks, from different starts, whose answers are averaged.")
    initialisation: Literal["fan_in", "standard_normal"] = option(
        "fan_in", description="How the first parameters are drawn."
    )

    def epoch_cost(self, architecture: Architecture, rows: int) -> float:
        """Return about how many floating-point operations a step takes."""
        return gradient_cost(architecture, rows)

    def epoch_bytes(self, architecture: Architecture, rows: int) -> float:
        """Return about how much memory a step takes, beside the table."""
        return gradient_bytes(architecture, rows, 2 * MEMORY_STEPS)

    def epochs(self, network: Network, dataset: Dataset, rng: np.random.Generator) -> Iterator[Epoch]:  # noqa: ARG002
        """Yield the start, then after each step; end when the loss hardly falls any more."""
        objective = _Objective(network.architecture, dataset, DEFAULT_ALPHA if self.alpha is None else self.alpha)
        at = objective(network.parameters)
        yield at.epoch
        steps: deque[_Step] = deque(maxlen=MEMORY_STEPS)
        while (following := _line_search(objective, at, steps)) is not None:
            reduction = at.objective - following.objective
            at = following
            yield at.epoch
            if reduction <= MIN_RELATIVE_DECREASE * abs(at.objective):
                return


class _Point(NamedTuple):
    """Where a descent stands: the objective, which is the regularised loss, and its gradient."""

    epoch: Epoch
    objective: float
    gradient: FloatArray


class _Step(NamedTuple):
    """A step, and how the gradient changed along it."""

    moved: FloatArray
    turned: FloatArray
    product: float
    squared: float


class _Objective:
    """Summed loss and alpha/2 |weights|^2, over row blocks."""

    def __init__(self, architecture: Architecture, dataset: Dataset, alpha: float) -> None:
        self._parameters = np.zeros(architecture.parameter_count)
        self._loss, self._to_mean = LOSSES[dataset.loss].for_shape(dataset.targets.shape)
        self._alpha = np.full(architecture.parameter_count, alpha)
        for _, bias in architecture.layers(self._alpha):
            if bias is not None:
                bias[:] = 0.0
        blocks = [dataset.take(slice(start, start + BLOCK_ROWS)) for start in range(0, len(dataset), BLOCK_ROWS)]
        self._blocks = [
            (Derivatives(architecture, block.features, self._parameters), block.targets) for block in blocks
        ]

    def __call__(self, parameters: FloatArray) -> _Point:
        self._parameters[:] = parameters
        prior_gradient = self._alpha * parameters
        loss, gradient = 0.0, prior_gradient.copy()
        for derivatives, targets in self._blocks:
            value, slope = derivatives.loss_and_gradient(targets, self._loss)
            loss += value
            gradient += slope
        return _Point(
            Epoch(loss * self._to_mean, parameters), loss + 0.5 * float(prior_gradient @ parameters), gradient
        )


def _line_search(objective: _Objective, at: _Point, steps: deque[_Step]) -> _Point | None:
    """Take a step down, halved until it reduces the objective, and add it to `steps`; None: there is none."""
    direction = _find_direction(at.gradient, steps)
    slope = float(direction @ at.gradient)
    if not slope < 0:
        return None
    length = 1.0 if steps else 1.0 / float(np.linalg.norm(direction))
    for _ in range(MAX_HALVINGS):
        moved = length * direction
        following = objective(at.epoch.parameters + moved)
        if following.objective <= at.objective + SUFFICIENT_DECREASE * length * slope:
            turned = following.gradient - at.gradient
            product, squared = float(turned @ moved), float(turned @ turned)
            # Otherwise it would turn the curvature's sign; the square of a tiny change may round to nothing.
            if product > 1e-10 * squared > 0:
                steps.append(_Step(moved, turned, product, squared))
            return following
        length *= 0.5
    return None


def _find_direction(gradient: FloatArray, steps: deque[_Step]) -> FloatArray:
    """Minus the inverse curvature, as the last steps approximate it, times the gradient: the two-loop recursion."""
    direction = -gradient
    shares: list[float] = []
    for step in reversed(steps):
        shares.append(float(step.moved @ direction) / step.product)
        direction = direction - shares[-1] * step.turned
    if steps:
        direction *= steps[-1].product / steps[-1].squared
    for step, share in zip(steps, reversed(shares), strict=True):
        direction = direction + (share - float(step.turned @ direction) / step.product) * step.moved
    return direction
