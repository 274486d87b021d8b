"""Columns: what the arrays of a predictor must have to do with the columns that its signature names."""

from collections.abc import Iterator

import numpy as np

from model.predictors import Classifier, Regressor
from model.table import CIRCLES, MISSING_MARK, CategoryEncoding, Column, Signature

MARKS = len(CIRCLES) + 2
"""At the most so many columns of a feature are not those of its categories."""


def check_width(predictor: Regressor | Classifier) -> None:
    """Raise ValueError if there are more encoded columns than the signature's could have become; before any is looked at."""
    most = sum(len(column.categories) + MARKS for column in predictor.signature.features)
    if np.size(predictor.category_encoding.source) > most:
        raise ValueError(f"category_encoding: it has more than {most} columns")


def check_columns(predictor: Regressor | Classifier) -> None:
    """Raise ValueError if an encoding, a domain or an effect is not one of these columns."""
    for problem in _problems(predictor):
        raise ValueError(problem)


def _problems(predictor: Regressor | Classifier) -> Iterator[str]:
    low, high = predictor.domain
    if (low > high).any():
        yield "domain: its least value is above its greatest"
    yield from _check_encoding(predictor.category_encoding, predictor.signature)
    for effect in predictor.effects if isinstance(predictor, Regressor) else ():
        column = predictor.signature.features[int(effect.feature[0])]
        if not column.is_category or len(effect.location) != len(column.categories) + 1:
            yield f"effects: they are not those of the categories of column {column.name!r}"


def _check_encoding(encoding: CategoryEncoding, signature: Signature) -> Iterator[str]:
    for number, code in zip(encoding.source.tolist(), encoding.code.tolist(), strict=True):
        if not _suits(code, signature.features[number]):
            yield f"category_encoding: column {signature.features[number].name!r} has not the code {code:g}"
    for column, fill in zip(signature.features, np.isnan(encoding.fill).tolist(), strict=True):
        if column.is_category != fill:
            yield f"category_encoding: column {column.name!r} is not of the kind that it is filled as"


def _suits(code: float, column: Column) -> bool:
    """Tell whether a column of this kind may have become one with this code."""
    if np.isnan(code):
        return not column.is_category
    if code in CIRCLES:
        return column.is_date
    return code == MISSING_MARK or (column.is_category and code < len(column.categories))
