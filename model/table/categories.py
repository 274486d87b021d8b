"""A category encoding turns a row's features into numbers alone: one-hot encoding, with imputation of what is missing.

A column of categories becomes one column for each of them, 1 where the row is of that category and 0
elsewhere; a missing value becomes the mean of the training rows, or no category at all.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from model.arrays import BoolArray, FloatArray, IntArray
from model.table.dataset import Dataset
from model.table.signature import Column, Signature


@dataclass(frozen=True, eq=False)
class CategoryEncoding:
    """How features (rows, features), categories by number and missing values as NaN, become (rows, columns)."""

    source: IntArray
    """(columns,): the number of the feature that each column is made from."""
    code: FloatArray
    """(columns,): the category for which the column is 1; NaN where the feature is a number."""
    fill: FloatArray
    """(features,): what stands in for a missing value; NaN for categories."""

    @staticmethod
    def fit(signature: Signature, features: FloatArray) -> "CategoryEncoding":
        """Return the encoding that a signature calls for, with the means of these rows."""
        source, code = [], []
        for number, column in enumerate(signature.features):
            codes = [float(each) for each in range(len(column.categories))] or [np.nan]
            source += [number] * len(codes)
            code += codes
        is_category = np.array([column.is_category for column in signature.features])
        present = ~np.isnan(features)
        totals = np.where(present, features, 0.0).sum(axis=0)
        means = np.where(is_category, np.nan, totals / np.maximum(present.sum(axis=0), 1))
        return CategoryEncoding(np.array(source, np.intp), np.array(code), means)

    def apply(self, features: FloatArray) -> FloatArray:
        """Return the columns (rows, columns)."""
        if not self._is_needed and not np.isnan(features).any():
            return features
        columns = np.where(np.isnan(features), self.fill, features)[:, self.source]
        return np.where(np.isnan(self.code), columns, columns == self.code)

    def fill_missing(self, table: Dataset) -> Dataset:
        """Return a table with its missing numbers filled in, and missing categories as one of their own."""
        features = np.where(np.isnan(table.features), self.fill, table.features)
        return replace(table, features=np.nan_to_num(features, nan=-1.0))

    def collapse(self, found: BoolArray) -> BoolArray:
        """Return, for each feature (rows, features), whether anything is found in its columns (rows, columns)."""
        return np.logical_or.reduceat(found, self._starts, axis=1) if self._is_needed else found

    def outside(self, columns: FloatArray, domain: FloatArray) -> BoolArray:
        """Tell which features (rows, features) have columns (rows, columns) outside a domain (2, columns)."""
        return self.collapse((columns < domain[0]) | (columns > domain[1]))

    def columns(self, signature: Signature) -> tuple[Column, ...]:
        """Return the columns as they might be declared, with names such as `colour=red`."""
        return tuple(
            feature if np.isnan(code) else Column(f"{feature.name}={feature.categories[int(code)]}")
            for feature, code in (
                (signature.features[number], code) for number, code in zip(self.source, self.code, strict=True)
            )
        )

    @cached_property
    def _is_needed(self) -> bool:
        return not np.isnan(self.code).all()

    @cached_property
    def _starts(self) -> IntArray:
        """(features,): where the columns of each begin."""
        return np.flatnonzero(np.diff(self.source, prepend=-1))
