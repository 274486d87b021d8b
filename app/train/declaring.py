"""What a table and its query say of a model's columns: a declaration for a new model, or agreement with the one it has."""

from collections.abc import Collection, Sequence
from typing import Any, Literal

from pydantic import BaseModel

from app.budget import check_categories
from app.errors import BodyError, InvalidBody, shorten
from app.registry import Declaration
from app.tables import (
    MAX_ERRORS,
    MAX_FEATURES,
    MAX_NAME_CHARACTERS,
    MAX_TARGETS,
    STRICT,
    CategoryColumn,
    ColumnQuery,
    FrameCells,
    NeverRepeats,
    Table,
    UnsupportedColumn,
    ValueTexts,
    are_numbers,
    infer_column,
    split_names,
)
from model.table import INSTEAD_OF_DATES, Column, Signature


class TableQuery(BaseModel):
    """The query parameters of a training that concern the columns of its table; all others are options."""

    model_config = STRICT

    targets: str = ""
    features: str = ""
    ignore: str = ""
    categories: str = ""
    missing: Literal["refuse", "mean"] = "refuse"
    marks: str = ""
    dates: Literal["day-first", "month-first"] | None = None
    sheet: str | None = None


def infer_declaration(table: Table, query: TableQuery) -> Declaration:
    """Return the declaration that a table's cells suggest, and its query asks for. Raises `InvalidBody`."""
    targets = split_names(query.targets)
    for name in [*targets, *split_names(query.categories)]:
        if name not in table.columns:
            raise InvalidBody([table.refuse_name(name)])
    if too_long := [name for name in table.names if len(name) > MAX_NAME_CHARACTERS]:
        details = [f"column {shorten(name)!r} has a name of {len(name):,} characters" for name in too_long]
        raise InvalidBody([BodyError(f"{detail}, of at most {MAX_NAME_CHARACTERS}", "") for detail in details])
    inferred = {name: _infer(name, table, query) for name in table.columns}
    columns = [column for column in inferred.values() if column is not None]
    features = [column for column in columns if column.name not in targets]
    outputs = [column for column in columns if column.name in targets]
    if len(features) > MAX_FEATURES or len(outputs) > MAX_TARGETS:
        most = f"{MAX_FEATURES} features and {MAX_TARGETS} targets"
        raise InvalidBody([BodyError(f"the table has more than {most}: name the `features`, or leave some out", "")])
    left_out = tuple(name for name, column in inferred.items() if column is None)
    if left_out and not features:
        names = shorten(", ".join(map(repr, left_out)))
        raise InvalidBody(
            [BodyError(f"no feature is left: the texts of {names} never repeat, as names of things do", "")]
        )
    check_categories(sum(len(column.categories) for column in columns))
    return Declaration(Signature(tuple(features), tuple(outputs), left_out))


def _infer(name: str, table: Table, query: TableQuery) -> Column | None:
    """Return the column that a table's cells suggest; None if it is to be left out, since they never repeat."""
    is_target, is_chosen = name in split_names(query.targets), name in split_names(query.features)
    cells: Collection[str] = table.columns[name]
    asked = _make_query(name, table, query, is_target=is_target)
    if table.is_typed:
        _check_values(name, table.columns[name])
        if not asked.as_category and are_numbers(table.columns[name]):
            return Column(name, may_be_missing=asked.may_be_missing, marks=asked.marks)
        cells = ValueTexts(table.columns[name])
    try:
        column = infer_column(name, cells, asked)
        if is_target and column.is_date:
            raise ValueError(f"column {name!r} holds dates, which cannot be predicted: {INSTEAD_OF_DATES}")
    except NeverRepeats as error:
        if not is_target and not is_chosen:
            return None
        detail = f"{error}; if they are categories, say so with ?categories={shorten(name)}"
        raise InvalidBody([BodyError(detail, "")]) from None
    except ValueError as error:
        hint = "" if is_target else f"; ?ignore={shorten(name)} leaves it out"
        raise InvalidBody([BodyError(f"{error}{hint}", "")]) from None
    return column


def _make_query(name: str, table: Table, query: TableQuery, *, is_target: bool) -> ColumnQuery:
    marks = () if is_target else tuple(split_names(query.marks))
    may_be_missing = not is_target and (query.missing == "mean" or bool(marks))
    is_category = name in split_names(query.categories) or isinstance(table.columns[name], CategoryColumn)
    return ColumnQuery(is_category, may_be_missing, marks, query.dates)


def _check_values(name: str, values: Sequence[Any]) -> None:
    """Raise `InvalidBody` for values that no column can have."""
    if isinstance(values, UnsupportedColumn):
        detail = f"{values.describe(name)}, or ?ignore={shorten(name)} leaves it out"
        raise InvalidBody([BodyError(detail, "")])
    if isinstance(values, FrameCells) or not set(map(type, values)) & {list, dict}:
        return
    wrong = [row for row, value in enumerate(values) if isinstance(value, list | dict)][:MAX_ERRORS]
    detail = f"column {shorten(name)!r}: should be a number or a text, not a list or an object"
    raise InvalidBody([BodyError(f"row {row + 1}, {detail}", f"/rows/{row}") for row in wrong])
