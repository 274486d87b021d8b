"""Every operation of the document: its name stays, it says in a few words what it does, and its examples work.

What is added to the API is held to this, too: a new operation needs a line in `NAMES`, and an example of what it needs.
"""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import pytest

from tests.conftest import StartServer
from tests.support.documented import Operation, check_documented, examples, operations
from tests.support.server import Server
from tests.support.tables import TABLE

NAMES = {
    "post /train": "train_exam_score",
    "post /models/{name}/train": "train",
    "post /predict": "predict_exam_score",
    "post /models/{name}/predict": "predict",
    "post /models/{name}/versions/{version}/predict": "predict_with_version",
    "post /models/{name}/check": "check",
    "get /models": "list_models",
    "get /models/{name}": "read_model",
    "put /models/{name}": "declare_model",
    "delete /models/{name}": "delete_model",
    "put /models/{name}/default-version": "move_default_version",
    "get /models/{name}/row-schema": "read_row_schema",
    "get /models/{name}/versions": "list_versions",
    "post /models/{name}/versions": "upload_version",
    "get /models/{name}/versions/{version}": "read_version",
    "delete /models/{name}/versions/{version}": "delete_version",
    "get /models/{name}/versions/{version}/export": "export_version",
    "get /models/{name}/versions/{version}/table": "read_table",
    "post /models/{name}/versions/{version}/evaluate": "evaluate_version",
    "get /models/{name}/versions/{version}/network": "read_network",
    "post /models/{name}/versions/{version}/activations": "read_activations",
    "get /models/{name}/versions/{version}/fit": "read_fit",
    "get /jobs": "list_jobs",
    "get /jobs/{job_id}": "read_job",
    "post /jobs/{job_id}/cancel": "cancel_job",
    "get /jobs/{job_id}/events": "watch_job",
    "get /v2": "server_metadata",
    "get /v2/health/live": "server_live",
    "get /v2/health/ready": "server_ready",
    "post /v2/repository/index": "repository_index",
    "get /v2/models": "list_inference_models",
    "get /v2/models/stats": "statistics",
    "get /v2/models/{name}/stats": "model_statistics",
    "get /v2/models/{name}/versions/{version}/stats": "version_statistics",
    "get /v2/models/{name}": "model_metadata",
    "get /v2/models/{name}/versions/{version}": "version_metadata",
    "get /v2/models/{name}/ready": "model_ready",
    "get /v2/models/{name}/versions/{version}/ready": "version_ready",
    "post /v2/models/{name}/infer": "infer",
    "post /v2/models/{name}/versions/{version}/infer": "infer_with_version",
    "get /v1/models": "list_ready_models",
    "get /v1/models/{name}": "model_status",
    "post /v1/models/{name}:predict": "predict_instances",
    "get /ping": "ping",
    "get /version": "read_release",
    "post /invocations": "invoke",
    "get /livez": "livez",
    "get /readyz": "readyz",
    "get /metrics": "metrics",
}
"""Clients are made from these names: a name that changes breaks them."""


@pytest.fixture(scope="module")
def document(server: Server) -> dict[str, Any]:
    """The document as it is served."""
    found: dict[str, Any] = server.client.get("/openapi.json").json()
    return found


def test_operations_keep_their_names(document: dict[str, Any]) -> None:
    assert {each.name: each.told["operationId"] for each in operations(document)} == NAMES


def test_every_operation_says_in_a_few_words_what_it_does(document: dict[str, Any]) -> None:
    for each in operations(document):
        assert 3 < len(each.told["summary"]) <= 120, each.name
        assert each.told["description"].startswith(each.told["summary"]), each.name


def test_what_an_operation_needs_has_an_example(document: dict[str, Any]) -> None:
    for each in operations(document):
        for parameter in each.parameters:
            assert examples(parameter) or not parameter["required"], f"{each.name}: {parameter['name']}"
        if each.contents and not each.takes_files_alone:
            assert list(each.bodies()), each.name
        for media_type, content in each.contents.items():
            assert examples(content) or not media_type.endswith("/json"), f"{each.name}: {media_type}"


def test_links_lead_to_operations_that_are_there(document: dict[str, Any]) -> None:
    parameters = {each.told["operationId"]: {one["name"] for one in each.parameters} for each in operations(document)}
    links = [
        link
        for each in operations(document)
        for response in each.told["responses"].values()
        for link in response.get("links", {}).values()
    ]

    assert links
    for link in links:
        assert set(link["parameters"]) <= parameters[link["operationId"]], link


@pytest.mark.slow
def test_every_example_works(start_server: StartServer) -> None:
    """Each is sent to a service that has two versions of `exam-score`, and succeeds as the document says."""
    server = start_server()
    jobs = [server.train(TABLE).json()["job_id"] for _ in range(2)]
    document = server.client.get("/openapi.json").json()
    for operation in sorted(operations(document), key=_removes):
        if operation.takes_files_alone:  # `test_uploads.py` sends them
            continue
        for request in _requests(operation, {"job_id": jobs[0]}):
            answer = server.client.send(server.client.build_request(**request))
            assert answer.is_success, f"{operation.name}: {request} {answer.text}"
            check_documented(document, operation, answer)


def _removes(operation: Operation) -> tuple[bool, int, str]:
    """Return the place of an operation: what removes something comes last, versions before models."""
    return operation.method == "delete", -operation.path.count("/"), operation.path


def _requests(operation: Operation, known: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield requests with each example of the body, and each example of a parameter; `known` stands for ids."""
    values = {
        each["name"]: [known[each["name"]]] if each["name"] in known else examples(each)
        for each in operation.parameters
    }
    places = {each["name"]: each["in"] for each in operation.parameters if values[each["name"]]}
    for (media_type, body), *chosen in product(
        list(operation.bodies()) or [("", b"")], *(values[name] for name in places)
    ):
        sent = dict(zip(places, chosen, strict=True))
        path = operation.path.format(**{name: value for name, value in sent.items() if places[name] == "path"})
        query = {name: value for name, value in sent.items() if places[name] == "query"}
        headers = {name: str(value) for name, value in sent.items() if places[name] == "header"}
        if media_type:
            headers["Content-Type"] = media_type
        yield {
            "method": operation.method.upper(),
            "url": path,
            "params": query,
            "headers": headers,
            "content": body,
        }
