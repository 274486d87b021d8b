"""What every trainer promises, and what it may assume."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Protocol

import numpy as np

from model.activations import FloatArray
from model.dataset import Dataset
from model.derivatives import Loss, cross_entropy, squared_error
from model.evidence import Prior
from model.network import Architecture, Network


class Epoch(NamedTuple):
    """Where a training stands."""

    loss: float
    """At these parameters: mean squared error in scaled units, or mean cross-entropy of categories, in nats."""
    parameters: FloatArray
    """The parameter vector; the trainer does not touch this array again."""
    evidence: float | None = None
    """How well these parameters explain the table, in nats, if the trainer weighs it; then the highest is kept, not the lowest loss."""
    prior: Prior | None = None
    """The precisions of weights and noise that the trainer has arrived at, if it estimates them."""


def measure(dataset: Dataset) -> tuple[Loss, float]:
    """Return the loss that suits a dataset's targets, and what to divide it by for that of an epoch."""
    if dataset.categorical:
        return cross_entropy, float(len(dataset))
    return squared_error, dataset.targets.size / 2


@dataclass(frozen=True)
class NetworkOptions:
    """What may be chosen about a network and the scaling of its table."""

    hidden_layers: tuple[int, ...]
    activation: str
    output_activation: str
    bias: bool
    scaling: str


@dataclass(frozen=True)
class Refinements:
    """What is tried beyond the base ensemble, once that is trained."""

    target_transform: bool = False
    growth: bool = False
    noise_network: bool = False
    budget: float | None = None
    """Billions of floating-point operations for all of it, base included; None: by the number of rows."""


class Trainer(Protocol):
    """A frozen dataclass of options, with one generator."""

    name: ClassVar[str]
    default_network: ClassVar[NetworkOptions]
    """The network that is trained where the request does not choose one."""

    classifies: ClassVar[bool]
    """Whether it can learn categories, as well as numbers."""

    @property
    def initialisation(self) -> str:
        """How the parameters are drawn: a name in `INITIALISATIONS`."""

    @property
    def members(self) -> int:
        """How many networks, from different starts, make the ensemble."""

    @property
    def max_epochs(self) -> int:
        """After how many epochs a network's training stops at the latest."""

    @property
    def patience(self) -> int | None:
        """Stop after so many epochs without a gain, and keep the best: the lowest loss, or the highest evidence; None: run on, and keep the last."""

    @property
    def refinements(self) -> Refinements:
        """What is tried beyond the base ensemble."""

    def epoch_cost(self, architecture: Architecture, rows: int) -> float:
        """Return about how many floating-point operations an epoch takes."""

    def epochs(self, network: Network, dataset: Dataset, rng: np.random.Generator) -> Iterator[Epoch]:
        """Yield where the training of `network` on a scaled dataset starts, then where it stands after each epoch."""
