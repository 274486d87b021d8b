"""Weights of candidates, by what each said of rows that it had not seen.

Half of a weight comes from stacking densities (Yao et al. 2018), half from stacking locations by least squares (Breiman
1996): the first knows how sure each candidate was, the second is after the error alone. Their mean was better than either.
"""

import numpy as np

from model.arrays import FloatArray

ROUNDS = 200
PRIOR_ROWS = 0.5
"""So many rows each candidate is given beforehand (a Dirichlet prior)."""
MIN_WEIGHT = 0.03
"""What is worth less is left out: it would be served for nothing."""
HOLD, HOLD_ROWS = 0.01, 3.0


def weigh(log_densities: FloatArray, locations: FloatArray, targets: FloatArray, priors: FloatArray) -> FloatArray:
    """Return the weights (candidates,), which sum to 1.

    `log_densities` and `locations` are (candidates, rows); `priors` (candidates,) multiply the rows that each is given.
    """
    weights = (stack_densities(log_densities, PRIOR_ROWS * priors) + stack_locations(locations, targets)) / 2
    return drop_small(weights)


def drop_small(weights: FloatArray) -> FloatArray:
    """Return the weights without those that are not worth their cost."""
    kept = np.where(weights >= MIN_WEIGHT, weights, 0.0)
    return np.asarray(kept / kept.sum())


def stack_densities(log_densities: FloatArray, counts: FloatArray) -> FloatArray:
    """Return the weights under which the mixture of densities (candidates, rows) is most probable, by expectation-maximisation.

    The prior of `counts` (candidates,) rows steers the rounds, but is no part of the result: the mean of a table would
    otherwise keep a share of any small one.
    """
    densities = np.exp(log_densities - log_densities.max(axis=0))
    weights = np.full(len(densities), 1.0 / len(densities))
    taken = weights
    for _ in range(ROUNDS):
        shares = densities * weights[:, None]
        taken = (shares / shares.sum(axis=0)).sum(axis=1)
        weights = (taken + counts) / (taken + counts).sum()
    return np.asarray(taken / taken.sum())


def stack_locations(locations: FloatArray, targets: FloatArray, hold: float = HOLD) -> FloatArray:
    """Return the weights (candidates,) on the simplex whose mixture of locations (candidates, rows) has the least squares.

    They are held a little towards weights as 1 / error^4, since candidates say much the same.
    """
    rows, said = len(targets), locations.T
    errors = ((targets - locations) ** 2).mean(axis=1) + 1e-300
    start = (errors.min() / errors) ** 2
    start /= start.sum()
    strength = (hold + HOLD_ROWS / rows) * errors.min()
    curvature = said.T @ said / rows + strength * np.eye(len(errors))
    return minimise_on_simplex(curvature, said.T @ targets / rows + strength * start)


def minimise_on_simplex(curvature: FloatArray, slope: FloatArray) -> FloatArray:
    """Minimise w'Cw/2 - s'w over weights w (n,) that are at least 0 and sum to 1; C (n, n) is positive definite.

    For every subset of the weights that may be other than 0 the conditions of Karush, Kuhn and Tucker are a linear system;
    the least value of those without negative weights is the minimum. There are 2^n - 1 subsets, of a handful of candidates.
    """
    count = len(slope)
    used = (np.arange(1, 1 << count)[:, None] >> np.arange(count)) & 1 == 1
    systems = np.zeros((len(used), count + 1, count + 1))
    systems[:, :count, :count] = np.where(used[:, :, None] & used[:, None, :], curvature, np.eye(count))
    systems[:, :count, count] = systems[:, count, :count] = used
    sides = np.concatenate([np.where(used, slope, 0.0), np.ones((len(used), 1))], axis=1)
    solutions = np.linalg.solve(systems, sides[:, :, None])[:, :, 0]
    weights = solutions[:, :count]
    values = -(sides * solutions).sum(axis=1)  # twice the value, since C w = s less the multiplier
    best = int(np.where((weights >= 0.0).all(axis=1), values, np.inf).argmin())
    return np.asarray(weights[best])
