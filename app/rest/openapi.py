"""The OpenAPI document: what FastAPI gathers from the routes, and the bodies that we read ourselves."""

from typing import Any

from pydantic import BaseModel, Field, RootModel
from pydantic.json_schema import models_json_schema

from app.rest.bodies import DeclarationRequest, DefaultVersionRequest, Problem
from app.tables import row_schema, rows_schema
from app.train import Options, train_schema
from model.table import Signature


class AnyRow(RootModel[dict[str, float]]):
    """One row, with the columns that the model's signature names."""


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
    for path in document["paths"].values():
        for operation in path.values():
            if "422" in operation["responses"]:  # which the framework would answer otherwise
                operation["responses"]["422"]["content"] = _PROBLEM
            if mark := operation.pop("x-body", None):
                schemas = [references[model, "validation"] for model in bodies[mark]]
                operation["parameters"] = [*operation.get("parameters", []), *_csv_parameters(mark)]
                operation["requestBody"] = _request_body(
                    schemas, is_table=mark.startswith(("predict", "train", "evaluate"))
                )
    return document


def _bodies(documented: Signature) -> dict[str, list[type[BaseModel]]]:
    """Return the bodies that each mark stands for; those of rows as a signature names them, or of any."""
    return {
        "predict": [row_schema(documented.features), rows_schema(documented.features)],
        "predict-any": [AnyRow, AnyRows],
        "train": [train_schema(documented.columns)],
        "train-any": [AnyTrainRequest],
        "evaluate-any": [AnyRows],
        "declare": [DeclarationRequest],
        "default-version": [DefaultVersionRequest],
    }


def _csv_parameters(mark: str) -> list[dict[str, Any]]:
    """Return the query parameters that go with a table; of a training also the options, of which `seed` stands for all."""
    kind = mark.partition("-")[0]
    return [
        {"name": name, "in": "query", "required": False, "schema": {"type": "string"}, "description": description}
        for name, (kinds, description) in CSV_PARAMETERS.items()
        if kind in kinds
    ]


CSV_PARAMETERS = {
    "targets": (
        {"train"},
        "Of a CSV: the columns to predict, separated by commas. Declares a model that does not exist yet.",
    ),
    "features": ({"train"}, "Of a CSV: the columns to read; else all that are left."),
    "ignore": ({"train", "predict", "evaluate"}, "Of a CSV: columns to leave out."),
    "categories": ({"train"}, "Of a CSV that declares a model: columns to take for categories, whatever they hold."),
    "missing": ({"train"}, "Of a CSV that declares a model: `refuse` or `mean`, what becomes of missing features."),
    "coverage": ({"predict", "evaluate"}, "The probability with which intervals hold the truth; `null`: no intervals."),
    "seed": (
        {"train"},
        "Of a CSV: as in JSON; so are `extend`, `keep_table`, `trainer` (its name) and all its and the network's options.",
    ),
}


def _request_body(schemas: list[dict[str, Any]], *, is_table: bool) -> dict[str, Any]:
    content: dict[str, Any] = {"application/json": {"schema": schemas[0] if len(schemas) == 1 else {"anyOf": schemas}}}
    if is_table:
        content["text/csv"] = {"schema": {"type": "string", "description": "A table with a header row."}}
    return {"required": True, "content": content}
