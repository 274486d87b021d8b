"""A predictor is everything needed to answer a question: an ensemble of networks with its scalers."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from model.activations import FloatArray
from model.network import Architecture, Network
from model.scaler import Scaler
from model.signature import Signature


@dataclass(frozen=True, eq=False)
class Predictor:
    """Networks of one architecture, whose answers are averaged. Threads may share it."""

    signature: Signature
    architecture: Architecture
    parameters: FloatArray
    """One member a row: (members, parameters)."""
    features: Scaler
    targets: Scaler

    @cached_property
    def members(self) -> tuple[Network, ...]:
        """The ensemble's networks."""
        return tuple(Network(self.architecture, parameters) for parameters in self.parameters)

    def predict(self, features: FloatArray) -> FloatArray:
        """Targets (rows, targets), in their own units and within their bounds, for features (rows, features)."""
        inputs = self.features.apply(features)
        outputs = sum(network.forward(inputs) for network in self.members) / len(self.members)
        return self.within_bounds(self.targets.invert(np.asarray(outputs)))

    def within_bounds(self, targets: FloatArray) -> FloatArray:
        """Clip targets (rows, targets) to the bounds that the signature declares."""
        return np.clip(targets, *self._bounds)

    @cached_property
    def _bounds(self) -> tuple[FloatArray, FloatArray]:
        columns = self.signature.targets
        minimum = np.array([-np.inf if column.minimum is None else column.minimum for column in columns])
        maximum = np.array([np.inf if column.maximum is None else column.maximum for column in columns])
        return minimum, maximum
