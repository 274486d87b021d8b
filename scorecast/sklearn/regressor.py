"""A regressor for scikit-learn: one target or several, with standard deviations, intervals and quantiles."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils.validation import check_array, check_consistent_length, check_is_fitted

from scorecast.sklearn.columns import Features, name_targets, read_features
from scorecast.sklearn.served import ServedEstimator

MAX_QUANTILES = 100
"""That one request may ask for."""

DEFAULT_QUANTILES = (0.05, 0.5, 0.95)


class ScorecastRegressor(RegressorMixin, ServedEstimator):  # type: ignore[misc]
    """A regression that a Scorecast service trains and answers.

    Parameters
    ----------
    model : the name of the service's model. Each fit trains a version of it, which stays and answers from then on. None: each
        fit makes a model of its own, which is removed with the estimator unless that is pickled.
    url : where the service is; None: SCORECAST_URL, or this machine's.
    trainer, hidden_layers, max_epochs : options of the training; None: the service's choice.
    random_state : the seed of the training; None: the service's own, which is always the same.
    options : further options of the training, by their names in the API.

    Attributes
    ----------
    model_name_, model_version_ : what answers.
    report_ : what the service says of the training: scores on rows that were not seen, relevance of features, warnings.
    target_names_, n_features_in_, feature_names_in_ : the columns.

    """

    def fit(self, X: Any, y: Any) -> Self:  # noqa: N803
        """Have the service train on features (rows, features) and targets (rows,) or (rows, targets)."""
        features = read_features(self, X, y, reset=True)
        values = check_array(y, ensure_2d=False, dtype="numeric", input_name="y", estimator=self).astype(np.float64)
        check_consistent_length(features.table, values)
        by_target = values.reshape(len(values), -1)
        names = name_targets(y, by_target.shape[1], features.names)
        targets = {name: by_target[:, place].tolist() for place, name in enumerate(names)}
        self._train(features, targets)
        self._is_flat = values.ndim == 1
        return self

    def predict(self, X: Any, return_std: bool = False) -> Any:  # noqa: FBT001, FBT002, N803 - as scikit-learn has it
        """Return the means of answers (rows,) or (rows, targets), with `return_std` and their standard deviations."""
        check_is_fitted(self)
        features = read_features(self, X, reset=False)
        told = self._ask(features, standard_deviation=return_std)
        means = self._to_array(told.predictions)
        return (means, self._to_array(told.standard_deviations)) if return_std else means

    def predict_interval(self, X: Any, coverage: float = 0.95) -> Any:  # noqa: N803
        """Return the lower and upper ends of intervals (rows, 2) or (rows, targets, 2) that hold the truth so often."""
        check_is_fitted(self)
        unknown = {"lower": np.nan, "upper": np.nan}
        rows = self._ask(read_features(self, X, reset=False), coverage=coverage).intervals
        found = [[row[name] or unknown for name in self.target_names_] for row in rows]
        ends = [[(each["lower"], each["upper"]) for each in row] for row in found]
        return self._flatten(np.array(ends, np.float64))

    def predict_quantiles(self, X: Any, quantiles: Sequence[float] = DEFAULT_QUANTILES) -> Any:  # noqa: N803
        """Return quantiles of the answers: (rows, quantiles) or (rows, targets, quantiles)."""
        check_is_fitted(self)
        wanted = [float(each) for each in quantiles]
        if not wanted or not all(0 < each < 1 for each in wanted):
            raise ValueError(f"quantiles should be between 0 and 1, such as [0.05, 0.5, 0.95], not {wanted}")
        features = read_features(self, X, reset=False)
        pieces = [wanted[start : start + MAX_QUANTILES] for start in range(0, len(wanted), MAX_QUANTILES)]
        return self._flatten(np.concatenate([self._ask_quantiles(features, piece) for piece in pieces], axis=2))

    def _ask_quantiles(self, features: Features, wanted: Sequence[float]) -> Any:
        """Return quantiles (rows, targets, quantiles) that one request may ask for; NaN where the service cannot tell."""
        rows = self._ask(features, quantiles=wanted).quantiles
        found = [
            [{float(key): value for key, value in row[name].items()} for name in self.target_names_] for row in rows
        ]
        return np.array([[[each[key] for key in wanted] for each in row] for row in found], np.float64)

    def _to_array(self, rows: Sequence[Any]) -> Any:
        """Return numbers by target (rows, targets), as y was given; NaN where the service cannot tell."""
        return self._flatten(np.array([[row[name] for name in self.target_names_] for row in rows], np.float64))

    def _flatten(self, values: Any) -> Any:
        """Return values of targets (rows, targets, ...) as y was given: without the second axis if that was one column."""
        return values[:, 0] if self._is_flat else values

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
