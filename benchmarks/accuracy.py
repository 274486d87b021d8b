"""Scorecast beside scikit-learn, on the same rows: root mean squared error and log likelihood.

    python -m benchmarks.accuracy > docs/accuracy.md

A contestant that gives no distribution gets a normal one, as wide as its three-fold cross-validated residuals.
"""

import sys
import warnings
from collections.abc import Callable, Iterator

import numpy as np
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.linear_model import BayesianRidge
from sklearn.model_selection import cross_val_predict
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.ours import learn, log_likelihood
from benchmarks.problems import problems
from benchmarks.tables import splits, tables
from model.arrays import FloatArray
from model.table.dataset import Dataset

Result = tuple[float, float]
"""Root mean squared error, and mean log likelihood of a row."""

MAX_ROWS_FOR_PROCESSES = 300
"""A Gaussian process costs the cube of the rows; beyond, it does not take part."""


def normal_log_density(residuals: FloatArray, deviation: FloatArray | float) -> FloatArray:
    """Return the logarithm of the normal density."""
    return np.asarray(-0.5 * (residuals / deviation) ** 2 - np.log(deviation) - 0.5 * np.log(2 * np.pi))


def by_scorecast(known: Dataset, fresh: Dataset) -> Result:
    """Train by the defaults."""
    predictor = learn(known)
    residuals = predictor.predict(fresh.features).mean - fresh.targets
    return float(np.sqrt(np.mean(residuals**2))), float(log_likelihood(predictor, fresh).mean())


def by_residuals(estimator: object) -> Callable[[Dataset, Dataset], Result]:
    """Return what judges an estimator that gives means alone."""

    def result(known: Dataset, fresh: Dataset) -> Result:
        left_out = cross_val_predict(clone(estimator), known.features, known.targets[:, 0], cv=3)
        deviation = float(np.sqrt(np.mean((left_out - known.targets[:, 0]) ** 2)))
        fitted = clone(estimator).fit(known.features, known.targets[:, 0])
        residuals = fitted.predict(fresh.features) - fresh.targets[:, 0]
        return float(np.sqrt(np.mean(residuals**2))), float(normal_log_density(residuals, deviation).mean())

    return result


def by_deviation(estimator: object) -> Callable[[Dataset, Dataset], Result]:
    """Return what judges an estimator that gives standard deviations, on standardised features and targets."""

    def result(known: Dataset, fresh: Dataset) -> Result:
        if isinstance(estimator, GaussianProcessRegressor) and len(known) > MAX_ROWS_FOR_PROCESSES:
            return np.nan, np.nan
        features, target = StandardScaler().fit(known.features), StandardScaler().fit(known.targets)
        scaled = target.transform(known.targets)[:, 0]
        fitted = clone(estimator).fit(features.transform(known.features), scaled)
        mean, deviation = fitted.predict(features.transform(fresh.features), return_std=True)
        residuals = target.scale_[0] * mean + target.mean_[0] - fresh.targets[:, 0]
        likelihood = normal_log_density(residuals, np.maximum(deviation, 1e-6) * target.scale_[0])
        return float(np.sqrt(np.mean(residuals**2))), float(likelihood.mean())

    return result


def _process(features: int) -> GaussianProcessRegressor:
    return GaussianProcessRegressor(RBF(np.ones(features)) + WhiteKernel(), random_state=0)


def contestants(features: int) -> dict[str, Callable[[Dataset, Dataset], Result]]:
    """Return who takes part, each as one would use it without tuning."""
    network = make_pipeline(StandardScaler(), MLPRegressor(max_iter=500, random_state=0))
    return {
        "Scorecast": by_scorecast,
        "MLP": by_residuals(network),
        "Gaussian process": by_deviation(_process(features)),
        "ridge": by_deviation(BayesianRidge()),
        "HistGradientBoosting": by_residuals(HistGradientBoostingRegressor(random_state=0)),
        "random forest": by_residuals(RandomForestRegressor(random_state=0)),
    }


def contests() -> Iterator[tuple[str, list[tuple[Dataset, Dataset]]]]:
    """Yield each contest: its name, and the splits it is held on."""
    for problem in problems():
        known, fresh = problem.draw(problem.rows, 1), problem.draw(2000, 2)
        kind = "" if problem.kind == "normal" else f", {problem.kind}"
        yield f"{problem.name} ({problem.rows} rows, noise {problem.noise:g}{kind})", [(known, fresh)]
    for name, table in tables():
        yield f"{name} ({len(table)} x {table.features.shape[1]}; 20 splits)", list(splits(table))


def main() -> None:
    """Print the table, and who was best how often."""
    names = list(contestants(1))
    print("# Accuracy, beside scikit-learn\n")
    print("Made by `python -m benchmarks.accuracy`: RMSE / mean log likelihood of unseen rows, the best in bold.")
    print("No estimator is tuned. Synthetic problems are named by function and number of features.\n")
    print("| table | " + " | ".join(names) + " |\n" + "|---" * (1 + len(names)) + "|")
    wins = np.zeros((len(names), 2), dtype=int)
    for name, rounds in contests():
        results = []
        for contestant in contestants(rounds[0][0].features.shape[1]).values():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                results.append(np.mean([contestant(known, fresh) for known, fresh in rounds], axis=0))
        scored = np.array(results)
        best = int(np.nanargmin(scored[:, 0])), int(np.nanargmax(scored[:, 1]))
        wins[best[0], 0] += 1
        wins[best[1], 1] += 1
        print(f"| {name} | " + " | ".join(_cell(scored, place, best) for place in range(len(names))) + " |", flush=True)
        print(name, file=sys.stderr)
    print("| **best of all** | " + " | ".join(f"{rmse} / {likelihood}" for rmse, likelihood in wins) + " |")


def _cell(scored: FloatArray, place: int, best: tuple[int, int]) -> str:
    if np.isnan(scored[place, 0]):
        return "-"
    figures = f"{scored[place, 0]:.4g}", f"{scored[place, 1]:.3f}"
    return " / ".join(f"**{figure}**" if place == best[side] else figure for side, figure in enumerate(figures))


if __name__ == "__main__":
    main()
