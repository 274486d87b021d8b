"""Kernel ridge regression with a metric that it learns: a Laplace kernel that looks along the columns that matter.

    k(x, x') = exp(-|M (x - x')|),  M diagonal

The metric is learned in rounds (recursive feature machine, Radhakrishnan et al. 2024): fit, then stretch each column by the
root mean square slope of the fit along it. Width and ridge are chosen by exact leave-one-out, see `kernel_system`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from model.arrays import FloatArray, IntArray
from model.candidates.contract import Fit, rows_by_fold, scale_targets
from model.candidates.kernel_system import CholeskySystem, EigenSystem
from model.table import standardise

MAX_ROWS = 3000
METRIC_ROWS, RIDGE_ROWS = 500, 1200
"""Of longer tables the metric is learned from so many rows, and the ridge is chosen on so many."""

LANES = 4
"""Rows in one matrix product, always: products of different sizes round differently."""

TILE_ROWS = 64
"""Rows that are answered at a time: their distances should stay in the cache."""


@dataclass(frozen=True, eq=False)
class KernelMachine:
    """The answer is offset + unit * sum over support rows of weight * k(row, support row)."""

    center: FloatArray  # (columns,)
    metric: FloatArray  # (columns,)
    support: FloatArray  # (support rows, columns): less the center, times the metric
    weights: FloatArray  # (support rows,)
    offset: FloatArray  # (1,)
    unit: FloatArray  # (1,)

    def predict(self, features: FloatArray) -> FloatArray:
        """Answer rows (rows, columns): (rows,)."""
        rows = np.ascontiguousarray((features - self.center) * self.metric)
        sums = np.empty(len(rows))
        for start in range(0, len(rows), TILE_ROWS):
            sums[start : start + TILE_ROWS] = self._sums(rows[start : start + TILE_ROWS])
        return np.asarray(sums * self.unit + self.offset)

    def _sums(self, rows: FloatArray) -> FloatArray:
        count = len(rows)
        lanes = np.zeros((-(-count // LANES), LANES, rows.shape[1]))
        lanes.reshape(-1, rows.shape[1])[:count] = rows
        products = (lanes @ self._columns).reshape(-1, len(self.support))[:count]
        products += self._squares
        products += np.add.reduce(rows * rows, axis=1)[:, None]
        kernel = _kernel_of_squares(products)
        kernel *= self.weights
        return np.asarray(np.add.reduce(kernel, axis=1))

    @cached_property
    def _columns(self) -> FloatArray:
        return np.ascontiguousarray(-2.0 * self.support.T)

    @cached_property
    def _squares(self) -> FloatArray:
        return np.asarray((self.support**2).sum(axis=1))


class KernelOptions(NamedTuple):
    """What is tried: rounds of learning the metric, widths in median distances, ridges."""

    rounds: int = 4
    widths: tuple[float, ...] = (0.5, 1.5, 5.0)
    ridges: tuple[float, ...] = tuple(np.logspace(-4, 1, 11))


class _Shape(NamedTuple):
    """A metric without its width, the width, also as a share of the median distance, and the best ridge for both."""

    error: float
    stretch: FloatArray
    share: float
    width: float
    ridge: float


def fit_kernel_machine(
    features: FloatArray,
    targets: FloatArray,
    fold: IntArray,
    rng: np.random.Generator,
    options: KernelOptions | None = None,
) -> Fit[KernelMachine]:
    """Fit numbers (rows, columns) and targets (rows,): the same width, metric and ridge for all rows and without each fold.

    Raises `ValueError` for more than `MAX_ROWS` rows.
    """
    if len(targets) > MAX_ROWS:
        raise ValueError(f"a kernel machine takes up to {MAX_ROWS} rows, not {len(targets)}")
    scaler = standardise(features, ())
    columns = scaler.apply(features)
    mean, unit, scaled = scale_targets(targets)
    order = rng.permutation(len(targets))
    shape = _learn_shape(columns[order[:METRIC_ROWS]], scaled[order[:METRIC_ROWS]], options or KernelOptions())
    support = columns * (shape.stretch / shape.width)
    if len(targets) > METRIC_ROWS:
        some = order[:RIDGE_ROWS]
        nearby = (shape.ridge / 3, shape.ridge, shape.ridge * 3)
        shape = shape._replace(ridge=_choose_ridge(_kernel(support[some]), scaled[some], nearby))
    system = CholeskySystem(_kernel(support), scaled, shape.ridge)
    out_of_fold = np.empty(len(targets))
    for rows in rows_by_fold(fold):
        out_of_fold[rows] = targets[rows] - unit * system.errors(rows)
    offset = np.array([mean + unit * system.intercept])
    metric = shape.stretch / shape.width / scaler.scale
    return Fit(KernelMachine(scaler.offset, metric, support, system.weights, offset, np.array([unit])), out_of_fold)


def _choose_ridge(kernel: FloatArray, targets: FloatArray, ridges: Iterable[float]) -> float:
    return min(ridges, key=lambda ridge: CholeskySystem(kernel, targets, ridge).leave_one_out_error)


def kernel_machine_cost(rows: int, columns: int, folds: int, options: KernelOptions | None = None) -> float:
    """Return about how many floating-point operations a fit takes."""
    options = options or KernelOptions()
    learning, some = min(rows, METRIC_ROWS), RIDGE_ROWS if rows > METRIC_ROWS else 0
    spectral = (2 * len(options.widths) + options.rounds - 2) * learning**3
    products = 4.0 * options.rounds * learning**2 * columns + 2.0 * rows**2 * columns
    solving = 3 * (4 / 3) * min(some, rows) ** 3 + (4 / 3 + 2 / folds) * rows**3
    return SPECTRAL_OPERATIONS * spectral + products + solving


SPECTRAL_OPERATIONS = 25.0
"""Of a decomposition into eigenvectors, times rows^3: it takes as long as so many operations of a matrix product."""


def _learn_shape(columns: FloatArray, targets: FloatArray, options: KernelOptions) -> _Shape:
    """Return the best of all rounds; a round's slopes give the next one its metric.

    Between the first round and the last the width that was best stays: it hardly ever changes twice.
    """
    stretch, shapes = np.ones(columns.shape[1]), list[_Shape]()
    last = options.rounds - 1
    for number in range(options.rounds):
        tried = options if number in (0, last) else options._replace(widths=(shapes[-1].share,))
        shape, slopes = _fit_round(columns, targets, stretch, tried)
        shapes.append(shape)
        squares = (slopes**2).mean(axis=0) * stretch**4
        if not squares.max(initial=0.0) > 0.0:
            break  # nothing depends on any column
        stretch = np.sqrt(squares / squares.max())
    return min(shapes, key=lambda each: each.error)


def _fit_round(
    columns: FloatArray, targets: FloatArray, stretch: FloatArray, options: KernelOptions
) -> tuple[_Shape, FloatArray]:
    """Return the best width and ridge for a metric, and the slopes (rows, columns) of that fit, less a factor."""
    scaled = columns * stretch
    distances = np.sqrt(_squared_distances(scaled))
    middle = float(np.median(distances)) + 1e-12
    tried = []
    for share in options.widths:
        kernel = np.exp(-distances / (share * middle))
        system = EigenSystem(kernel, targets)
        error, ridge = system.best_ridge(options.ridges)
        tried.append((_Shape(error, stretch, share, share * middle, ridge), kernel, system))
    shape, kernel, system = min(tried, key=lambda each: each[0].error)
    pull = kernel * system.weights(shape.ridge) / np.maximum(distances, 1e-9)
    np.fill_diagonal(pull, 0.0)
    return shape, (columns * pull.sum(axis=1)[:, None] - pull @ columns) / shape.width


def _kernel(support: FloatArray) -> FloatArray:
    return _kernel_of_squares(_squared_distances(support))


def _squared_distances(points: FloatArray) -> FloatArray:
    squares = (points**2).sum(axis=1)
    distances = points @ points.T
    distances *= -2.0
    distances += squares
    distances += squares[:, None]
    np.fill_diagonal(distances, 0.0)
    return np.maximum(distances, 0.0, out=distances)


def _kernel_of_squares(squares: FloatArray) -> FloatArray:
    """Return exp(-root) of squared distances, in place; rounding may have left some a little below 0."""
    np.maximum(squares, 0.0, out=squares)
    np.sqrt(squares, out=squares)
    np.negative(squares, out=squares)
    return np.asarray(np.exp(squares, out=squares))
