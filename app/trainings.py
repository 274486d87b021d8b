"""From the body of a training to what is to be trained; a table of a model that nobody knows yet declares it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.bodies import Body, BodyError, InvalidBody, check, parse
from app.declarations import Declaration
from app.model_log import UnknownModel
from app.options import options_of_query, training_spec
from app.registry import Registry
from app.rows import dataset_of, matrix_of_rows, matrix_of_text
from app.schemas import Options, train_model
from app.tables import TextTable, names_in, parse_csv
from model.dataset import Dataset
from model.signature import Column, Signature
from model.training import TrainingSpec


class OtherTargets(Exception):
    """The model is declared with other targets than the request names."""


@dataclass(frozen=True, eq=False)
class Training:
    """What a request asks to be trained, and how it is published."""

    spec: TrainingSpec
    options: Options


def read_training(body: Body, registry: Registry, name: str, query: Mapping[str, str]) -> Training:
    """Return what a body asks to be trained: JSON, or a CSV with its options in the query.

    Raises `UnknownModel`, `OtherTargets`, `MalformedBody`, `InvalidBody`.
    """
    if body.is_csv:
        return _of_csv(body, registry, name, dict(query))
    declaration = registry.declaration(name)
    columns = declaration.signature.columns
    request: Any = check(train_model(columns), parse(body.data))
    return _training(declaration, dataset_of(matrix_of_rows(request.rows, columns), declaration.signature), request)


def _training(declaration: Declaration, dataset: Dataset, options: Options) -> Training:
    return Training(training_spec(declaration, dataset, options), options)


def _of_csv(body: Body, registry: Registry, name: str, query: dict[str, str]) -> Training:
    targets, features, ignored = (names_in(query.pop(choice, "")) for choice in ("targets", "features", "ignore"))
    options = options_of_query(query)
    table = parse_csv(body.data).without(ignored)
    if features:
        table = table.without(set(table.columns) - {*features, *targets})
    declared = _declared(registry, name, targets)
    declaration = declared or Declaration(_inferred(table, targets))
    matrix = matrix_of_text(table, declaration.signature.columns)
    if declared is None:  # only now: nothing is declared for a table that cannot be trained on
        registry.declare(name, declaration)
    return _training(declaration, dataset_of(matrix, declaration.signature), options)


def _declared(registry: Registry, name: str, targets: list[str]) -> Declaration | None:
    """Return what the model is declared to be; None if it is yet to be declared, which takes targets."""
    try:
        declaration = registry.declaration(name)
    except UnknownModel:
        if not targets:
            raise
        return None
    declared = [column.name for column in declaration.signature.targets]
    if targets and sorted(targets) != sorted(declared):
        raise OtherTargets(f"model {name!r} predicts {', '.join(declared)}; call a model with other targets otherwise")
    return declaration


def _inferred(table: TextTable, targets: list[str]) -> Signature:
    unknown = [target for target in targets if target not in table.columns]
    if unknown:
        raise InvalidBody([BodyError(f"the table has no column {target!r} to be a target", "") for target in unknown])
    features = tuple(Column(column) for column in table.columns if column not in targets)
    return Signature(features, tuple(Column(target) for target in targets))
