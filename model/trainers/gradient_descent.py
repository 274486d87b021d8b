"""Gradient descent: walk downhill along the summed gradient, by the whole table or in mini-batches.

This is the tutorial's trainer. Its `learning_rate` multiplies the summed gradient of half the squared
error, so learning rate 1 on the whole table is the tutorial's step to the digit.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from model.activations import FloatArray
from model.budget import gradient_cost
from model.dataset import Dataset
from model.derivatives import Derivatives
from model.network import Architecture, Network
from model.trainers.contract import Epoch, NetworkOptions, Refinements, measure


@dataclass(frozen=True)
class GradientDescent:
    """Full-batch or mini-batch gradient descent, with momentum (Polyak 1964) if asked."""

    name: ClassVar[str] = "gradient_descent"
    default_network: ClassVar[NetworkOptions] = NetworkOptions(
        hidden_layers=(3,), activation="sigmoid", output_activation="sigmoid", bias=False, scaling="max"
    )
    refinements: ClassVar[Refinements] = Refinements()
    classifies: ClassVar[bool] = True

    learning_rate: float = 1.0
    momentum: float = 0.0
    batch_size: int | None = None
    """Samples in a mini-batch; None: the whole table."""
    max_epochs: int = 1000
    patience: int | None = None
    members: int = 1
    initialisation: str = "standard_normal"

    def epoch_cost(self, architecture: Architecture, rows: int) -> float:
        """Return about how many floating-point operations an epoch takes."""
        return gradient_cost(architecture, rows)

    def epochs(self, network: Network, dataset: Dataset, rng: np.random.Generator) -> Iterator[Epoch]:
        """Yield the start, then after each pass over the table."""
        if self.batch_size is None or self.batch_size >= len(dataset):
            return self._full_batch(network, dataset)
        return self._mini_batch(network, dataset, self.batch_size, rng)

    def _full_batch(self, network: Network, dataset: Dataset) -> Iterator[Epoch]:
        parameters = network.parameters.copy()
        derivatives = Derivatives(network.architecture, dataset.features, parameters)
        descend, targets, (loss, size) = self._descend(parameters), dataset.targets, measure(dataset)
        while True:
            total, gradient = derivatives.loss_and_gradient(targets, loss)
            yield Epoch(total / size, parameters.copy())
            descend(gradient)

    def _mini_batch(
        self, network: Network, dataset: Dataset, batch_size: int, rng: np.random.Generator
    ) -> Iterator[Epoch]:
        parameters = network.parameters.copy()
        descend = self._descend(parameters)
        sizes = {batch_size, len(dataset) % batch_size} - {0}  # the last batch of an epoch may be smaller
        buffers = {size: np.empty((size, dataset.features.shape[1])) for size in sizes}
        loss, size = measure(dataset)
        passes = {count: Derivatives(network.architecture, inputs, parameters) for count, inputs in buffers.items()}
        while True:
            outputs = Network(network.architecture, parameters).forward(dataset.features)
            yield Epoch(loss(outputs, dataset.targets, np.empty_like(outputs)) / size, parameters.copy())
            for batch in dataset.mini_batches(batch_size, rng):
                buffers[len(batch)][:] = batch.features
                descend(passes[len(batch)].loss_and_gradient(batch.targets, loss)[1])

    def _descend(self, parameters: FloatArray) -> Callable[[FloatArray], None]:
        """Return what moves the parameters, in place, one step along a gradient."""
        step, rate, momentum = np.zeros_like(parameters), np.array(self.learning_rate), np.array(self.momentum)

        def descend(gradient: FloatArray) -> None:
            np.multiply(gradient, rate, step)
            np.subtract(parameters, step, parameters)

        def roll(gradient: FloatArray) -> None:
            np.multiply(step, momentum, step)
            np.add(step, rate * gradient, step)
            np.subtract(parameters, step, parameters)

        return roll if self.momentum else descend
