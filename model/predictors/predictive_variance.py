"""A spread pass: what an ensemble says about some rows, and how far off it may be; in scaled units."""

from functools import cached_property

import numpy as np
from numpy import add, matmul, maximum, multiply

from model.arrays import FloatArray
from model.network import ZERO, Ensemble, EnsemblePass, in_lanes
from model.posterior import Posterior
from model.predictors.noise_network import NoiseNetwork
from model.table import Encoding


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
        self._pass = EnsemblePass(ensemble, samples, lanes, posterior.factor)
        self._noise_network = noise_network
        self._noise_passes = noise_network.passes(samples, lanes) if noise_network is not None else []
        self._members = len(ensemble.parameters)
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
        if self._posterior.prior is None:
            return taken
        product, squares, given = self._given
        multiply(jacobian, jacobian, squares)
        matmul(*product)
        return np.asarray(maximum(given[:, :, 0] - taken, ZERO))

    def _load(self, columns: FloatArray) -> None:
        self._pass.inputs[:, : len(columns)] = self._encoding.apply(columns).T

    def _mean(self, values: FloatArray) -> FloatArray:
        """Average values (members, targets, samples) over the members."""
        return np.asarray(add.reduce(values, 0) / self._members)

    @cached_property
    def _along(self) -> tuple[tuple[FloatArray, ...], FloatArray]:
        """What F J is the product of, and that product itself (members, targets, any number, samples)."""
        factor = self._posterior.factor
        jacobian = self._pass.jacobian
        along = np.empty((*jacobian.shape[:2], factor.shape[1], jacobian.shape[-1]), factor.dtype)
        return (factor[:, None, None], in_lanes(jacobian, self._lanes), in_lanes(along, self._lanes)), along

    @cached_property
    def _given(self) -> tuple[tuple[FloatArray, ...], FloatArray, FloatArray]:
        """What the variance by the prior alone is the product of, the squared Jacobian in it, and that product."""
        squares = np.empty_like(self._pass.jacobian)
        given = np.empty((*squares.shape[:2], 1, squares.shape[-1]))
        assert self._posterior.prior is not None  # noqa: S101 - for the type checker
        prior = self._posterior.prior[:, None, None, None]
        return (prior, in_lanes(squares, self._lanes), in_lanes(given, self._lanes)), squares, given
