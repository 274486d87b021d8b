"""The OpenAPI document: valid, complete, and true of what is really answered."""

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from tests.support.documented import check_documented, operations
from tests.support.hostile import MALFORMED
from tests.support.server import Answer, Server
from tests.support.tables import QUESTION, TABLE

QUICK = {"name": "gradient_descent", "max_epochs": 10}
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def document(server: Server) -> dict[str, Any]:
    """The document as it is served."""
    found: dict[str, Any] = server.client.get("/openapi.json").json()
    return found


@pytest.mark.slow
def test_the_document_is_valid(document: dict[str, Any]) -> None:
    validate(document)


def test_every_route_is_in_it_with_a_description(document: dict[str, Any]) -> None:
    found = {each.name: each.told for each in operations(document)}

    assert {"post /train", "post /predict", "get /models", "get /jobs/{job_id}", "get /livez", "get /readyz"} <= set(
        found
    )
    for name, operation in found.items():
        assert operation["description"], name
        assert operation["tags"], name
        assert not [member for member in operation if member.startswith("x-")], name


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
    for operation in operations(document):
        for status, response in operation.told["responses"].items():
            if status >= "400":
                schema = response["content"]["application/problem+json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}, f"{operation.name} {status}"


def documented(document: dict[str, Any], answer: Answer, name: str) -> None:
    """Check that an answer is one that the document promises of the operation of this name."""
    check_documented(document, next(each for each in operations(document) if each.name == name), answer)


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
        documented(document, client.post("/predict", content=body, headers=JSON), "post /predict")
    documented(document, client.post("/predict", content=b"{}"), "post /predict")
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
        ("post /train", {"rows": TABLE, "seed": 1785.0, "network": {"hidden_layers": [3.0]}}, True),
        ("post /train", {"rows": TABLE, "seed": 1785.5}, False),
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


def test_what_the_query_may_say_is_told_as_it_is(document: dict[str, Any]) -> None:
    parameters = {each["name"]: each for each in document["paths"]["/models/{name}/train"]["post"]["parameters"]}

    assert parameters["missing"]["schema"]["enum"] == ["refuse", "mean"]
    assert "must be in the table" in parameters["ignore"]["description"]


def test_a_stream_of_events_is_described_and_no_schema_is_claimed_for_all_of_it(document: dict[str, Any]) -> None:
    told = document["paths"]["/jobs/{job_id}/events"]["get"]["responses"]["200"]

    assert "schema" not in told["content"]["text/event-stream"]
    assert "Last-Event-ID" in told["description"]


def test_rows_and_tables_say_in_words_what_a_schema_cannot(document: dict[str, Any]) -> None:
    rows = document["components"]["schemas"]["AnyRow"]
    content = document["paths"]["/predict"]["post"]["requestBody"]["content"]

    assert rows["minProperties"] == 1
    assert "once" in rows["description"]
    assert "must differ" in content["text/csv"]["schema"]["description"]
    assert "must differ" in document["components"]["schemas"]["DeclarationRequest"]["description"]


def test_every_operation_says_that_it_may_be_called_by_a_wrong_name(document: dict[str, Any]) -> None:
    assert all("421" in each.told["responses"] for each in operations(document))


def test_every_operation_says_what_may_happen_to_any_request(document: dict[str, Any]) -> None:
    responses = {each.name: each.told["responses"] for each in operations(document)}
    for name, told in responses.items():
        assert {"400", "421", "431"} <= told.keys(), name
        assert ("503" in told) == (name != "get /livez"), name
    assert "507" in responses["delete /models/{name}"]
    assert "507" not in responses["post /predict"]
    assert "304" in responses["get /models/{name}"]


def test_other_layouts_of_tables_are_told_in_words(document: dict[str, Any]) -> None:
    for path in ("/train", "/models/{name}/predict", "/models/{name}/versions/{version}/evaluate"):
        assert '"columns"' in document["paths"][path]["post"]["requestBody"]["description"]


def test_bodies_of_exam_score_name_its_columns_with_units_and_bounds(document: dict[str, Any]) -> None:
    for schema, columns in {
        "Row": ["hours_studied", "hours_slept"],
        "LabelledRow": ["hours_studied", "hours_slept", "score"],
    }.items():
        told = document["components"]["schemas"][schema]
        assert list(told["properties"]) == told["required"] == columns
        for name, column in told["properties"].items():
            unit, most = ("points", 100) if name == "score" else ("hours", 24)
            assert (column["type"], column["description"]) == ("number", unit)
            assert (column["minimum"], column["maximum"]) == (0, most)
