"""Tables, in whatever form they came, and matrices as the network reads them: from one to the other by a signature.

A column means the same, and gets the same error, whichever way it comes: the pydantic model of the row
decides on both. A table is checked a column at a time, which is fast, and only the rows that look wrong
are given to the pydantic model, which says what is wrong with them.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from app.errors import BodyError, InvalidBody, shorten
from app.tables.cells import (
    are_numbers,
    describe_reading,
    encode_values,
    find_marks,
    format_cells,
    parse_cells,
    parse_values,
)
from app.tables.columns import ABSENT, UnsupportedColumn
from app.tables.csv_text import write_csv
from app.tables.forms import check_absent, parse_csv
from app.tables.row_errors import find_errors
from app.tables.row_schemas import MAX_NAME_CHARACTERS, Columns
from app.tables.table import Table
from app.tables.validation import MAX_ERRORS
from model.arrays import FloatArray
from model.table import UNSEEN, Column, Dataset, Signature


def rows_to_matrix(rows: Sequence[BaseModel], columns: Columns) -> FloatArray:
    """Return validated rows as a matrix (rows, columns)."""
    cells = [vars(row).values() for row in rows]  # in the order of the columns, as the fields are
    if not _are_plain(columns):
        by_column = zip(zip(*cells, strict=True), columns, strict=True)
        return np.column_stack([np.fromiter(encode_values(*each), np.float64, len(rows)) for each in by_column])
    return np.fromiter(chain.from_iterable(cells), np.float64, len(rows) * len(columns)).reshape(len(rows), -1)


@lru_cache(maxsize=256)
def _are_plain(columns: Columns) -> bool:
    """Whether all columns hold numbers, and no value may be missing."""
    return not any(column.is_category or column.may_be_missing for column in columns)


def table_to_matrix(
    table: Table, columns: Columns, ignored: frozenset[str] = frozenset(), unseen: frozenset[str] = frozenset()
) -> FloatArray:
    """Return a table as a matrix (rows, columns).

    Ignored columns may be present; those in `unseen` may hold words that are none of their categories, which are `UNSEEN`
    then. Raises `InvalidBody` for any other column that is not wanted, for one that is missing or has too long a name,
    and for cells that do not fit their column.
    """
    table = table.named_as(columns)
    if table.has_header:
        _check_names(table, columns, ignored)
    absent = [column for column in columns if column.name not in table.columns]
    if not all(column.may_be_missing for column in absent):  # so it is missing in every row
        raise InvalidBody(find_errors(table, columns, ignored, list(range(min(MAX_ERRORS, len(table))))))
    check_absent(len(absent) * len(table))
    parsed = [parse_column(table, column, may_be_unseen=column.name in unseen) for column in columns]
    fits = np.logical_and.reduce([fits for _, fits in parsed])
    wrong = np.flatnonzero(~(fits & _have_known_names(table, columns, ignored)))[:MAX_ERRORS]
    if len(wrong):
        raise InvalidBody(find_errors(table, columns, ignored, wrong.tolist()))
    return np.column_stack([values for values, _ in parsed])


def parse_column(table: Table, column: Column, *, may_be_unseen: bool = False) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return a column as numbers, and which of them fit; one that all rows leave out is NaN."""
    cells = table.columns.get(column.name)
    if cells is None:  # in all rows, which it may be
        return np.full(len(table), np.nan), np.ones(len(table), dtype=np.bool_)
    if isinstance(cells, UnsupportedColumn):
        raise InvalidBody([BodyError(cells.describe(column.name), "")])
    parsed = parse_values(cells, column) if table.is_typed else parse_cells(cells, column, is_plain=table.is_plain)
    return (parsed[0], parsed[1] | (parsed[0] == UNSEEN)) if may_be_unseen and column.is_category else parsed


def _have_known_names(table: Table, columns: Columns, ignored: frozenset[str]) -> NDArray[np.bool_]:
    """Return for each row whether it names no columns but these."""
    unknown = set(table.names) - {column.name for column in columns} - ignored
    known = np.ones(len(table), dtype=np.bool_)
    for name in unknown:
        known &= np.array([value is ABSENT for value in table.columns[name]], dtype=np.bool_)
    return known


def describe_table(table: Table, columns: Columns, matrix: FloatArray) -> list[str]:
    """Return in sentences what was assumed of a table's texts, when they were read as a matrix (rows, columns)."""
    said: list[str] = []
    table = table.named_as(columns)
    for column, values in zip(columns, matrix.T, strict=True):
        reading, has_gaps = describe_reading(column), bool(np.isnan(values).any())
        cells: Sequence[Any] = table.columns.get(column.name, ())
        if reading and (not table.is_typed or any(isinstance(cell, str) for cell in cells)):
            said.append(reading)
        if marks := find_marks(cells, values) if has_gaps and len(cells) and not are_numbers(cells) else []:
            said.append(f"{column.name}: missing where it says {', '.join(marks)}")
    return said


def split_dataset(table: FloatArray, signature: Signature) -> Dataset:
    """Split a matrix (rows, columns) into features and targets."""
    split = len(signature.features)
    return Dataset(table[:, :split], table[:, split:])


def write_table(dataset: Dataset, columns: Columns) -> bytes:
    """Return a dataset as CSV, with all digits."""
    matrix = np.hstack([dataset.features, dataset.targets])
    cells = [format_cells(values, column) for values, column in zip(matrix.T, columns, strict=True)]
    return write_csv([column.name for column in columns], zip(*cells, strict=True)).encode()


def read_kept_table(data: bytes, signature: Signature) -> Dataset:
    """Return the dataset that `write_table` wrote: numbers are plain there, and dates as ISO 8601 has them. Raises `InvalidBody`."""
    plain = tuple(column if column.is_date else replace(column, reading=None) for column in signature.columns)
    return split_dataset(table_to_matrix(parse_csv(data), plain), signature)


def to_rows(matrix: FloatArray, columns: Columns) -> list[dict[str, float]]:
    """Return a matrix (rows, columns) as a list with one mapping of column names to numbers for each row."""
    names = [column.name for column in columns]
    return [dict(zip(names, values, strict=True)) for values in matrix.tolist()]


def _check_names(table: Table, columns: Columns, ignored: frozenset[str]) -> None:
    wanted = {column.name for column in columns}
    errors = [
        BodyError(
            f"column {shorten(name)!r} has a name of {len(name):,} characters, of at most {MAX_NAME_CHARACTERS}", ""
        )
        for name in table.names
        if len(name) > MAX_NAME_CHARACTERS  # answers repeat it for each row
    ]
    hint = f"; {table.headless}" if table.headless else ""
    missing = sorted(wanted - set(table.names))
    errors += [BodyError(f"column {shorten(name)!r} is missing{hint}", "") for name in missing]
    allowed = wanted | ignored
    errors += [
        BodyError(f"column {shorten(name)!r} is not a column of this model; ?ignore={shorten(name)} leaves it out", "")
        for name in table.names
        if name not in allowed
    ]
    if errors:
        raise InvalidBody(errors[:MAX_ERRORS])
