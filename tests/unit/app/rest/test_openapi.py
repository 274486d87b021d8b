"""The OpenAPI document: valid, complete, and true of what is really answered."""

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from tests.support.hostile import MALFORMED
from tests.support.server import Answer, Server
from tests.support.tables import QUESTION, TABLE

QUICK = {"name": "gradient_descent", "max_epochs": 10}
METHODS = {"get", "put", "post", "delete", "patch"}


@pytest.fixture(scope="module")
def document(server: Server) -> dict[str, Any]:
    """The document as it is served."""
    found: dict[str, Any] = server.client.get("/openapi.json").json()
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield f"{method} {path}", operation


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    validate(document)


def test_every_route_is_in_it_with_a_description(document: dict[str, Any]) -> None:
    found = dict(operations(document))

    assert {"post /train", "post /predict", "get /models", "get /jobs/{job_id}", "get /livez", "get /readyz"} <= set(
        found
    )
    for name, operation in found.items():
        assert operation["description"], name
        assert operation["tags"], name
        assert not [member for member in operation if member.startswith("x-")], name


def test_every_operation_has_a_name_of_its_own(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, operation in operations(document)]

    assert len(names) == len(set(names))


def test_every_schema_that_is_referred_to_is_there_and_every_one_that_is_there_is_referred_to(
    document: dict[str, Any],
) -> None:
    referred = set(_references(document))

    assert referred == {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        for inner in part.values():
            yield from _references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _references(inner)


def test_every_error_is_documented_as_a_problem_document(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        for status, response in operation["responses"].items():
            if status >= "400":
                schema = response["content"]["application/problem+json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}, f"{name} {status}"


def documented(document: dict[str, Any], answer: Answer, operation: str) -> None:
    """Check that an answer is one that the document promises."""
    method, path = operation.split()
    responses = document["paths"][path][method]["responses"]
    content = responses[str(answer.status_code)]["content"]
    kind = answer.headers["content-type"].partition(";")[0]
    schema = {**content[kind]["schema"], "components": document["components"]}
    Draft202012Validator(schema).validate(answer.json())


def test_answers_are_as_documented(server: Server, document: dict[str, Any]) -> None:
    trained = server.train(TABLE, trainer=QUICK)
    documented(document, trained, "post /train")
    job_id = trained.json()["job_id"]
    documented(document, server.client.post("/predict", json=QUESTION), "post /predict")
    documented(document, server.client.post("/predict", json={"rows": [QUESTION] * 2}), "post /predict")
    documented(document, server.client.post("/predict?coverage=null", json=QUESTION), "post /predict")
    documented(document, server.train(TABLE, "respond-async", trainer=QUICK), "post /train")
    for path, operation in {
        "/models": "get /models",
        "/models/exam-score": "get /models/{name}",
        "/models/exam-score/versions": "get /models/{name}/versions",
        "/models/exam-score/versions/1": "get /models/{name}/versions/{version}",
        "/jobs": "get /jobs",
        f"/jobs/{job_id}": "get /jobs/{job_id}",
        "/livez": "get /livez",
        "/readyz": "get /readyz",
    }.items():
        documented(document, server.client.get(path), operation)


def test_errors_are_as_documented(server: Server, document: dict[str, Any]) -> None:
    client = server.client
    for body in MALFORMED.values():
        documented(document, client.post("/predict", content=body), "post /predict")
    documented(document, client.post("/predict", json={}), "post /predict")
    documented(document, client.post("/predict", content=b"x", headers={"Content-Type": "text/x"}), "post /predict")
    documented(document, client.post("/train", json={}), "post /train")
    documented(document, client.post("/models/absent/train", json={}), "post /models/{name}/train")
    documented(document, client.post("/models/absent/predict", json={}), "post /models/{name}/predict")
    documented(document, client.get("/models/absent"), "get /models/{name}")
    documented(document, client.get("/models/exam-score/versions/0"), "get /models/{name}/versions/{version}")
    documented(document, client.get("/jobs/absent"), "get /jobs/{job_id}")


@pytest.mark.parametrize(
    ("operation", "body", "is_right"),
    [
        ("post /predict", QUESTION, True),
        ("post /predict", {"rows": [QUESTION], "coverage": None}, True),
        ("post /predict", {"rows": []}, False),
        ("post /predict", {"hours_studied": 4}, False),
        ("post /predict", {**QUESTION, "hours_studied": 25}, False),
        ("post /train", {"rows": TABLE}, True),
        (
            "post /train",
            {"rows": TABLE, "trainer": {**QUICK, "batch_size": None}, "network": {"hidden_layers": [3]}},
            True,
        ),
        ("post /train", {"rows": TABLE, "seed": -1}, False),
        ("post /train", {"rows": TABLE, "trainer": {**QUICK, "x": 1}}, False),
        ("post /train", {"rows": TABLE, "network": {"hidden_layers": None}}, False),
        ("post /models/{name}/predict", {"anything": 1.5}, True),
        ("post /models/{name}/predict", {"rows": [{"anything": 1.5}]}, True),
        ("post /models/{name}/train", {"rows": [{"anything": 1.5}], "seed": 7}, True),
        ("post /models/{name}/train", {"rows": []}, False),
    ],
)
def test_bodies_are_documented_as_they_are_checked(
    document: dict[str, Any], operation: str, body: dict[str, Any], is_right: bool
) -> None:
    method, path = operation.split()
    content = document["paths"][path][method]["requestBody"]["content"]["application/json"]
    schema = {**content["schema"], "components": document["components"]}

    assert Draft202012Validator(schema).is_valid(body) == is_right
