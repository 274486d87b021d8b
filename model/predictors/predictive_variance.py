"""The predictive variance of an ensemble: how far off its mean may be for a row; in scaled units.

With f_m the outputs of member m, J_m their Jacobian by its parameters and A_m^-1 the covariance of these,

    variance = mean over m of ( 1 / beta_m  +  J_m A_m^-1 J_m'  +  (f_m - f)^2 ),    f = mean over m of f_m:

the noise, the functional variance (MacKay 1992), and the disagreement of the members (Lakshminarayanan et al. 2017).
With A^-1 = F'F the functional variance is the squared length of F J: one
product for all rows, never negative, and no matrix is inverted or solved while rows wait. Where A^-1 = diag(prior) -
F'F, which needs less room for few rows, that length is taken from J diag(prior) J'.
"""

from functools import cached_property

import numpy as np
from numpy import add, matmul, maximum, multiply

from model.arrays import FloatArray
from model.network import ZERO, Ensemble, EnsemblePass, in_tiles
from model.posterior import Posterior
from model.table import NetworkInputs


class PredictiveVariance:
    """Locations and predictive variances of up to a fixed number of rows, in buffers that are allocated once."""

    def __init__(
        self,
        network_inputs: NetworkInputs,
        rotation: FloatArray | None,
        ensemble: Ensemble,
        posterior: Posterior,
        samples: int,
    ) -> None:
        self._network_inputs, self._posterior = network_inputs, posterior
        tile_rows = self._tile_rows = posterior.tile_rows
        self._pass = EnsemblePass(ensemble, samples, tile_rows, posterior.factor)
        self._read = self._pass.inputs
        self._rotation_product: tuple[FloatArray, ...] | None = None
        if rotation is not None:
            self._read = np.zeros((len(rotation), samples))
            operands = (self._read, self._pass.inputs)
            self._rotation_product = (rotation.T, *(in_tiles(each, tile_rows) for each in operands))
        self._members = len(ensemble.parameters)
        self._noise = posterior.noise.mean(axis=0)[:, None]

    def locations(self, columns: FloatArray) -> FloatArray:
        """Return the scaled locations (targets, rows) for columns (rows, columns)."""
        self._load(columns)
        return self._mean(self._pass.outputs())[:, : len(columns)]

    def locations_and_variances(self, columns: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the scaled locations and predictive variances, each (targets, rows), for columns (rows, columns)."""
        self._load(columns)
        outputs, jacobian = self._pass.outputs_and_jacobian()
        mean = self._mean(outputs)
        squares = outputs - mean
        multiply(squares, squares, squares)
        add(squares, self._functional_variance(jacobian), squares)
        variance = self._mean(squares)
        add(variance, self._noise, variance)
        rows = len(columns)
        return mean[:, :rows], variance[:, :rows]

    def _functional_variance(self, jacobian: FloatArray) -> FloatArray:
        """Return J A^-1 J' (members, targets, samples), the functional variance: that of the outputs by the uncertain parameters."""
        product, projected = self._factor_product
        matmul(*product)
        multiply(projected, projected, projected)
        by_rows: FloatArray = add.reduce(projected, 2)
        if self._posterior.prior is None:
            return by_rows
        product, squares, by_prior = self._prior_product
        multiply(jacobian, jacobian, squares)
        matmul(*product)
        return np.asarray(maximum(by_prior[:, :, 0] - by_rows, ZERO))

    def _load(self, columns: FloatArray) -> None:
        self._read[:, : len(columns)] = self._network_inputs.apply(columns).T
        if self._rotation_product is not None:
            matmul(*self._rotation_product)

    def _mean(self, values: FloatArray) -> FloatArray:
        """Average values (members, targets, samples) over the members."""
        return np.asarray(add.reduce(values, 0) / self._members)

    @cached_property
    def _factor_product(self) -> tuple[tuple[FloatArray, ...], FloatArray]:
        """The operands and the result of the product F J, and that result (members, targets, any number, samples)."""
        factor = self._posterior.factor
        jacobian = self._pass.jacobian
        projected = np.empty((*jacobian.shape[:2], factor.shape[1], jacobian.shape[-1]), factor.dtype)
        return (
            factor[:, None, None],
            in_tiles(jacobian, self._tile_rows),
            in_tiles(projected, self._tile_rows),
        ), projected

    @cached_property
    def _prior_product(self) -> tuple[tuple[FloatArray, ...], FloatArray, FloatArray]:
        """The operands and the result of the variance by the prior alone, the squared Jacobian in it, and that result."""
        squares = np.empty_like(self._pass.jacobian)
        by_prior = np.empty((*squares.shape[:2], 1, squares.shape[-1]))
        assert self._posterior.prior is not None  # noqa: S101 - for the type checker
        prior = self._posterior.prior[:, None, None, None]
        return (prior, in_tiles(squares, self._tile_rows), in_tiles(by_prior, self._tile_rows)), squares, by_prior
