"""A table checked as a training would read it, without training: its columns, what is wrong with it, and its cells."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from app.errors import BodyError, Conflict, InvalidBody, NotFound
from app.limits import TrainingLimits, check_training
from app.registry import Declaration, Registry
from app.tables import Body, Table, clean_name, describe_table, format_cells, split_dataset, split_names
from app.train.advice import find_ids
from app.train.declaring import TableQuery
from app.train.options import build_spec
from app.train.query_options import QUERY_OPTIONS, read_options
from app.train.request import declare, fill, find_declaration, read_columns, read_rows
from model.arrays import FloatArray
from model.errors import ModelError
from model.table import Column


@dataclass(frozen=True)
class CheckedColumn:
    """A column of a table: what it is for, and what its cells are read as."""

    name: str
    role: str
    """feature, target or ignored."""
    kind: str | None = None
    """As `Column.kind`; None where that could not be told, or the column is ignored."""
    unit: str | None = None
    bounds: tuple[float | None, float | None] | None = None
    """As declared."""
    minimum: float | str | None = None
    """In the table; of dates as ISO 8601 has them. None where it has wrong cells."""
    maximum: float | str | None = None
    missing: int = 0
    """Cells that are empty or stand for a missing value."""
    categories: tuple[str, ...] = ()
    reading: str | None = None


@dataclass(frozen=True, eq=False)
class TableCheck:
    """What a training would say of a table."""

    model_name: str
    table: Table
    """As it was sent."""
    columns: tuple[CheckedColumn, ...]
    errors: tuple[BodyError, ...] = ()
    read: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def check_table(
    body: Body, registry: Registry, name: str, query: Mapping[str, str], limits: TrainingLimits
) -> TableCheck:
    """Return what `read_training` would make of a body.

    Raises `MalformedBody` or `InvalidBody` where it is no table at all, `BodyTooLarge` where it is larger than may be.
    """
    columns = read_columns(query)
    sent = read_rows(body, columns, limits)
    found = TableCheck(name, sent.table, tuple(_without_kind(each, columns) for each in sent.table.names))
    declaration = None
    try:
        declared = find_declaration(registry, name, columns)
        options = read_options({each: query[each] for each in query if each in QUERY_OPTIONS}, sent.members)
        declaration, table = declare(name, sent.table, columns, declared)
        found = replace(found, columns=_describe_columns(sent.table, declaration))
        matrix = fill(name, table, declaration, is_declared=declared is not None)
        found = replace(found, columns=_describe_columns(sent.table, declaration, matrix))
        spec = build_spec(declaration, split_dataset(matrix, declaration.signature), options, limits.max_epochs)
        check_training(spec, limits)
    except InvalidBody as error:
        return replace(found, errors=error.errors)
    except (Conflict, NotFound, ModelError) as error:
        return replace(found, errors=(BodyError(str(error), ""),))
    warnings = () if declared else tuple(find_ids(table, declaration.signature, spec.dataset))
    return replace(found, read=tuple(describe_table(table, declaration.signature.columns, matrix)), warnings=warnings)


def _without_kind(name: str, query: TableQuery) -> CheckedColumn:
    """Return a column of a table for which there is no declaration."""
    is_target, is_ignored = (name in split_names(names) for names in (query.targets, query.ignore))
    return CheckedColumn(name, "target" if is_target else "ignored" if is_ignored else "feature")


def _describe_columns(
    table: Table, declaration: Declaration, matrix: FloatArray | None = None
) -> tuple[CheckedColumn, ...]:
    """Return a table's columns in its own order, with what a declaration says of them, and the numbers (rows, columns)."""
    signature = declaration.signature
    targets = {column.name for column in signature.targets}
    places = {clean_name(column.name): place for place, column in enumerate(signature.columns)}
    described = []
    for name in table.names:
        place = places.get(name)
        if place is None:
            described.append(CheckedColumn(name, "ignored"))
            continue
        column = signature.columns[place]
        role = "target" if column.name in targets else "feature"
        described.append(_describe_column(column, role, None if matrix is None else matrix[:, place]))
    return tuple(described)


def _describe_column(column: Column, role: str, values: FloatArray | None) -> CheckedColumn:
    """Return what a declaration says of a column, with the ends of its values (rows,)."""
    bounds = None if column.minimum is None and column.maximum is None else (column.minimum, column.maximum)
    told = CheckedColumn(
        column.name, role, column.kind, column.unit, bounds, categories=column.categories, reading=column.reading
    )
    if values is None:
        return told
    known = values[~np.isnan(values)]
    told = replace(told, missing=len(values) - len(known))
    if column.is_category or not len(known):
        return told
    ends = np.array([known.min(), known.max()])
    least, greatest = format_cells(ends, column) if column.is_date else ends.tolist()
    return replace(told, minimum=least, maximum=greatest)
