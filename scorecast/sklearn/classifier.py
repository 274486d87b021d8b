"""A classifier for scikit-learn, with probabilities."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_array, check_consistent_length, check_is_fitted, column_or_1d

from scorecast.sklearn.columns import name_targets, read_features
from scorecast.sklearn.served import ServedEstimator


class ScorecastClassifier(ClassifierMixin, ServedEstimator):  # type: ignore[misc]
    """A classification that a Scorecast service trains and answers. Its parameters are those of `ScorecastRegressor`.

    Attributes
    ----------
    classes_ : the classes, sorted.
    model_name_, model_version_, report_, target_names_, n_features_in_, feature_names_in_ : as of the regressor.

    """

    def fit(self, X: Any, y: Any) -> Self:  # noqa: N803
        """Have the service train on features (rows, features) and classes (rows,)."""
        features = read_features(self, X, y, reset=True)
        checked = check_array(y, ensure_2d=False, dtype=None, input_name="y", estimator=self)
        labels = column_or_1d(checked, warn=True)
        check_classification_targets(labels)
        check_consistent_length(features.table, labels)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"a classifier needs two classes or more, but y holds one class: {self.classes_[0]!r}")
        self._words = write_classes(self.classes_.tolist())
        (name,) = name_targets(y, 1, features.names)
        self._train(features, {name: [self._words[code] for code in codes.tolist()]}, [name])
        return self

    def predict(self, X: Any) -> Any:  # noqa: N803
        """Return the most probable class (rows,) of each row."""
        probabilities = self.predict_proba(X)
        return self.classes_[probabilities.argmax(axis=1)]

    def predict_proba(self, X: Any) -> Any:  # noqa: N803
        """Return probabilities (rows, classes), in the order of `classes_`."""
        check_is_fitted(self)
        (target,) = self.target_names_
        rows = self._ask(read_features(self, X, reset=False)).probabilities
        found = np.array([[row[target][word] for word in self._words] for row in rows], np.float64)
        return found / found.sum(axis=1, keepdims=True)  # a model may know more classes than this fit had


def write_classes(classes: Sequence[Any]) -> list[str]:
    """Return a word for each class: as it is written, if the service can tell these words apart."""
    words = [str(each) for each in classes]
    plain = {word.strip() for word in words} - {""}
    return words if len(plain) == len(words) and plain == {*words} else [f"class {n}" for n in range(len(words))]
