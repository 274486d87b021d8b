"""What an estimator is given, as columns of the service: features of frames and arrays, and targets with their names."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils.validation import check_array, validate_data

from scorecast.client.frames import is_frame, read_array, read_frame


@dataclass(frozen=True)
class Features:
    """The features of some rows: a frame, or an array under names."""

    table: Any
    names: Sequence[str]

    def to_columns(self) -> tuple[dict[str, list[Any]], list[str]]:
        """Return the columns as cells, and the names of those that are of categories by their type."""
        if is_frame(self.table):
            return read_frame(self.table)
        return read_array(self.table, self.names), []


def read_features(estimator: Any, X: Any, y: Any = "no_validation", *, reset: bool) -> Features:  # noqa: N803
    """Return what an estimator is given, checked as scikit-learn does; `reset` in a fit. Raises `ValueError`, `TypeError`.

    A frame stays as it is, since its columns may be words, dates and gaps; an array becomes one of numbers if it can.
    """
    if is_frame(X):
        validate_data(estimator, X, y, reset=reset, skip_check_array=True)
        if 0 in X.shape:
            check_array(np.empty(X.shape), estimator=estimator)  # says so as scikit-learn does
        names = _names_of(estimator)
        is_named = hasattr(estimator, "feature_names_in_")
        return Features(X if is_named else X.set_axis(names, axis=1), names)
    checks = {"ensure_all_finite": "allow-nan", "estimator": estimator, "input_name": "X"}
    try:
        array = check_array(X, dtype="numeric", **checks)
    except ValueError:
        if not _may_hold_words(X):
            raise
        array = check_array(X, dtype=object, **checks)
    if array.dtype == bool:
        array = array.astype(np.float64)
    validate_data(estimator, X, y, reset=reset, skip_check_array=True)
    return Features(array, _names_of(estimator))


def name_targets(y: Any, count: int, taken: Sequence[str]) -> list[str]:
    """Return names for targets: those that y has, if they are texts; none is a feature's."""
    own = list(getattr(y, "columns", [getattr(y, "name", None)]))
    if len(own) != count or not all(isinstance(name, str) and name for name in own):
        own = ["target"] if count == 1 else [f"target_{place}" for place in range(count)]
    return [_choose(name, taken) for name in own]


def _names_of(estimator: Any) -> list[str]:
    names = getattr(estimator, "feature_names_in_", None)
    return [f"x{place}" for place in range(estimator.n_features_in_)] if names is None else list(names)


def _may_hold_words(X: Any) -> bool:  # noqa: N803
    """Return whether an array that is not of numbers may be one of words, or of both."""
    return np.asarray(X).dtype.kind in "OUS" and not np.iscomplexobj(X)


def _choose(name: str, taken: Sequence[str]) -> str:
    while name in taken:
        name += "_target"
    return name
