"""Dates: a column of moments, each the number of days since 1970 began (UTC), and the circles that go with it.

A moment's place in the year, in the week and in the day is a point on a circle, of which sine and cosine are a column each:
so the last of December lies beside the first of January.
"""

from collections.abc import Mapping

import numpy as np

from model.arrays import FloatArray

YEAR_SINE, YEAR_COSINE = -11.0, -12.0
WEEK_SINE, WEEK_COSINE = -21.0, -22.0
DAY_SINE, DAY_COSINE = -31.0, -32.0

CIRCLES: Mapping[float, tuple[str, float, np.ufunc]] = {
    YEAR_SINE: ("time of year, sine", 365.2425, np.sin),
    YEAR_COSINE: ("time of year, cosine", 365.2425, np.cos),
    WEEK_SINE: ("time of week, sine", 7.0, np.sin),
    WEEK_COSINE: ("time of week, cosine", 7.0, np.cos),
    DAY_SINE: ("time of day, sine", 1.0, np.sin),
    DAY_COSINE: ("time of day, cosine", 1.0, np.cos),
}
"""For the code of each column: what it is called, the days that its circle takes, and which of the two it is."""

MIN_YEAR_SPAN, MAX_YEAR_STEP = 365.0, 180.0
"""Days that a table must span, and at the most from one date to the next in half of the cases, for the parts of the year."""

MIN_WEEK_SPAN, MAX_WEEK_STEP = 14.0, 7.0
"""The same for the parts of the week; a step of whole weeks tells nothing of them."""

MIN_TIMES = 3
"""So many different times of day, for the parts of the day, over more than one day."""

_ROUNDING = 1e-6
"""Of days, within which two times are the same: a tenth of a second."""


def find_circles(days: FloatArray) -> list[float]:
    """Return the codes of the circles that dates (rows,) warrant; blanks count for nothing."""
    moments = np.unique(days[~np.isnan(days)])
    if len(moments) < MIN_TIMES:
        return []
    span = float(moments[-1] - moments[0])
    dates = np.unique(np.floor(moments + _ROUNDING))
    step = float(np.median(np.diff(dates))) if len(dates) > 1 else np.inf
    found: list[float] = []
    if span >= MIN_YEAR_SPAN and step <= MAX_YEAR_STEP:
        found += [YEAR_SINE, YEAR_COSINE]
    if span >= MIN_WEEK_SPAN and step < MAX_WEEK_STEP:
        found += [WEEK_SINE, WEEK_COSINE]
    times = np.unique((moments / _ROUNDING).round() % round(1 / _ROUNDING))
    are_times_alone = moments[0] >= 0.0 and moments[-1] < 1.0
    if len(times) >= MIN_TIMES and (span > 1.0 or are_times_alone):
        found += [DAY_SINE, DAY_COSINE]
    return found


def turn(days: FloatArray, code: float) -> FloatArray:
    """Return the sine or the cosine (rows,) that a code stands for, of dates (rows,); NaN for a blank."""
    _, period, function = CIRCLES[code]
    # Taken off first: so many whole turns would cost digits.
    return np.asarray(function(2 * np.pi * (days % period) / period))
