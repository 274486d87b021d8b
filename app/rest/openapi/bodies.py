"""The bodies that we read ourselves, by the mark that a route has in `x-body`: their schemas and examples."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from app.predict import DistributionMembers
from app.rest.bodies import DeclarationRequest, DefaultVersionRequest, Problem
from app.rest.openapi.examples import EXAMPLES
from app.rest.openapi.rows import AnyPredictRequest, AnyRow, AnyRows, AnyTrainRequest
from app.rest.openapi.tables import LAYOUTS, TABLE_SCHEMAS, UPLOAD_SCHEMAS
from app.tables import FORM, JSON, row_schema, rows_schema
from app.train import train_schema
from model.table import Signature

TABLES = ("predict", "train", "evaluate")
"""How the marks begin of bodies that may be tables in any form."""

Schemas = list[dict[str, Any]]


def find_schemas(documented: Signature) -> tuple[Mapping[str, Schemas], dict[str, Any]]:
    """Return for each mark references to the schemas of its body, and the definitions of all."""
    bodies = _bodies(documented)
    found, definitions = models_json_schema(
        [(model, "validation") for models in bodies.values() for model in models] + [(Problem, "validation")],
        ref_template="#/components/schemas/{model}",
    )
    references = {mark: [found[model, "validation"] for model in models] for mark, models in bodies.items()}
    return references, definitions["$defs"]


def _bodies(documented: Signature) -> dict[str, list[type[BaseModel]]]:
    """Return the bodies that each mark stands for; those of rows as a signature names them, or of any."""
    return {
        "predict": [row_schema(documented.features), rows_schema(documented.features, DistributionMembers)],
        "predict-any": [AnyRow, AnyPredictRequest],
        "predict-row": [AnyRow],
        "train": [train_schema(documented.columns)],
        "train-any": [AnyTrainRequest],
        "evaluate-any": [AnyRows],
        "declare": [DeclarationRequest],
        "default-version": [DefaultVersionRequest],
        "upload": [],
    }


def describe_body(mark: str, schemas: Schemas) -> dict[str, Any]:
    """Return the description of a body; JSON tables have other layouts, too, which no schema here can name the columns of."""
    if mark == "upload":
        return {"required": True, "content": {kind: {"schema": schema} for kind, schema in UPLOAD_SCHEMAS.items()}}
    content: dict[str, Any] = {JSON: {"schema": schemas[0] if len(schemas) == 1 else {"anyOf": schemas}}}
    described = {"required": True, "content": content}
    if mark.startswith(TABLES):
        content |= {media_type: {"schema": schema} for media_type, schema in TABLE_SCHEMAS.items()}
        described["description"] = LAYOUTS
        content[FORM]["encoding"] = {
            "file": {"contentType": ", ".join([JSON, *(each for each in TABLE_SCHEMAS if each != FORM)])}
        }
    for media_type, examples in EXAMPLES[mark.removesuffix("-any")].items():
        content[media_type]["examples"] = {name: {"value": value} for name, value in examples.items()}
    return described
