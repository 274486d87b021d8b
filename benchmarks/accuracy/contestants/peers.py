"""The other methods, each as one would use it without tuning, on one thread; imported in their own environment."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.stats import norm

from benchmarks.accuracy.contestants import conformal, frames
from benchmarks.accuracy.forecast import LEVELS, Classes, Floats, Forecast
from benchmarks.accuracy.tables.table import Split, numbers

MAX_ROWS_OF_PROCESS = 600
"""A Gaussian process costs the cube of the rows; beyond, it does not take part."""

MAX_LENGTHS_OF_PROCESS = 30
"""Up to so many columns each has a length scale of its own; beyond, one is for all."""


def _around(split: Split, features: Any, fresh: Any, fit: conformal.Fit, seed: int) -> Forecast:
    targets = numbers(split.known[split.target])
    residuals = targets - conformal.out_of_fold(fit, features, targets, seed)
    location = np.asarray(fit(features, targets, seed)(fresh), dtype=float)
    return conformal.forecast(location, residuals, *frames.as_numbers(split))


def mean(split: Split, seed: int) -> Forecast:
    """Return the mean of the training targets, and their conformal quantiles."""
    known, fresh = frames.as_numbers(split)
    return _around(split, known, fresh, lambda _, y, __: lambda x: np.full(len(x), y.mean()), seed)


def ridge(split: Split, seed: int) -> Forecast:
    """Return ridge regression; its strength by leave-one-out."""
    from sklearn.linear_model import RidgeCV

    def fit(features: Floats, targets: Floats, _: int) -> Callable[[Any], Floats]:
        predict: Callable[[Any], Floats] = RidgeCV(np.logspace(-3, 5, 33)).fit(features, targets).predict
        return predict

    known, fresh = frames.as_numbers(split)
    return _around(split, known, fresh, fit, seed)


def catboost(split: Split, seed: int) -> Forecast:
    """Return CatBoost by its defaults, words as its own categories."""
    from catboost import CatBoostRegressor

    words = sorted(split.words & set(split.features))

    def fit(features: Any, targets: Floats, seed: int) -> Callable[[Any], Floats]:
        if np.ptp(targets) == 0 or (features.nunique() <= 1).all():  # CatBoost refuses what does not vary
            return lambda x: np.full(len(x), targets.mean())
        estimator = CatBoostRegressor(
            random_seed=seed, thread_count=1, verbose=False, cat_features=words, allow_writing_files=False
        )
        predict: Callable[[Any], Floats] = estimator.fit(features, targets).predict
        return predict

    return _around(split, *frames.with_words(split), fit, seed)


def lightgbm(split: Split, seed: int) -> Forecast:
    """Return LightGBM by its defaults, words as its own categories."""
    from lightgbm import LGBMRegressor

    def fit(features: Any, targets: Floats, seed: int) -> Callable[[Any], Floats]:
        predict: Callable[[Any], Floats] = (
            LGBMRegressor(random_state=seed, n_jobs=1, verbose=-1).fit(features, targets).predict
        )
        return predict

    return _around(split, *frames.with_categories(split), fit, seed)


def xgboost(split: Split, seed: int) -> Forecast:
    """Return XGBoost by its defaults, words as its own categories."""
    from xgboost import XGBRegressor

    def fit(features: Any, targets: Floats, seed: int) -> Callable[[Any], Floats]:
        estimator = XGBRegressor(random_state=seed, n_jobs=1, enable_categorical=True)
        predict: Callable[[Any], Floats] = estimator.fit(features, targets).predict
        return predict

    return _around(split, *frames.with_categories(split), fit, seed)


def _normal(location: Floats, deviation: Floats) -> Forecast:
    return Forecast(location, location[:, None] + deviation[:, None] * norm.ppf(LEVELS))


def ngboost(split: Split, seed: int) -> Forecast:
    """Return NGBoost by its defaults: a normal distribution of its own."""
    from ngboost import NGBRegressor

    known, fresh = frames.as_numbers(split)
    estimator = NGBRegressor(random_state=seed, verbose=False).fit(known, numbers(split.known[split.target]))
    found = estimator.pred_dist(fresh)
    return _normal(found.params["loc"], found.params["scale"])


def process(split: Split, seed: int) -> Forecast:
    """Return a Gaussian process, its kernel by marginal likelihood: a normal distribution of its own."""
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

    known, fresh = frames.as_numbers(split)
    if len(known) > MAX_ROWS_OF_PROCESS:
        raise NotImplementedError(f"more than {MAX_ROWS_OF_PROCESS} rows")
    features = known.shape[1]
    lengths = np.full(features if features <= MAX_LENGTHS_OF_PROCESS else 1, np.sqrt(features))
    kernel = ConstantKernel() * RBF(lengths, (1e-2, 1e4)) + WhiteKernel()
    estimator = GaussianProcessRegressor(kernel, normalize_y=True, random_state=seed)
    location, deviation = estimator.fit(known, numbers(split.known[split.target])).predict(fresh, return_std=True)
    return _normal(location, np.maximum(deviation, 1e-12))


def catboost_classes(split: Split, seed: int) -> Classes:
    """Return CatBoost's classifier by its defaults."""
    from catboost import CatBoostClassifier

    known, fresh = frames.with_words(split)
    words = sorted(split.words & set(split.features))
    options = {"thread_count": 1, "verbose": False, "cat_features": words, "allow_writing_files": False}
    estimator = CatBoostClassifier(random_seed=seed, **options).fit(known, list(split.known[split.target]))
    return Classes(tuple(map(str, estimator.classes_)), estimator.predict_proba(fresh))


def logistic_classes(split: Split, seed: int) -> Classes:
    """Return logistic regression, its strength by five-fold log-loss."""
    from sklearn.linear_model import LogisticRegressionCV

    known, fresh = frames.as_numbers(split)
    targets = np.array(split.known[split.target])
    fewest = int(np.unique(targets, return_counts=True)[1].min())
    estimator = LogisticRegressionCV(
        Cs=10, cv=max(2, min(5, fewest)), scoring="neg_log_loss", max_iter=2000, random_state=seed
    ).fit(known, targets)
    return Classes(tuple(estimator.classes_), estimator.predict_proba(fresh))


def prior_classes(split: Split, _: int) -> Classes:
    """Return how often each class is among the training rows."""
    names, counts = np.unique(split.known[split.target], return_counts=True)
    rows = len(split.fresh[split.target])
    return Classes(tuple(names.tolist()), np.tile(counts / counts.sum(), (rows, 1)))


REGRESSORS: dict[str, Callable[[Split, int], Forecast]] = {
    "mean": mean, "ridge": ridge, "catboost": catboost, "lightgbm": lightgbm, "xgboost": xgboost, "ngboost": ngboost,
    "process": process,
}  # fmt: skip
CLASSIFIERS: dict[str, Callable[[Split, int], Classes]] = {
    "mean": prior_classes, "ridge": logistic_classes, "catboost": catboost_classes,
}  # fmt: skip
"""`mean` and `ridge` stand for their counterparts: how often each class is, and logistic regression."""
