"""The covariance of a network's parameters: what is left uncertain about them."""

from typing import NamedTuple

import numpy as np

from model.arrays import FloatArray
from model.posterior.cholesky import cholesky


class Covariance(NamedTuple):
    """A^-1, as what takes least room."""

    factor: FloatArray
    """(any number, parameters): F."""
    prior: FloatArray | None = None
    """(parameters,): A^-1 is diag(prior) - F'F; None: it is F'F."""

    def between(self, jacobian: FloatArray) -> FloatArray:
        """Return J A^-1 J' (samples, outputs, outputs) for a Jacobian (outputs, parameters, samples)."""
        along = np.matmul(self.factor, jacobian)
        squares: FloatArray = np.einsum("kpn,lpn->nkl", along, along)
        if self.prior is None:
            return squares
        return np.asarray(np.einsum("kpn,p,lpn->nkl", jacobian, self.prior, jacobian) - squares)

    def times(self, vector: FloatArray) -> FloatArray:
        """Return A^-1 times a vector (parameters,)."""
        product = np.asarray(self.factor.T @ (self.factor @ vector))
        return product if self.prior is None else self.prior * vector - product

    @property
    def whole(self) -> "Covariance":
        """The same as F'F."""
        if self.prior is None:
            return self
        return Covariance(cholesky(np.diag(self.prior) - self.factor.T @ self.factor).T)
