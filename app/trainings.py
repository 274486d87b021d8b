"""From the body of a training to what is to be trained; a table of a model that nobody knows yet declares it."""

from collections.abc import Mapping
from typing import Any

from app.bodies import Body, BodyError, InvalidBody, check, parse
from app.declarations import Declaration
from app.options import options_of_query, training_spec
from app.registry import Registry, UnknownModel
from app.rows import matrix_of_rows, matrix_of_text
from app.schemas import train_model
from app.tables import TextTable, names_in, parse_csv
from model.activations import FloatArray
from model.dataset import Dataset
from model.signature import Column, Signature
from model.training import TrainingSpec


class OtherTargets(Exception):
    """The model is declared with other targets than the request names."""


def read_training(body: Body, registry: Registry, name: str, query: Mapping[str, str]) -> TrainingSpec:
    """Return what a body asks to be trained: JSON, or a CSV with its options in the query.

    Raises `UnknownModel`, `OtherTargets`, `MalformedBody`, `InvalidBody`.
    """
    if body.is_csv:
        return _of_csv(body, registry, name, dict(query))
    signature = registry.declaration(name).signature
    request: Any = check(train_model(signature.columns), parse(body.data))
    return training_spec(signature, _dataset(signature, matrix_of_rows(request.rows, signature.columns)), request)


def _of_csv(body: Body, registry: Registry, name: str, query: dict[str, str]) -> TrainingSpec:
    targets, features, ignored = (names_in(query.pop(choice, "")) for choice in ("targets", "features", "ignore"))
    options = options_of_query(query)
    table = parse_csv(body.data).without(ignored)
    if features:
        table = table.without(set(table.columns) - {*features, *targets})
    declared = _declared(registry, name, targets)
    signature = declared or _inferred(table, targets)
    matrix = matrix_of_text(table, signature.columns)
    if declared is None:  # only now: nothing is declared for a table that cannot be trained on
        registry.declare(name, Declaration(signature))
    return training_spec(signature, _dataset(signature, matrix), options)


def _declared(registry: Registry, name: str, targets: list[str]) -> Signature | None:
    """Return the signature that the model is declared with; None if it is yet to be, which takes targets."""
    try:
        signature = registry.declaration(name).signature
    except UnknownModel:
        if not targets:
            raise
        return None
    declared = [column.name for column in signature.targets]
    if targets and sorted(targets) != sorted(declared):
        raise OtherTargets(f"model {name!r} predicts {', '.join(declared)}; call a model with other targets otherwise")
    return signature


def _inferred(table: TextTable, targets: list[str]) -> Signature:
    unknown = [target for target in targets if target not in table.columns]
    if unknown:
        raise InvalidBody([BodyError(f"the table has no column {target!r} to be a target", "") for target in unknown])
    features = tuple(Column(column) for column in table.columns if column not in targets)
    return Signature(features, tuple(Column(target) for target in targets))


def _dataset(signature: Signature, table: FloatArray) -> Dataset:
    split = len(signature.features)
    return Dataset(table[:, :split], table[:, split:])
