"""Gradient descent: walk downhill along the summed gradient, by the whole table or in mini-batches.

This is the tutorial's trainer. Its `learning_rate` multiplies the summed gradient of half the squared
error, so learning rate 1 on the whole table is the tutorial's step to the digit.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy import add, multiply, subtract

from model.arrays import FloatArray
from model.network import LOSSES, Architecture, Derivatives, Network
from model.table import Dataset
from model.trainers.budget import gradient_bytes, gradient_cost
from model.trainers.contract import Epoch, NetworkOptions, Refinements, option


@dataclass(frozen=True)
class GradientDescent:
    """Full-batch or mini-batch gradient descent, with momentum (Polyak 1964) if asked."""

    name: ClassVar[str] = "gradient_descent"
    losses: ClassVar[tuple[str, ...]] = ("squared_error", "cross_entropy")
    default_network: ClassVar[NetworkOptions] = NetworkOptions(
        hidden_layers=(3,), activation="sigmoid", output_activation="sigmoid", bias=False, scaling="max"
    )
    refinements: ClassVar[Refinements] = Refinements()

    learning_rate: float = option(1.0, gt=0, description="Multiplies the summed gradient of half the squared error.")
    momentum: float = option(0.0, ge=0, lt=1, description="The share of the last step that goes into the next.")
    batch_size: int | None = option(None, ge=1, description="Samples in a mini-batch; null: the whole table.")
    max_epochs: int = option(1000, ge=1, le=100_000_000, description="Passes over the table.")
    patience: int | None = option(
        None, ge=1, description="Stop after so many epochs without a lower loss, and keep the lowest; null: never."
    )
    members: int = option(1, ge=1, le=50, description="Networks, from different starts, whose answers are averaged.")
    initialisation: Literal["fan_in", "standard_normal"] = option(
        "standard_normal", description="How the first parameters are drawn."
    )

    def epoch_cost(self, architecture: Architecture, rows: int) -> float:
        """Return about how many floating-point operations an epoch takes."""
        return gradient_cost(architecture, rows)

    def epoch_bytes(self, architecture: Architecture, rows: int) -> float:
        """Return about how much memory a pass takes, beside the table."""
        if self.batch_size is None or self.batch_size >= rows:
            return gradient_bytes(architecture, rows, 4)
        of_all_rows = 8.0 * rows * max(architecture.layer_sizes)  # whose loss is told
        return of_all_rows + gradient_bytes(architecture, self.batch_size, 4)

    def epochs(self, network: Network, dataset: Dataset, rng: np.random.Generator) -> Iterator[Epoch]:
        """Yield the start, then after each pass over the table."""
        if self.batch_size is None or self.batch_size >= len(dataset):
            return self._full_batch(network, dataset)
        return self._mini_batch(network, dataset, self.batch_size, rng)

    def _full_batch(self, network: Network, dataset: Dataset) -> Iterator[Epoch]:
        parameters = network.parameters.copy()
        derivatives = Derivatives(network.architecture, dataset.features, parameters)
        descend, targets = self._descend(parameters), dataset.targets
        loss, mean_factor = LOSSES[dataset.loss].for_shape(targets.shape)
        while True:
            summed, gradient = derivatives.loss_and_gradient(targets, loss)
            yield Epoch(summed * mean_factor, parameters.copy())
            descend(gradient)

    def _mini_batch(
        self, network: Network, dataset: Dataset, batch_size: int, rng: np.random.Generator
    ) -> Iterator[Epoch]:
        parameters = network.parameters.copy()
        descend = self._descend(parameters)
        sizes = {batch_size, len(dataset) % batch_size} - {0}  # the last batch of an epoch may be smaller
        buffers = {size: np.empty((size, dataset.features.shape[1])) for size in sizes}
        passes = {size: Derivatives(network.architecture, inputs, parameters) for size, inputs in buffers.items()}
        loss, mean_factor = LOSSES[dataset.loss].for_shape(dataset.targets.shape)
        while True:
            outputs = Network(network.architecture, parameters).forward(dataset.features)
            yield Epoch(loss(outputs, dataset.targets, np.empty_like(outputs)) * mean_factor, parameters.copy())
            for batch in dataset.mini_batches(batch_size, rng):
                buffers[len(batch)][:] = batch.features
                descend(passes[len(batch)].loss_and_gradient(batch.targets, loss)[1])

    def _descend(self, parameters: FloatArray) -> Callable[[FloatArray], None]:
        """Return what moves the parameters, in place, one step along a gradient."""
        step, rate, momentum = np.zeros_like(parameters), np.array(self.learning_rate), np.array(self.momentum)

        def descend(gradient: FloatArray) -> None:
            multiply(gradient, rate, step)
            subtract(parameters, step, parameters)

        def roll(gradient: FloatArray) -> None:
            multiply(step, momentum, step)
            add(step, rate * gradient, step)
            subtract(parameters, step, parameters)

        return roll if self.momentum else descend
