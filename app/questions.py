"""A question is what a request wants predicted; it knows the form in which the answer is wanted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.bodies import Body, check, parse
from app.rows import matrix_of_rows, matrix_of_text
from app.schemas import row_model, rows_model
from app.tables import TextTable, names_in, parse_csv, write_csv
from model.activations import FloatArray
from model.signature import Signature


@dataclass(frozen=True, eq=False)
class Question:
    """Features (rows, features) in a table's own units, and the form in which they came."""

    features: FloatArray
    is_single: bool = False
    """One row, to be answered as one."""
    table: TextTable | None = None
    """The CSV that it came as, if it did."""


def read_question(body: Body, signature: Signature, query: Mapping[str, str]) -> Question:
    """Return what a body asks: one row, many under `rows`, or a CSV. Raises `MalformedBody`, `InvalidBody`.

    The target columns of a CSV are not looked at, so that a table can be asked that has the answers in it.
    """
    features = signature.features
    if body.is_csv:
        table = parse_csv(body.data).without(names_in(query.get("ignore", "")))
        answers = frozenset(column.name for column in signature.targets)
        return Question(matrix_of_text(table, features, ignored=answers), table=table)
    value: Any = parse(body.data)
    if isinstance(value, dict) and "rows" in value:
        rows: Any = check(rows_model(features), value)
        return Question(matrix_of_rows(rows.rows, features))
    return Question(matrix_of_rows([check(row_model(features), value)], features), is_single=True)


def predictions_csv(question: Question, signature: Signature, predicted: FloatArray) -> str:
    """Return the answer as CSV: the columns that were asked, as they came, then the targets."""
    features = [column.name for column in signature.features]
    if question.table is not None:
        asked = [question.table.columns[name] for name in features]
    else:
        asked = question.features.T.tolist()
    targets = [column.name for column in signature.targets]
    return write_csv([*features, *targets], zip(*asked, *predicted.T.tolist(), strict=True))
