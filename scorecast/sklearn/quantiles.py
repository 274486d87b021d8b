"""Quantiles and standard deviations of answers, from the central intervals that the service gives.

The interval that holds the truth with probability c ends at the quantiles (1 - c) / 2 and (1 + c) / 2. Where the service
answers quantiles itself, this file is what changes.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Intervals = Callable[[float], Any]
"""Returns the intervals (rows, targets, 2) of a coverage."""

ONE_DEVIATION = 0.6826894921370859
"""How often a normal variable is within one standard deviation of its mean."""

OF_THE_MEDIAN = 1e-6
"""The coverage of an interval so short that the median is in its middle."""


def find_quantiles(intervals: Intervals, quantiles: Sequence[float]) -> Any:
    """Return quantiles (rows, targets, quantiles). Raises `ValueError` for what is not between 0 and 1."""
    if not quantiles or not all(0 < each < 1 for each in quantiles):
        raise ValueError(f"quantiles should be between 0 and 1, such as [0.05, 0.5, 0.95], not {list(quantiles)}")
    coverages = [round(abs(2 * each - 1), 12) or OF_THE_MEDIAN for each in quantiles]
    found = {coverage: intervals(coverage) for coverage in set(coverages)}
    ends = [
        found[coverage].mean(axis=2) if coverage == OF_THE_MEDIAN else found[coverage][..., int(each > 0.5)]
        for each, coverage in zip(quantiles, coverages, strict=True)
    ]
    return np.stack(ends, axis=2)


def find_deviations(intervals: Intervals) -> Any:
    """Return standard deviations (rows, targets): half of the interval that holds a normal variable as often as they do."""
    lower, upper = np.moveaxis(intervals(ONE_DEVIATION), 2, 0)
    return (upper - lower) / 2
