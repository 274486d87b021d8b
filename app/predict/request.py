"""The body and the query of a prediction's request, read and checked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from pydantic import BaseModel

from app.errors import BodyError, InvalidBody
from app.predict.distribution import DistributionMembers, Figure, find_figures, read_members
from app.tables import (
    DEFAULT_COVERAGE,
    STRICT,
    Body,
    RequiredCoverage,
    Table,
    check,
    check_query,
    check_query_names,
    describe_table,
    parse_query_value,
    read_table,
    split_dataset,
    split_names,
    table_to_matrix,
)
from model.arrays import FloatArray
from model.predictors import Classification, Pieces, Prediction
from model.table import Dataset, Signature

Query = TypeVar("Query", bound=BaseModel)

ALL_AT_ONCE = Pieces()

Note = Callable[[Prediction | Classification], object]
"""What is told of an answer."""


def ignore(_: object) -> None:
    """Be told, and do nothing."""


@dataclass(frozen=True, eq=False)
class PredictRequest:
    """What to predict: features (rows, features) in the units of their columns, and the table in which they came."""

    features: FloatArray
    coverage: float | None
    table: Table | None = None
    """All that was sent, with the columns that are not read; None: a row that nobody needs to see again."""
    read: tuple[str, ...] = ()
    """What was assumed of the table's texts, in sentences."""
    pieces: Pieces = ALL_AT_ONCE
    """How many rows are predicted at a time."""
    note: Note = ignore
    """Is told what is answered."""
    figures: tuple[Figure, ...] = ()
    """What is told of a regressor's targets beside their means and intervals of one coverage."""
    coverages: tuple[float, ...] = ()
    """Those of the intervals among the figures."""

    @property
    def is_single(self) -> bool:
        """Whether the body was a single row, so that the response is one too."""
        return self.table is not None and self.table.is_single


@dataclass(frozen=True, eq=False)
class LabelledRequest:
    """What to evaluate: a labelled table, and the coverage of the intervals."""

    dataset: Dataset
    coverage: float
    read: tuple[str, ...]
    """What was assumed of the table's texts, in sentences."""


class TableQuery(BaseModel):
    """The query parameters that go with rows, whatever their form."""

    model_config = STRICT

    ignore: str = ""
    unseen: Literal["answer", "refuse"] = "answer"
    sheet: str | None = None


class PredictQuery(TableQuery, DistributionMembers):
    """The query parameters of a prediction."""


class EvaluationQuery(TableQuery):
    """The query parameters of an evaluation."""

    coverage: RequiredCoverage = DEFAULT_COVERAGE


class EvaluationMembers(BaseModel):
    """What the JSON body of an evaluation may hold beside its rows."""

    model_config = STRICT

    coverage: RequiredCoverage = DEFAULT_COVERAGE


def read_predict_request(body: Body, signature: Signature, query: Mapping[str, str]) -> PredictRequest:
    """Return what a body wants predicted: one row, or a table in any form. Raises `MalformedBody`, `InvalidBody`.

    Target columns are ignored, so a table that holds the true values can be sent as it is.
    """
    options = _check_query(PredictQuery, query, read_members(query))
    sent = read_table(replace(body, sheet=options.sheet))
    asked = options.model_copy(update=_check_members(DistributionMembers, query, sent.members))
    coverage, coverages = (None, asked.coverage) if isinstance(asked.coverage, list) else (asked.coverage, [])
    table = sent.table.without(split_names(options.ignore))
    return replace(
        ask(table, signature, coverage, _find_open(signature, options)),
        table=sent.table.named_as(signature.columns),
        figures=_find_figures(asked, signature),
        coverages=tuple(coverages),
    )


def ask(
    table: Table, signature: Signature, coverage: float | None, unseen: frozenset[str] | None = None
) -> PredictRequest:
    """Return a table as a request; words that training has not seen may stand in the features `unseen`, None: in all.

    Raises `InvalidBody`.
    """
    known = table.named_as(signature.columns)
    ignored = frozenset([*(column.name for column in signature.targets), *signature.left_out])
    everywhere = frozenset(column.name for column in signature.features)
    matrix = table_to_matrix(known, signature.features, ignored, everywhere if unseen is None else unseen)
    return PredictRequest(matrix, coverage, known, read=tuple(describe_table(known, signature.features, matrix)))


def read_labelled(body: Body, signature: Signature, query: Mapping[str, str]) -> LabelledRequest:
    """Return what a body wants evaluated: a labelled table. Raises `MalformedBody`, `InvalidBody`."""
    coverage = {name: parse_query_value(query[name]) for name in ("coverage",) if name in query}
    options = _check_query(EvaluationQuery, query, coverage)
    sent = read_table(replace(body, sheet=options.sheet))
    if sent.table.is_single:
        raise InvalidBody([BodyError("'rows': is missing", "/rows")])
    asked = options.model_copy(update=_check_members(EvaluationMembers, query, sent.members))
    table = sent.table.without(split_names(options.ignore))
    left_out = frozenset(signature.left_out)
    matrix = table_to_matrix(table, signature.columns, left_out, _find_open(signature, options))
    read = tuple(describe_table(table, signature.columns, matrix))
    return LabelledRequest(split_dataset(matrix, signature), asked.coverage, read)


def _find_figures(asked: DistributionMembers, signature: Signature) -> tuple[Figure, ...]:
    """Return what is to be told of each target. Raises `InvalidBody` where that is a category."""
    figures = find_figures(asked)
    wanted = [figure.member for figure in figures if figure.member != "interval"]
    if signature.is_classification:
        if wanted:
            detail = (
                "the model predicts a category, for which this cannot be asked: leave it out, and read `probabilities`"
            )
            raise InvalidBody([BodyError(f"{wanted[0]!r}: {detail}", "")])
        return ()  # nor has it intervals
    return figures


def _find_open(signature: Signature, options: TableQuery) -> frozenset[str]:
    """Return the features in which words may stand that training has not seen."""
    return frozenset(column.name for column in signature.features) if options.unseen == "answer" else frozenset()


def _check_members(
    schema: type[BaseModel], query: Mapping[str, str], members: Mapping[str, object]
) -> dict[str, object]:
    """Return the options that stand in the body. Raises `InvalidBody` if one is in the query, too."""
    checked = check(schema, members)
    for name in members:
        if name in query:
            raise InvalidBody([BodyError(f"{name!r} is given in the body and in the query: give it once", f"/{name}")])
    return {name: getattr(checked, name) for name in checked.model_fields_set}


def _check_query(schema: type[Query], query: Mapping[str, str], values: Mapping[str, object]) -> Query:
    """Return the query as an instance of its schema; some of its texts mean these values."""
    check_query_names(query, schema.model_fields.keys())
    return check_query(schema, {**query, **values})
