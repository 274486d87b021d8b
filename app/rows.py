"""Rows as they travel, as JSON or CSV, and matrices as the network wants them: from one to the other by a signature.

A column means the same, and gets the same error, whichever way it comes: the pydantic model of the row
has the last word on both. Of a table of text only the rows that look wrong are shown to it, so a large
one is checked a column at a time.
"""

import re
from collections.abc import Sequence
from operator import attrgetter

import numpy as np
from pydantic import BaseModel

from app.bodies import MOST_ERRORS, BodyError, InvalidBody, check
from app.schemas import field_name, row_model
from app.tables import TextTable, write_csv
from model.activations import FloatArray
from model.dataset import Dataset
from model.signature import Column, Signature

Columns = tuple[Column, ...]


def matrix_of_rows(rows: Sequence[BaseModel], columns: Columns) -> FloatArray:
    """Return validated rows as a matrix (rows, columns)."""
    values = attrgetter(*map(field_name, range(len(columns))))
    return np.array([values(row) for row in rows], dtype=np.float64).reshape(len(rows), len(columns))


def matrix_of_text(table: TextTable, columns: Columns, ignored: frozenset[str] = frozenset()) -> FloatArray:
    """Return a table of text as a matrix (rows, columns).

    Columns that are ignored may be there. Raises `InvalidBody` for any other that is not wanted, one that
    is missing, and cells that do not fit their column.
    """
    _check_names(table, columns, ignored)
    matrix = np.column_stack([_numbers(table.columns[column.name]) for column in columns])
    minimum, maximum = (
        np.array([column.minimum if column.minimum is not None else -np.inf for column in columns]),
        np.array([column.maximum if column.maximum is not None else np.inf for column in columns]),
    )
    with np.errstate(invalid="ignore"):
        fits = (matrix >= minimum) & (matrix <= maximum) & np.isfinite(matrix)
    wrong = np.flatnonzero(~fits.all(axis=1))[:MOST_ERRORS]
    if len(wrong):
        raise InvalidBody(_errors(table, columns, wrong.tolist()))
    return matrix


def dataset_of(table: FloatArray, signature: Signature) -> Dataset:
    """Part a matrix (rows, columns) into features and targets."""
    split = len(signature.features)
    return Dataset(table[:, :split], table[:, split:])


def write_table(dataset: Dataset, columns: Columns) -> bytes:
    """Return a dataset as CSV, with all digits."""
    names = [column.name for column in columns]
    return write_csv(names, np.hstack([dataset.features, dataset.targets]).tolist()).encode()


def to_rows(matrix: FloatArray, columns: Columns) -> list[dict[str, float]]:
    """Return a matrix (rows, columns) as one mapping of names to numbers a row."""
    names = [column.name for column in columns]
    return [dict(zip(names, values, strict=True)) for values in matrix.tolist()]


def _check_names(table: TextTable, columns: Columns, ignored: frozenset[str]) -> None:
    wanted = {column.name for column in columns}
    errors = [BodyError(f"column {name!r} is missing", "") for name in sorted(wanted - set(table.names))]
    errors += [
        BodyError(f"column {name!r} is not known here", "") for name in table.names if name not in wanted | ignored
    ]
    if errors:
        raise InvalidBody(errors)


def _numbers(cells: list[str]) -> FloatArray:
    """Return cells as numbers, NaN where one is none."""
    try:
        return np.fromiter(map(_float, cells), np.float64, len(cells))
    except ValueError:
        return np.array([value if isinstance(value := _value(cell), float) else np.nan for cell in cells])


def _float(cell: str) -> float:
    if "_" in cell:  # Python would read 1_000
        raise ValueError(cell)
    return float(cell)


def _value(cell: str) -> float | str | None:
    """Return what JSON would have held in a cell's place."""
    try:
        return _float(cell)
    except ValueError:
        return cell.strip() or None


def _errors(table: TextTable, columns: Columns, wrong: list[int]) -> list[BodyError]:
    """Ask the row's pydantic model what is wrong with these rows, as if they had come as JSON."""
    found: list[BodyError] = []
    for index in wrong:
        row = {column.name: _value(table.columns[column.name][index]) for column in columns}
        try:
            check(row_model(columns), row, ("rows", index))
        except InvalidBody as error:
            found += error.errors
        if any(_DECIMAL_COMMA.fullmatch(str(value)) for value in row.values()):
            found.append(
                BodyError(f"row {index + 1}: decimal commas are not read; write 3.5, not 3,5", f"/rows/{index}")
            )
    return found[:MOST_ERRORS]


_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
