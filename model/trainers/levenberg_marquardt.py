"""Levenberg-Marquardt: step to where the sum of squares would be least if the network were linear.

Each step solves the damped normal equations (Marquardt 1963); after each step that succeeds, the
precisions of weights and noise are estimated anew from the evidence (MacKay 1992, Foresee & Hagan
1997), so a network regularises itself and needs no tuning. An epoch is one accepted step.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np

from model.arrays import FloatArray
from model.network import Architecture, Network
from model.posterior import Prior, RowBlocks, evidence_of, group_parameters, update_prior
from model.table import Dataset
from model.trainers.budget import jacobian_bytes, jacobian_cost
from model.trainers.contract import Epoch, NetworkOptions, Refinements, option

STUDENT_DOF = 4.0
STUDENT_FROM = 4
"""The first step whose residuals are weighted: before, they depend more on the start than on the rows."""

DAMPING_START, DAMPING_MIN, DAMPING_MAX = 0.01, 1e-12, 1e10
DAMPING_FACTOR = 4.0

MIN_RESIDUALS_PER_PARAMETER = 2
"""From so many residuals for each parameter on, damping is divided by `DAMPING_FACTOR` after each accepted step."""


@dataclass(frozen=True)
class LevenbergMarquardt:
    """Damped Gauss-Newton steps on the sum of squares, regularised by the evidence."""

    name: ClassVar[str] = "levenberg_marquardt"
    losses: ClassVar[tuple[str, ...]] = ("squared_error",)
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
    noise: Literal["normal", "student"] = option(
        "normal",
        description="With student noise, residuals weigh less as they grow, so that outliers lose their pull.",
    )
    target_transform: bool = option(default=True, description="Try the square root and the logarithm of targets.")
    growth: bool = option(default=True, description="Try larger networks, and ramps between quantiles as inputs.")
    noise_network: bool = option(default=True, description="Try to learn where the rows are noisier.")
    budget: float | None = option(
        None, gt=0, description="Billions of floating-point operations for all of it; null: by the number of rows."
    )

    @property
    def refinements(self) -> Refinements:
        """What is tried beside the candidates."""
        return Refinements(self.target_transform, self.growth, self.noise_network, self.budget)

    def epoch_cost(self, architecture: Architecture, rows: int) -> float:
        """Return about how many floating-point operations a step takes."""
        return jacobian_cost(architecture, rows)

    def epoch_bytes(self, architecture: Architecture, rows: int) -> float:
        """Return about how much memory a step takes, beside the table."""
        return jacobian_bytes(architecture, rows)

    def epochs(self, network: Network, dataset: Dataset, rng: np.random.Generator) -> Iterator[Epoch]:  # noqa: ARG002
        """Yield the start, then after each accepted step; end when no step leads further down."""
        descent = _Descent(network, dataset, self)
        yield descent.epoch()
        while descent.step():
            yield descent.epoch()


class _Descent:
    """One network's descent: its parameters, its damping, its prior."""

    def __init__(self, network: Network, dataset: Dataset, options: LevenbergMarquardt) -> None:
        self._options = options
        self._groups = group_parameters(network.architecture, dataset.input_groups)
        self._prior = Prior.start(self._groups, dataset.targets)
        if not options.prior:
            self._prior = Prior.none(self._groups, dataset.targets)
        self._damping = DAMPING_START
        self._blocks = RowBlocks(network.architecture, dataset)
        self._parameters = network.parameters
        self._evidence: float | None = None
        self._evidence_prior: Prior | None = None
        self._root_weights: FloatArray | None = None
        self._steps = 0
        self._blocks.parameters[:] = network.parameters
        self._curvature = self._blocks.curvature()
        self._size = dataset.targets.size
        self._divides_damping = (
            options.prior and self._size >= MIN_RESIDUALS_PER_PARAMETER * network.architecture.parameter_count
        )

    def epoch(self) -> Epoch:
        """Return where the descent stands."""
        squares = self._curvature.squares if self._root_weights is None else self._blocks.squares()
        loss = float(squares.sum()) / self._size
        return Epoch(loss, self._parameters, self._evidence, self._evidence_prior)

    def step(self) -> bool:
        """Take one step down, with as much damping as that needs. False: there is none."""
        alpha, beta = self._prior.alpha[self._groups.numbers], self._prior.beta
        prior_gradient = alpha * self._parameters
        gradient = self._curvature.gradient(beta) + prior_gradient
        objective = self._objective(self._parameters, prior_gradient, self._curvature.squares)
        while self._damping <= DAMPING_MAX:
            damping = self._damping * float(np.add.reduce(beta)) / len(beta)
            try:
                step = self._curvature.step(alpha + damping, beta, prior_gradient)
            except np.linalg.LinAlgError:
                step = np.full_like(gradient, np.nan)
            trial = self._blocks.parameters[:] = self._parameters - step
            squares = self._blocks.squares(self._root_weights)
            actual_reduction = objective - self._objective(trial, alpha * trial, squares)
            if actual_reduction > 0:
                predicted_reduction = float(gradient @ step + damping * (step @ step))
                self._update_damping(actual_reduction, predicted_reduction)
                self._accept(trial)
                return True
            self._damping *= DAMPING_FACTOR
        return False

    def _update_damping(self, actual: float, predicted: float) -> None:
        """Set the damping by the gain ratio, actual to predicted reduction (Nielsen 1999): most steps then succeed at once.

        With many rows it is simply divided (Marquardt 1963): more trials fail, and the networks become better.
        """
        ratio = min(actual / predicted, 1.0) if predicted > 0 else 1.0  # near a minimum both are lost in rounding
        factor = 1.0 / DAMPING_FACTOR if self._divides_damping else max(0.05, 1.0 - (2.0 * ratio - 1.0) ** 3)
        self._damping = max(self._damping * factor, DAMPING_MIN)

    def _objective(self, parameters: FloatArray, prior_gradient: FloatArray, squares: FloatArray) -> float:
        return float(self._prior.beta @ squares + prior_gradient @ parameters)

    def _accept(self, parameters: FloatArray) -> None:
        self._parameters = parameters
        self._steps += 1
        if self._options.noise == "student" and self._steps >= STUDENT_FROM:
            self._root_weights = self._student_weights()
            self._prior = replace(self._prior, root_weights=self._root_weights)
        self._curvature = self._blocks.curvature(self._root_weights)
        if self._options.prior:
            evidence = evidence_of(parameters, self._groups, self._prior, self._curvature)
            self._evidence, self._evidence_prior = evidence.value, self._prior
            self._prior = update_prior(self._prior, evidence, parameters, self._groups, self._curvature)

    def _student_weights(self) -> FloatArray:
        """Square roots of the weights under which least squares is the t-distribution's fit (Lange et al. 1989)."""
        squares = self._prior.beta * self._blocks.residuals() ** 2
        return np.sqrt((STUDENT_DOF + 1) / (STUDENT_DOF + squares))
