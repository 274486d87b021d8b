"""Target transforms: a skewed target is learned more easily on another scale."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from model.arrays import FloatArray
from model.table.signature import Column

MAX_EXPONENT = 700.0
LOGIT_MARGIN = 0.01
"""How far beyond a target's bounds the logit scale reaches, as a share of its range, so that the bounds themselves are on it."""


class Transform(NamedTuple):
    """A growing function of a target, of arrays of any shape."""

    forward: Callable[[FloatArray], FloatArray]
    inverse: Callable[[FloatArray], FloatArray]
    log_slope: Callable[[FloatArray], FloatArray]
    """The logarithm of the function's slope, where the target has this value."""
    suits: Callable[[FloatArray], bool]
    """Whether it is defined for all these targets."""
    widest: float = np.inf
    """The largest deviation, on the transformed scale, that a mean is taken over: the mean of a wider exponential is without bound."""
    lowest: float = -np.inf
    """The least target that comes back: whatever is lower on the transformed scale becomes this."""


def _log(_: Column) -> Transform:
    return Transform(
        np.log,
        lambda transformed: np.exp(np.minimum(transformed, MAX_EXPONENT)),
        lambda target: -np.log(target),
        lambda targets: bool((targets > 0).all()),
        widest=1.0,
    )


def _root(_: Column) -> Transform:
    return Transform(
        lambda target: 2 * np.sqrt(target),
        lambda transformed: np.maximum(transformed, 0.0) ** 2 / 4,
        lambda target: -0.5 * np.log(target),
        lambda targets: bool((targets > 0).all()),
        lowest=0.0,
    )


def _logit(column: Column) -> Transform | None:
    if column.minimum is None or column.maximum is None:
        return None
    margin = LOGIT_MARGIN * (column.maximum - column.minimum)
    low, high = column.minimum - margin, column.maximum + margin
    return Transform(
        lambda target: np.log((target - low) / (high - target)),
        lambda transformed: low + (high - low) * 0.5 * (1 + np.tanh(transformed / 2)),
        lambda target: np.log((high - low) / ((target - low) * (high - target))),
        lambda targets: bool(((low < targets) & (targets < high)).all()),
    )


def _identity(_: Column) -> Transform:
    return Transform(lambda target: target, lambda transformed: transformed, np.zeros_like, lambda _targets: True)


TRANSFORMS: dict[str, Callable[[Column], Transform | None]] = {
    "identity": _identity,
    "root": _root,
    "log": _log,
    "logit": _logit,
}
