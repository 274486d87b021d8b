"""Inspection: what is odd about a table, in words that its owner can act on. Rows are counted from 1."""

from collections.abc import Iterable

import numpy as np

from model.arrays import BoolArray, FloatArray
from model.posterior import PSEUDO_DEVIATION, LeaveOneOut
from model.table import ROUNDING, Dataset, Signature

MIN_ROWS_FOR_INTERVALS = 10
"""With fewer rows an interval's own width is too uncertain to be trusted."""

OUTLIER_NOISE_LEVELS = 6.0
"""How far off a row is, in noise levels, to count as an outlier."""

MAX_NAMED_ROWS = 10
"""A warning lists the numbers of so many rows at most, and counts the others."""


def inspect(signature: Signature, table: Dataset) -> list[str]:
    """Return what is odd about a table before anything is learned from it."""
    return [
        *_few_rows(table),
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
