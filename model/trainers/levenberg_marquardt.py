"""Levenberg-Marquardt: jump to where the sum of squares would be least if the network were linear.

Each step solves the damped normal equations (Marquardt 1963); after each step that succeeds, the
precisions of weights and noise are estimated anew from the evidence (MacKay 1992, Foresee & Hagan
1997), so a network regularises itself and needs no tuning. An epoch is one accepted step.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from model.activations import FloatArray
from model.dataset import Dataset
from model.evidence import Prior, groups, updated, weigh
from model.network import Network
from model.row_blocks import RowBlocks
from model.trainers.contract import Epoch, NetworkOptions, option

DAMPING_START, DAMPING_MIN, DAMPING_MAX = 0.01, 1e-12, 1e10


@dataclass(frozen=True)
class LevenbergMarquardt:
    """Damped Gauss-Newton steps on the sum of squares, regularised by the evidence."""

    name: ClassVar[str] = "levenberg_marquardt"
    default_network: ClassVar[NetworkOptions] = NetworkOptions(
        hidden_layers=(10, 10), activation="tanh", output_activation="identity", bias=True, scaling="standard"
    )

    prior: bool = option(
        default=True,
        description="Whether weights have a prior, chosen by the evidence; without, it is plain least squares.",
    )
    max_epochs: int = option(200, ge=1, le=100_000, description="Accepted steps of each network.")
    patience: int | None = option(
        15, ge=1, description="Stop after so many steps without a gain of evidence, and keep the best; null: never."
    )
    members: int = option(5, ge=1, le=50, description="Networks, from different starts, whose answers are averaged.")
    initialisation: Literal["fan_in", "standard_normal"] = option(
        "fan_in", description="How the first parameters are drawn."
    )

    def epochs(self, network: Network, dataset: Dataset, rng: np.random.Generator) -> Iterator[Epoch]:  # noqa: ARG002
        """Yield the start, then after each accepted step; end when no step leads further down."""
        descent = _Descent(network, dataset, weighing=self.prior)
        yield descent.epoch()
        while descent.step():
            yield descent.epoch()


class _Descent:
    """One network's way down: where it stands, its damping, its prior."""

    def __init__(self, network: Network, dataset: Dataset, *, weighing: bool) -> None:
        self._weighing = weighing
        self._groups = groups(network.architecture, dataset.input_groups)
        self._prior = Prior.start(self._groups, dataset.targets)
        if not weighing:
            self._prior = Prior.none(self._groups, dataset.targets)
        self._damping = DAMPING_START
        self._blocks = RowBlocks(network.architecture, dataset)
        self._parameters = network.parameters
        self._evidence: float | None = None
        self._weighed_under: Prior | None = None
        self._blocks.parameters[:] = network.parameters
        self._curvature = self._blocks.curvature()
        self._size = dataset.targets.size

    def epoch(self) -> Epoch:
        """Tell where the way down has led so far."""
        loss = float(self._curvature.squares.sum()) / self._size
        return Epoch(loss, self._parameters, self._evidence, self._weighed_under)

    def step(self) -> bool:
        """Take one step down, with as much damping as that needs. False: there is none."""
        alpha, beta = self._prior.alpha[self._groups.numbers], self._prior.beta
        pull = alpha * self._parameters
        height = self._height(self._parameters, pull, self._curvature.squares)
        scale = float(beta.mean())
        while self._damping <= DAMPING_MAX:
            precision = alpha + self._damping * scale
            try:
                trial = self._parameters - self._curvature.step(precision, beta, pull)
            except np.linalg.LinAlgError:
                trial = np.full_like(self._parameters, np.nan)
            self._blocks.parameters[:] = trial
            if self._height(trial, alpha * trial, self._blocks.squares()) < height:
                self._accept(trial)
                return True
            self._damping *= 10
        return False

    def _height(self, parameters: FloatArray, pull: FloatArray, squares: FloatArray) -> float:
        return float(self._prior.beta @ squares + pull @ parameters)

    def _accept(self, parameters: FloatArray) -> None:
        self._parameters = parameters
        self._damping = max(self._damping / 10, DAMPING_MIN)
        self._curvature = self._blocks.curvature()
        if self._weighing:
            weighed = weigh(parameters, self._groups, self._prior, self._curvature)
            self._evidence, self._weighed_under = weighed.evidence, self._prior
            self._prior = updated(self._prior, weighed, parameters, self._groups, self._curvature)
