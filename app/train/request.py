"""From the body of a training to what is trained; a table sent to an unknown model declares it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.errors import BodyError, InvalidBody, UnknownModel, shorten
from app.limits import TrainingLimits, check_table_size, check_training
from app.registry import Declaration, Registry, check_name
from app.tables import (
    Body,
    Table,
    TableBody,
    check_query,
    check_query_names,
    clean_name,
    describe_table,
    read_table,
    split_dataset,
    split_names,
    table_to_matrix,
)
from app.train.advice import advise, advise_again, find_ids
from app.train.agreement import check_agreement
from app.train.declaring import TableQuery, infer_declaration
from app.train.options import Options, build_spec
from app.train.query_options import QUERY_OPTIONS, read_options
from model.arrays import FloatArray
from model.fitting import TrainingSpec


@dataclass(frozen=True, eq=False)
class Training:
    """What to train, and how to publish it."""

    spec: TrainingSpec
    options: Options
    declaration: Declaration | None = None
    """What the first version declares the model to be; None: it is declared already."""
    read: tuple[str, ...] = ()
    """What was assumed of the table's cells, in sentences."""
    warnings: tuple[str, ...] = ()
    """Those of them that may not be what is wanted."""


def read_training(
    body: Body, registry: Registry, name: str, query: Mapping[str, str], limits: TrainingLimits
) -> Training:
    """Return what a body wants trained: a table in any form, with options in the query or, of JSON, beside the rows.

    Raises `UnknownModel`, `OtherTargets`, `OtherColumns`, `MalformedBody`, `InvalidBody`, `BodyTooLarge`, and `OptionsError` for
    what would take too much.
    """
    columns = read_columns(query)
    declared = find_declaration(registry, name, columns)
    sent = read_rows(body, columns, limits)
    options = read_options({each: query[each] for each in query if each in QUERY_OPTIONS}, sent.members)
    declaration, table = declare(name, sent.table, columns, declared)
    signature = declaration.signature
    matrix = fill(name, table, declaration, is_declared=declared is not None)
    spec = build_spec(declaration, split_dataset(matrix, signature), options, limits.max_epochs)
    check_training(spec, limits)
    read = describe_table(table, signature.columns, matrix)
    warnings = [] if declared else find_ids(table, signature, spec.dataset)
    return Training(spec, options, None if declared else declaration, (*read, *warnings), tuple(warnings))


def read_columns(query: Mapping[str, str]) -> TableQuery:
    """Return the query parameters about the table's columns. Raises `InvalidBody`, also for parameters that are not known."""
    check_query_names(query, {*TableQuery.model_fields, *QUERY_OPTIONS})
    return check_query(TableQuery, {choice: query[choice] for choice in TableQuery.model_fields if choice in query})


def read_rows(body: Body, columns: TableQuery, limits: TrainingLimits) -> TableBody:
    """Return the table that a body is, which must be one of rows. Raises `MalformedBody`, `InvalidBody`, `BodyTooLarge`."""
    sent = read_table(replace(body, sheet=columns.sheet))
    check_table_size(len(sent.table), len(sent.table.columns), limits)
    if sent.table.is_single:
        raise InvalidBody([BodyError("'rows': is missing", "/rows")])
    return sent


def declare(name: str, table: Table, columns: TableQuery, declared: Declaration | None) -> tuple[Declaration, Table]:
    """Return a model's declaration, inferred if it is new, and the table with the columns that are asked for."""
    known = declared.signature.targets if declared else ()
    targets = [clean_name(column.name) for column in known] or split_names(columns.targets)
    chosen = _choose_columns(table, columns, targets)
    if declared is not None:
        check_agreement(name, declared, columns)
    return declared or infer_declaration(chosen, columns), chosen


def fill(name: str, table: Table, declaration: Declaration, *, is_declared: bool) -> FloatArray:
    """Return a table as a matrix (rows, columns). Raises `InvalidBody`, with what helps each cell."""
    signature = declaration.signature
    try:
        return table_to_matrix(table, signature.columns, frozenset(signature.left_out))
    except InvalidBody as error:
        raise (advise_again(error, name, signature) if is_declared else advise(error, signature, table)) from None


def _choose_columns(table: Table, query: TableQuery, targets: list[str]) -> Table:
    """Return the table with the columns that are asked for. Raises `InvalidBody`, also for one that is ignored as well."""
    for parameter in ("targets", "features", "categories"):
        for name in split_names(getattr(query, parameter)):
            if name in split_names(query.ignore):
                detail = (
                    f"column {shorten(name)!r} is named by query parameter {parameter!r} and by 'ignore': choose one"
                )
                raise InvalidBody([BodyError(detail, "")])
    table = table.without(split_names(query.ignore))
    features = split_names(query.features)
    return table.select({*features, *targets}) if features else table


def find_declaration(registry: Registry, name: str, query: TableQuery) -> Declaration | None:
    """Return the model's declaration; None if it has none yet, and the request names the targets for one."""
    try:
        return registry.declaration(name)
    except UnknownModel:
        if not split_names(query.targets):
            raise UnknownModel(
                f"there is no model called {name!r}: a table declares one if ?targets= names the columns to predict"
            ) from None
        check_name(name)
        return None
