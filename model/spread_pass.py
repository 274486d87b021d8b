"""A spread pass: what an ensemble says about some rows, and how far off it may be; in scaled units."""

from functools import cached_property

import numpy as np
from numpy import add, matmul, maximum, multiply

from model.activations import ZERO, FloatArray
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
        lanes = self._lanes = posterior.lanes
        self._pass = EnsemblePass(ensemble, samples, lanes, posterior.factor.dtype)
        self._noise_network = noise_network
        self._noise_passes = noise_network.passes(samples, lanes) if noise_network is not None else []
        self._members = len(ensemble.parameters)
        self._prior = None if posterior.prior is None else posterior.prior[:, None, :, None]
        self._noise = posterior.noise.mean(axis=0)[:, None]

    def locations(self, columns: FloatArray) -> tuple[FloatArray]:
        """Return the scaled locations (rows, targets) for columns (rows, columns)."""
        self._load(columns)
        return (self._mean(self._pass.outputs()).T[: len(columns)],)

    def spread(self, columns: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the scaled locations and predictive variances, each (rows, targets), for columns (rows, columns)."""
        self._load(columns)
        outputs, jacobian = self._pass.outputs_and_jacobian()
        mean = self._mean(outputs)
        apart = outputs - mean
        multiply(apart, apart, apart)
        add(apart, self._of_parameters(jacobian), apart)
        variance = self._mean(apart)
        add(variance, self._noise, variance)
        if self._noise_network is not None:
            inputs = self._noise_network.encoding.apply(columns).T
            variance *= self._noise_network.multipliers(self._noise_passes, inputs, mean)
        return mean.T[: len(columns)], variance.T[: len(columns)]

    def _of_parameters(self, jacobian: FloatArray) -> FloatArray:
        """Return J A^-1 J' (members, targets, samples), the variance that comes from what is uncertain about the parameters."""
        product, along = self._along
        matmul(*product)
        multiply(along, along, along)
        taken: FloatArray = add.reduce(along, 2)
        if self._prior is None:
            return taken
        jacobian = jacobian[:, :, -self._prior.shape[-2] :]
        multiply(jacobian, jacobian, self._squares)
        multiply(self._squares, self._prior, self._squares)
        return np.asarray(maximum(add.reduce(self._squares, 2) - taken, ZERO))

    def _load(self, columns: FloatArray) -> None:
        self._pass.inputs[:, : len(columns)] = self._encoding.apply(columns).T

    def _mean(self, values: FloatArray) -> FloatArray:
        """Average values (members, targets, samples) over the members."""
        return np.asarray(add.reduce(values, 0) / self._members)

    @cached_property
    def _along(self) -> tuple[tuple[FloatArray, ...], FloatArray]:
        """What F J is the product of, and that product itself (members, targets, any number, samples)."""
        factor = self._posterior.factor
        _, jacobian = self._pass.outputs_and_jacobian()
        jacobian = jacobian[:, :, -factor.shape[-1] :]
        along = np.empty((*jacobian.shape[:2], factor.shape[1], jacobian.shape[-1]), factor.dtype)
        return (factor[:, None, None], in_lanes(jacobian, self._lanes), in_lanes(along, self._lanes)), along

    @cached_property
    def _squares(self) -> FloatArray:
        _, jacobian = self._pass.outputs_and_jacobian()
        return np.empty_like(jacobian[:, :, -self._posterior.factor.shape[-1] :])
