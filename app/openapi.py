"""The OpenAPI document: what FastAPI gathers from the routes, and the bodies that we read ourselves."""

from typing import Any

from pydantic import BaseModel, Field, create_model
from pydantic.json_schema import models_json_schema

from app.answers import Problem
from app.schemas import NetworkRequest, RowSchemas, row_schemas, trainer_request
from model.signature import Signature

AnyRow = dict[str, float]


class AnyRows(BaseModel):
    """Many rows, with the columns that the model's signature names."""

    rows: list[AnyRow] = Field(min_length=1)


def complete(document: dict[str, Any], documented: Signature) -> dict[str, Any]:
    """Return the document with each route's body in the place of its `x-body` mark."""
    bodies = _bodies(row_schemas(documented))
    models = [model for body in bodies.values() for model in body] + [Problem]
    _, definitions = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/components/schemas/{model}"
    )
    document["components"]["schemas"] = {**document["components"].get("schemas", {}), **definitions["$defs"]}
    for path in document["paths"].values():
        for operation in path.values():
            if mark := operation.pop("x-body", None):
                operation["requestBody"] = _request_body(bodies[mark], generic=mark.endswith("-any"))
    return document


def _bodies(exam_score: RowSchemas) -> dict[str, list[type[BaseModel]]]:
    options: dict[str, Any] = {
        "network": (NetworkRequest, None),
        "trainer": (trainer_request(), None),
        "seed": (int, 0),
    }
    any_train = create_model("AnyTrainRequest", __base__=AnyRows, **options)
    return {
        "predict": [exam_score.row, exam_score.predict],
        "predict-any": [AnyRows],
        "train": [exam_score.train],
        "train-any": [any_train],
    }


def _request_body(models: list[type[BaseModel]], *, generic: bool) -> dict[str, Any]:
    choices: list[dict[str, Any]] = [{"$ref": f"#/components/schemas/{model.__name__}"} for model in models]
    if generic and models == [AnyRows]:
        choices.append({"type": "object", "additionalProperties": {"type": "number"}})
    schema = choices[0] if len(choices) == 1 else {"anyOf": choices}
    return {"required": True, "content": {"application/json": {"schema": schema}}}
