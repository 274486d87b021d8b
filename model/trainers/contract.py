"""What every trainer promises, and what it may assume."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np

from model.arrays import FloatArray
from model.network import Architecture, Network
from model.posterior import Prior
from model.table import Dataset


class Epoch(NamedTuple):
    """Where a training stands."""

    loss: float
    """At these parameters: the mean squared error in scaled units; for categories the mean cross-entropy, in nats."""
    parameters: FloatArray
    """The parameter vector; the trainer does not touch this array again."""
    evidence: float | None = None
    """How well these parameters explain the table, in nats, if the trainer computes it; then the highest is kept, not the lowest loss."""
    prior: Prior | None = None
    """The precisions of weights and noise that the trainer has arrived at, if it estimates them."""


@dataclass(frozen=True)
class NetworkOptions:
    """What may be chosen about a network and the scaling of its table."""

    hidden_layers: tuple[int, ...]
    activation: str
    output_activation: str
    bias: bool
    scaling: str


def option(default: Any, **constraints: Any) -> Any:
    """Return a dataclass field with a default, a `description` and limits (gt, ge, lt, le) for its documentation."""
    return field(default=default, metadata=constraints)


@dataclass(frozen=True)
class Refinements:
    """What is tried beside the candidates."""

    target_transform: bool = False
    growth: bool = False
    noise_network: bool = False
    budget: float | None = None
    """Billions of floating-point operations for all of it, base included; None: by the number of rows."""


class Trainer(Protocol):
    """A frozen dataclass of options, each made by `option`, with one generator."""

    name: ClassVar[str]
    losses: ClassVar[tuple[str, ...]]
    """What it can minimise: names in `LOSSES`."""
    default_network: ClassVar[NetworkOptions]
    """The network that is trained where the request does not choose one."""

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
        """What is tried beside the candidates."""

    def epoch_cost(self, architecture: Architecture, rows: int) -> float:
        """Return about how many floating-point operations an epoch takes."""

    def epoch_bytes(self, architecture: Architecture, rows: int) -> float:
        """Return about how much memory an epoch takes, beside the table."""

    def epochs(self, network: Network, dataset: Dataset, rng: np.random.Generator) -> Iterator[Epoch]:
        """Yield where the training of `network` on a scaled dataset starts, then where it stands after each epoch."""
