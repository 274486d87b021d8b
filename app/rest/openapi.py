"""The OpenAPI document: what FastAPI gathers from the routes, and the bodies that we read ourselves."""

from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, RootModel
from pydantic.json_schema import models_json_schema

from app.rest.bodies import DeclarationRequest, DefaultVersionRequest, Problem
from app.rest.dependencies import may_change
from app.tables import CSV, FORM, NDJSON, XLSX, row_schema, rows_schema
from app.train import Options, train_schema
from model.table import Signature

_CELL: dict[str, Any] = {"type": ["number", "string", "null"]}


class AnyRow(RootModel[dict[str, float]]):
    """One row: each column that the model's signature names, once. Categories are texts; null where it may be missing."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "additionalProperties": _CELL})


class AnyRows(BaseModel):
    """Many rows, with the columns that the model's signature names."""

    rows: list[AnyRow] = Field(min_length=1)


class AnyTrainRequest(Options):
    """Rows of features and targets, with the columns that the model's signature names, and options."""

    rows: list[AnyRow] = Field(min_length=1)


_FRAMEWORK_SCHEMAS = ("HTTPValidationError", "ValidationError")
_PROBLEM = {"application/problem+json": {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}}


def complete_openapi(document: dict[str, Any], documented: Signature) -> dict[str, Any]:
    """Return the document with each route's body instead of its `x-body` mark."""
    bodies = _bodies(documented)
    references, definitions = models_json_schema(
        [(model, "validation") for models in bodies.values() for model in models] + [(Problem, "validation")],
        ref_template="#/components/schemas/{model}",
    )
    known = {**document["components"]["schemas"], **definitions["$defs"]}
    document["components"]["schemas"] = {
        name: schema for name, schema in known.items() if name not in _FRAMEWORK_SCHEMAS
    }
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            operation["responses"] |= {
                status: _describe(status) for status in _common_statuses(method, path, operation)
            }
            if "422" in operation["responses"]:  # which the framework would answer otherwise
                operation["responses"]["422"]["content"] = _PROBLEM
            if mark := operation.pop("x-body", None):
                schemas = [references[model, "validation"] for model in bodies[mark]]
                operation["parameters"] = [*operation.get("parameters", []), *_table_parameters(mark)]
                operation["requestBody"] = _request_body(
                    schemas, is_table=mark.startswith(("predict", "train", "evaluate"))
                )
    return document


def _common_statuses(method: str, path: str, operation: dict[str, Any]) -> set[str]:
    """Return what an operation may answer that is not of its own making.

    The head may be wrong, too long, or of another service. Where the store is used it may be unavailable, and where something
    is changed it may be full, or a page of another site may ask for that.
    """
    statuses = {"400", "421", "431"}
    if "health" in operation["tags"]:
        return statuses
    return statuses | {"503"} | ({"403", "507"} if may_change(method.upper(), path) else set())


def _describe(status: str) -> dict[str, Any]:
    """Return what an error is answered as."""
    return {"description": HTTPStatus(int(status)).phrase, "content": _PROBLEM}


def _bodies(documented: Signature) -> dict[str, list[type[BaseModel]]]:
    """Return the bodies that each mark stands for; those of rows as a signature names them, or of any."""
    return {
        "predict": [row_schema(documented.features), rows_schema(documented.features)],
        "predict-any": [AnyRow, AnyRows],
        "predict-row": [AnyRow],
        "train": [train_schema(documented.columns)],
        "train-any": [AnyTrainRequest],
        "evaluate-any": [AnyRows],
        "declare": [DeclarationRequest],
        "default-version": [DefaultVersionRequest],
    }


def _table_parameters(mark: str) -> list[dict[str, Any]]:
    """Return the query parameters that go with a table; of a training also the options, of which `seed` stands for all."""
    kind = mark.partition("-")[0]
    return [
        {"name": name, "in": "query", "required": False, "schema": _schema(name), "description": description}
        for name, (kinds, description) in TABLE_PARAMETERS.items()
        if kind in kinds
    ]


def _schema(name: str) -> dict[str, Any]:
    return {"type": "string", **({"enum": CHOICES[name]} if name in CHOICES else {})}


CHOICES = {"dates": ["day-first", "month-first"], "missing": ["refuse", "mean"], "unseen": ["answer", "refuse"]}


TABLE_PARAMETERS = {
    "targets": (
        {"train"},
        "The columns to predict, separated by commas. Declares a model that does not exist yet.",
    ),
    "features": ({"train"}, "The columns to read, separated by commas; else all that are left."),
    "ignore": (
        {"train", "predict", "evaluate"},
        "Columns to leave out, separated by commas; each must be in the table.",
    ),
    "categories": (
        {"train"},
        "Of a table that declares a model: columns to take for categories, whatever they hold; separated by commas.",
    ),
    "missing": ({"train"}, "Of a table that declares a model: `refuse` or `mean`, what becomes of missing features."),
    "dates": ({"train"}, "Of a table that declares a model: what comes first in dates such as 03/04/2024."),
    "marks": (
        {"train"},
        "Of a table that declares a model: texts that stand for a missing value, beside ?, NA and others.",
    ),
    "unseen": (
        {"predict", "evaluate"},
        "What becomes of words that the training has not seen: an `answer` that counts them as `extrapolated`, or `refuse`.",
    ),
    "sheet": ({"train", "predict", "evaluate"}, "Of a workbook: which sheet to read; else the first."),
    "coverage": ({"predict", "evaluate"}, "The probability with which intervals hold the truth; `null`: no intervals."),
    "seed": (
        {"train"},
        "As in a JSON body; so are `extend`, `keep_table`, `trainer` (its name) and all its and the network's options.",
    ),
}


LAYOUTS = (
    'A table. As JSON it may also be the list of rows alone, columns (`{"a": [1, 2], "b": [3, 4]}`), or names and lists of '
    'cells (`{"columns": ["a", "b"], "data": [[1, 3], [2, 4]]}`). The names of columns must differ, in any form.'
)

_FILE = {"type": "string", "format": "binary"}
TABLE_SCHEMAS: dict[str, Any] = {
    CSV: {
        "type": "string",
        "description": "A table: a header row, whose names must differ, and at least one row below it.",
    },
    NDJSON: {"type": "string", "description": "One row, a JSON object, on each line."},
    XLSX: {**_FILE, "description": "A workbook; its first sheet is read, or the one that `sheet` names."},
    FORM: {
        "type": "object",
        "properties": {"file": _FILE},
        "required": ["file"],
        "description": "One file of any of these forms.",
    },
}
"""What else than JSON a table may come as."""


def _request_body(schemas: list[dict[str, Any]], *, is_table: bool) -> dict[str, Any]:
    """Return the description of a body; JSON tables have other layouts, too, which no schema here can name the columns of."""
    content: dict[str, Any] = {"application/json": {"schema": schemas[0] if len(schemas) == 1 else {"anyOf": schemas}}}
    if not is_table:
        return {"required": True, "content": content}
    content |= {media_type: {"schema": schema} for media_type, schema in TABLE_SCHEMAS.items()}
    return {"required": True, "content": content, "description": LAYOUTS}
