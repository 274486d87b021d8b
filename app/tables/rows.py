"""Rows as JSON or CSV, and matrices as the network reads them: from one to the other by a signature.

A column means the same, and gets the same error, whichever way it comes: the pydantic model of the row
decides on both. A table of text is checked a column at a time, which is fast, and only the rows that look wrong
are given to the pydantic model, which says what is wrong with them.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

import numpy as np
from pydantic import BaseModel

from app.errors import BodyError, InvalidBody
from app.tables.cells import cell_to_json, encode_values, format_cells, has_decimal_comma, parse_cells
from app.tables.csv_text import TextTable, write_csv
from app.tables.row_schemas import Columns, row_schema
from app.tables.validation import MAX_ERRORS, Request, check, check_piecewise
from model.arrays import FloatArray
from model.table import Dataset, Signature


def check_rows(schema: type[Request], value: Any, columns: Columns) -> tuple[Request, FloatArray]:
    """Return a body with `rows` as what it should be, but only its first rows; and all of them as a matrix (rows, columns).

    Raises `InvalidBody`.
    """
    first: Request | None = None
    matrices: list[FloatArray] = []
    for piece in check_piecewise(schema, value):
        first = first or piece
        matrices.append(rows_to_matrix(piece.rows, columns))  # type: ignore[attr-defined]
    assert first is not None  # noqa: S101 - for the type checker: there is a piece, or an error
    return first, np.concatenate(matrices)


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


def table_to_matrix(table: TextTable, columns: Columns, ignored: frozenset[str] = frozenset()) -> FloatArray:
    """Return a table of text as a matrix (rows, columns).

    Ignored columns may be present. Raises `InvalidBody` for any other column that is not wanted, for one that
    is missing, and for cells that do not fit their column.
    """
    _check_names(table, columns, ignored)
    numbers = [parse_cells(table.columns[column.name], column, is_plain=table.is_plain) for column in columns]
    wrong = np.flatnonzero(~np.logical_and.reduce([fits for _, fits in numbers]))[:MAX_ERRORS]
    if len(wrong):
        raise InvalidBody(_find_errors(table, columns, wrong.tolist()))
    return np.column_stack([values for values, _ in numbers])


def split_dataset(table: FloatArray, signature: Signature) -> Dataset:
    """Split a matrix (rows, columns) into features and targets."""
    split = len(signature.features)
    return Dataset(table[:, :split], table[:, split:])


def write_table(dataset: Dataset, columns: Columns) -> bytes:
    """Return a dataset as CSV, with all digits."""
    matrix = np.hstack([dataset.features, dataset.targets])
    cells = [format_cells(values, column) for values, column in zip(matrix.T, columns, strict=True)]
    return write_csv([column.name for column in columns], zip(*cells, strict=True)).encode()


def to_rows(matrix: FloatArray, columns: Columns) -> list[dict[str, float]]:
    """Return a matrix (rows, columns) as a list with one mapping of column names to numbers for each row."""
    names = [column.name for column in columns]
    return [dict(zip(names, values, strict=True)) for values in matrix.tolist()]


def _check_names(table: TextTable, columns: Columns, ignored: frozenset[str]) -> None:
    wanted = {column.name for column in columns}
    errors = [BodyError(f"column {name!r} is missing", "") for name in sorted(wanted - set(table.names))]
    allowed = wanted | ignored
    errors += [
        BodyError(f"column {name!r} is not a column of this model; ?ignore={name} leaves it out", "")
        for name in table.names
        if name not in allowed
    ]
    if errors:
        raise InvalidBody(errors[:MAX_ERRORS])


def _find_errors(table: TextTable, columns: Columns, wrong: list[int]) -> list[BodyError]:
    """Return what the row's pydantic model finds wrong with these rows, as if they had come as JSON."""
    found: list[BodyError] = []
    for index in wrong:
        cells = {column.name: table.columns[column.name][index] for column in columns}
        values = {column.name: cell_to_json(cells[column.name], column) for column in columns}
        try:
            check(
                row_schema(columns),
                {name: value for name, value in values.items() if value is not None},
                ("rows", index),
            )
        except InvalidBody as error:
            found += error.errors
        if any(map(has_decimal_comma, cells.values())):
            detail = f"row {index + 1}: decimal commas are not read; write 3.5, not 3,5"
            found.append(BodyError(detail, f"/rows/{index}"))
    return found[:MAX_ERRORS]
