"""Inspection: what is odd about a table, in words that its owner can act on. Rows are counted from 1."""

from collections.abc import Iterable

import numpy as np

from model.arrays import BoolArray, FloatArray
from model.posterior import PSEUDO_DEVIATION, LeaveOneOut
from model.table import ROUNDING, Column, Dataset, Signature

MIN_ROWS_FOR_INTERVALS = 10
"""With fewer rows an interval's own width is too uncertain to be trusted."""

OUTLIER_NOISE_LEVELS = 6.0
"""How far off a row is, in noise levels, to count as an outlier."""

MAX_NAMED_ROWS = 10
"""A warning lists the numbers of so many rows at most, and counts the others."""


LIMIT_QUARTILE_RANGES, MAX_OUTLYING_SHARE = 10.0, 0.01
MIN_TELLING_GAPS, TELLING_ERRORS = 5, 3.0
MIN_ROWS_PER_COLUMN = 3
"""With fewer rows a column, much of what is learned is chance."""

MAX_CODES = 5
"""So few different whole numbers may be codes of classes."""


def inspect(signature: Signature, table: Dataset) -> list[str]:
    """Return what is odd about a table before anything is learned from it."""
    return [
        *_few_rows(table),
        *_class_codes(signature, table),
        *_constant_columns(signature, table),
        *_collinear_columns(signature, table),
        *_contradicting_rows(table),
    ]


def find_outliers(signature: Signature, left_out: LeaveOneOut) -> list[str]:
    """Return which rows are far off the predictions that were made without them.

    Residuals are divided by how uncertain each is; the noise level is then taken from the median, which
    the outliers themselves do not move.
    """
    found: list[str] = []
    standardised = left_out.residuals / np.sqrt(left_out.variances)
    for column, values in zip(signature.targets, standardised.T, strict=True):
        level = 1.4826 * float(np.median(np.abs(values)))
        far = np.flatnonzero(np.abs(values) > OUTLIER_NOISE_LEVELS * level)
        if len(far) and level > 0 and len(values) >= MIN_ROWS_FOR_INTERVALS:
            found.append(
                f"outliers: {column.name!r} is more than {OUTLIER_NOISE_LEVELS:g} noise levels off in {_rows(far)}"
            )
    return found


def find_limits(columns: FloatArray) -> FloatArray:
    """Return the limits (2, columns) to which the cells of columns (rows, columns) are brought; infinite where none lie far out.

    They are ten quartile ranges from the median, where fewer than one in a hundred cells lies beyond: those are single
    cells, and no long tail.
    """
    limits = np.array([[-np.inf], [np.inf]]) + np.zeros(columns.shape[1])
    lower, middle, upper = np.quantile(columns, (0.25, 0.5, 0.75), axis=0)
    reach = LIMIT_QUARTILE_RANGES * (upper - lower)
    far = (np.abs(columns - middle) > reach).mean(axis=0)
    clipped = (far > 0) & (far < MAX_OUTLYING_SHARE) & (reach > 0)
    limits[0, clipped], limits[1, clipped] = (middle - reach)[clipped], (middle + reach)[clipped]
    return limits


def find_outlying_cells(columns: tuple[Column, ...], values: FloatArray, limits: FloatArray) -> list[str]:
    """Return which cells of columns (rows, columns) lie beyond limits (2, columns)."""
    beyond = (values < limits[0]) | (values > limits[1])
    return [
        f"outlying cells: {column.name!r} is far from all other rows in {_rows(np.flatnonzero(one))}; "
        f"it is learned from as if it were between {low:g} and {high:g}"
        for column, one, low, high in zip(columns, beyond.T, *limits, strict=True)
        if one.any()
    ]


def find_telling_gaps(signature: Signature, table: Dataset) -> list[int]:
    """Return the numbers of features whose gaps go with a target, by more than three standard errors."""
    found = []
    centred = table.targets - table.targets.mean(axis=0)
    deviations = centred.std(axis=0)
    for number, column in enumerate(signature.features):
        gaps = np.isnan(table.features[:, number])
        if column.is_category or gaps.sum() < MIN_TELLING_GAPS or (~gaps).sum() < MIN_TELLING_GAPS:
            continue
        products = (gaps - gaps.mean()) @ centred / len(table)
        errors = gaps.std() * deviations / np.sqrt(len(table))
        if (np.abs(products) > TELLING_ERRORS * errors).any():
            found.append(number)
    return found


def find_exact_fits(signature: Signature, scaled: FloatArray, outputs: FloatArray) -> list[str]:
    """Return which scaled targets (rows, targets) are reproduced so exactly that their noise is assumed, not estimated.

    That is so where all their residuals together weigh less than the noise prior's one observation.
    """
    squares, variances = ((outputs - scaled) ** 2).sum(axis=0), scaled.var(axis=0)
    return [
        f"exact fit: every row's {column.name!r} is reproduced almost exactly, so how far rows scatter cannot be told: "
        "its noise level is assumed, and intervals rest on that"
        for column, residual, variance in zip(signature.targets, squares, variances, strict=True)
        if residual < PSEUDO_DEVIATION**2 * variance
    ]


def _few_rows(table: Dataset) -> Iterable[str]:
    if 1 < len(table) < MIN_ROWS_FOR_INTERVALS:
        yield f"few rows: with fewer than {MIN_ROWS_FOR_INTERVALS} of them ({len(table)}), prediction intervals and leave-one-out scores are not to be trusted yet"


def _class_codes(signature: Signature, table: Dataset) -> Iterable[str]:
    for column, values in zip(signature.targets, table.targets.T, strict=True):
        found = np.unique(values)
        if not column.is_category and 1 < len(found) <= MAX_CODES <= len(values) / 2 and (found % 1 == 0).all():
            listed = ", ".join(f"{value:g}" for value in found)
            yield (
                f"class codes: target {column.name!r} holds the whole numbers {listed} alone; if they stand for classes, "
                f"?categories={column.name} makes a classifier"
            )


def find_wide_table(rows: int, columns: int) -> list[str]:
    """Return whether there are few rows for the columns."""
    if rows >= MIN_ROWS_PER_COLUMN * columns:
        return []
    return [
        f"few rows for the columns: {rows} rows, and {columns} columns that are learned from; below "
        f"{MIN_ROWS_PER_COLUMN} rows a column more of them would help most"
    ]


def _constant_columns(signature: Signature, table: Dataset) -> Iterable[str]:
    if len(table) == 1:
        yield "one row: no spread can be estimated from it, so there are no prediction intervals"
        return
    for column, varies in zip(signature.features, find_varying(table.features), strict=True):
        if not varies:
            yield f"constant column: {column.name!r} has one value throughout, so nothing can be learned from it"
    for column, varies in zip(signature.targets, find_varying(table.targets), strict=True):
        if not varies:
            yield f"constant target: {column.name!r} has one value throughout, so no spread can be estimated for it"


def find_varying(values: FloatArray) -> BoolArray:
    """Tell which columns of (rows, columns) vary by more than rounding."""
    half = np.abs(values / 2 - values[0] / 2).max(axis=0)
    varies: BoolArray = half > ROUNDING * np.abs(values).max(axis=0)
    return varies


def _collinear_columns(signature: Signature, table: Dataset) -> Iterable[str]:
    is_number = np.array([not column.is_category for column in signature.features])
    used = np.flatnonzero(find_varying(table.features) & is_number)
    if len(table) <= len(used) + 1 or not len(used):
        return  # so few rows make any columns collinear
    values = table.features[:, used] / np.abs(table.features[:, used]).max(axis=0)
    values = (values - values.mean(axis=0)) / values.std(axis=0)
    triangle = np.linalg.qr(values).R
    sizes = np.sqrt(len(values)) * 1e-7
    kept: list[int] = []
    for place in range(len(used)):
        if abs(triangle[place, place]) > sizes:
            kept.append(place)
            continue
        shares = np.linalg.lstsq(values[:, kept], values[:, place])[0]
        others = [
            repr(signature.features[used[k]].name) for k, share in zip(kept, shares, strict=True) if abs(share) > 1e-6
        ]
        name = signature.features[used[place]].name
        yield f"collinear columns: {name!r} follows exactly from {', '.join(others)}; which of them matters cannot be told"


def _contradicting_rows(table: Dataset) -> Iterable[str]:
    _, kind = np.unique(table.features, axis=0, return_inverse=True)
    kind = kind.reshape(-1)
    order = np.argsort(kind, kind="stable")
    same = kind[order][1:] == kind[order][:-1]
    differ = same & (table.targets[order][1:] != table.targets[order][:-1]).any(axis=1)
    contradicting = np.isin(kind, kind[order][1:][differ])
    if contradicting.any():
        rows = np.flatnonzero(contradicting)
        yield f"contradicting rows: the same features have different targets in {_rows(rows)}; that counts as noise"


def _rows(indices: Iterable[int]) -> str:
    numbers = [str(index + 1) for index in indices]
    more = f" and {len(numbers) - MAX_NAMED_ROWS} more" if len(numbers) > MAX_NAMED_ROWS else ""
    return f"row{'s' * (len(numbers) > 1)} {', '.join(numbers[:MAX_NAMED_ROWS])}{more}"
