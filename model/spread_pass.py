"""A spread pass: what an ensemble says about some rows, and how far off it may be; in scaled units."""

from functools import cached_property

import numpy as np
from numpy import add, matmul, multiply

from model.activations import FloatArray
from model.encoding import Encoding
from model.ensemble_pass import EnsemblePass
from model.lanes import in_lanes
from model.network import Ensemble
from model.noise_network import NoiseNetwork
from model.uncertainty import Posterior


class SpreadPass:
    """Locations and predictive variances of up to a fixed number of rows, in buffers that are allocated once."""

    def __init__(
        self,
        encoding: Encoding,
        ensemble: Ensemble,
        posterior: Posterior,
        noise_network: NoiseNetwork | None,
        samples: int,
    ) -> None:
        self._encoding, self._posterior = encoding, posterior
        self._pass = EnsemblePass(ensemble, samples)
        self._noise_network = noise_network
        self._noise_passes = noise_network.passes(samples) if noise_network is not None else []
        self._members = len(ensemble.parameters)
        self._noise = posterior.noise.mean(axis=0)[:, None]

    def locations(self, columns: FloatArray) -> tuple[FloatArray]:
        """Return the scaled locations (rows, targets) for columns (rows, columns)."""
        self._load(columns)
        return (self._mean(self._pass.outputs()).T[: len(columns)],)

    def spread(self, columns: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the scaled locations and predictive variances, each (rows, targets), for columns (rows, columns)."""
        self._load(columns)
        outputs, _ = self._pass.outputs_and_jacobian()
        product, along = self._along
        matmul(*product)
        multiply(along, along, along)
        mean = self._mean(outputs)
        apart = outputs - mean
        multiply(apart, apart, apart)
        add(apart, add.reduce(along, 2), apart)
        variance = self._mean(apart)
        add(variance, self._noise, variance)
        if self._noise_network is not None:
            inputs = self._noise_network.encoding.apply(columns).T
            variance *= self._noise_network.multipliers(self._noise_passes, inputs, mean)
        return mean.T[: len(columns)], variance.T[: len(columns)]

    def _load(self, columns: FloatArray) -> None:
        self._pass.inputs[0, :, : len(columns)] = self._encoding.apply(columns).T

    def _mean(self, values: FloatArray) -> FloatArray:
        """Average values (members, targets, samples) over the members."""
        return np.asarray(add.reduce(values, 0) / self._members)

    @cached_property
    def _along(self) -> tuple[tuple[FloatArray, ...], FloatArray]:
        """What F J (members, targets, covered, samples), whose squares sum to the variance, is the product of; and it."""
        factor = self._posterior.factor
        covered = factor.shape[-1]
        _, jacobian = self._pass.outputs_and_jacobian()
        jacobian = jacobian[:, :, -covered:]
        along = np.empty(jacobian.shape)
        return (factor[:, None], in_lanes(jacobian), in_lanes(along)), along
