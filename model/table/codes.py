"""Codes: what a column stands for that a feature has become, and what it is called."""

import numpy as np

from model.table.dates import CIRCLES
from model.table.signature import Column

MISSING_MARK = -2.0
"""The code of a column that is 1 where its feature is missing."""


def declare_column(feature: Column, code: float) -> Column:
    """Return the column of a feature that has a code, with a name such as `colour=red`."""
    if np.isnan(code):
        return feature
    if code in CIRCLES:
        return Column(f"{feature.name} ({CIRCLES[code][0]})")
    return Column(f"{feature.name} is missing" if code == MISSING_MARK else _name(feature, int(code)))


def _name(feature: Column, code: int) -> str:
    """Return the name of a category's column: a text that may stand in a name as it is, or else with its escapes."""
    category = feature.categories[code]
    is_plain = category.isprintable() and category == category.rstrip()
    return f"{feature.name}={category if is_plain else repr(category)}"
