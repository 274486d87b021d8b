"""Advice: what is wrong with the cells of a table that is trained with, and what is odd about them, with what helps."""

import re

import numpy as np

from app.errors import BodyError, InvalidBody, shorten
from app.tables import IS_MARK, NOT_A_DATE, NOT_A_NUMBER, Table
from model.arrays import FloatArray
from model.table import Column, Dataset, Signature

MAX_MARK_CHARACTERS = 20
"""Of a text that may well stand for a missing value."""

MIN_COUNTED = 10
"""So many numbers, each one more than that before, count the rows."""

_ID = re.compile(r"(.*[ _-])?id|index|idx|nr|no|row|#|unnamed: 0", re.IGNORECASE)


def advise(error: InvalidBody, signature: Signature, table: Table) -> InvalidBody:
    """Return the error about a table that declares a model, with the query parameter that helps each cell."""
    return InvalidBody([_advise_cell(each, signature, table) for each in error.errors])


def advise_again(error: InvalidBody, name: str, signature: Signature) -> InvalidBody:
    """Return the error about a further table of a declared model, with what to do about words that are new."""
    hint = f"; a training knows the words that its model was declared with: PUT /models/{name} declares others"
    return InvalidBody(
        [
            BodyError(f"{each.detail}{hint if _is_new_word(each, signature) else ''}", each.pointer)
            for each in error.errors
        ]
    )


def find_ids(table: Table, signature: Signature, dataset: Dataset) -> list[str]:
    """Return in sentences which columns were left out since they never repeat, and which may be something else than numbers."""
    found = [
        f"{name}: left out, since its texts never repeat in {len(table):,} rows; ?categories={shorten(name)} takes them for "
        "categories"
        for name in signature.left_out
    ]
    for column, values in zip(signature.features, dataset.features.T, strict=True):
        if _ID.fullmatch(column.name) and len(values) >= MIN_COUNTED and (np.diff(values) == 1).all():
            found.append(f"{column.name}: learned from, though it counts the rows; ?ignore={column.name} leaves it out")
        elif column.kind == "number" and _may_be_dates(values):
            found.append(
                f"{column.name}: numbers, though all of them may be dates; written as 2024-01-31 they are read so"
            )
    return found


def _may_be_dates(values: FloatArray) -> bool:
    """Return whether numbers may be dates without hyphens, 20240131."""
    years, months, days = values // 10_000, values // 100 % 100, values % 100
    are_dates = (years >= 1900) & (years <= 2100) & (months >= 1) & (months <= 12) & (days >= 1) & (days <= 31)
    return len(values) >= MIN_COUNTED and bool((are_dates & (days % 1 == 0)).all())


def _find_column(error: BodyError, signature: Signature) -> Column | None:
    place = error.detail.partition(": ")[0]
    return next((one for one in signature.columns if place.endswith(repr(one.name))), None)


def _is_new_word(error: BodyError, signature: Signature) -> bool:
    column = _find_column(error, signature)
    return column is not None and column.is_category and not error.detail.endswith("is missing")


def _advise_cell(error: BodyError, signature: Signature, table: Table) -> BodyError:
    column = _find_column(error, signature)
    hint = "" if column is None else _hint(error, column, table, is_target=column in signature.targets)
    return BodyError(f"{error.detail}{hint}", error.pointer)


def _hint(error: BodyError, column: Column, table: Table, *, is_target: bool) -> str:
    if error.detail.endswith(("is missing", IS_MARK)):
        if is_target:
            return "; a target must be there in every row: leave the row out"
        return "; ?missing=mean fills the gaps of features"
    if NOT_A_NUMBER not in error.detail and NOT_A_DATE not in error.detail:
        return ""
    as_categories = f"?categories={shorten(column.name)} takes the column's cells for categories"
    mark = "" if is_target else _name_cell(error, column, table)
    return f"; {as_categories}{f', ?marks={mark} that one for a missing value' if mark else ''}"


def _name_cell(error: BodyError, column: Column, table: Table) -> str:
    """Return a cell as a query parameter names it; nothing if it is not a short text."""
    steps = error.pointer.split("/")
    cell = table.columns[column.name][int(steps[2])] if len(steps) > 2 and steps[2].isdigit() else None
    text = cell.strip() if isinstance(cell, str) else ""
    if not text or len(text) > MAX_MARK_CHARACTERS or '"' in text:
        return ""
    return f'"{text}"' if "," in text else text
