"""The Open Inference Protocol, version 2: tensors in, tensors out, over a real server."""

import gzip
import json
import zlib
from typing import Any

import numpy as np
import pytest

from tests.support.server import Answer, Server
from tests.support.tables import QUESTION, TABLE

MODEL = "/v2/models/exam-score"
ROWS = [[4.0, 8.0], [2.0, 6.0]]
WOOD = [{"width": x, "wood": "oak" if x % 2 else "pine", "price": 2.5 * x + x % 2} for x in range(1, 13)]


@pytest.fixture(scope="module", autouse=True)
def trained(server: Server) -> None:
    server.train(TABLE)
    server.client.post("/models/wood/train?targets=price", json={"rows": WOOD}).raise_for_status()
    flags = [{"x": x, "side": "left" if x < 6 else "right"} for x in range(12)]
    server.client.post("/models/side/train?targets=side", json={"rows": flags}).raise_for_status()


def features(rows: Any = ROWS, **members: Any) -> dict[str, Any]:
    """A request with all features in one tensor."""
    tensor = {"name": "features", "shape": [len(rows), 2], "datatype": "FP64", "data": rows}
    return {"inputs": [{**tensor, **members.pop("tensor", {})}], **members}


def infer(server: Server, body: Any, path: str = f"{MODEL}/infer", **headers: str) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return server.client.post(path, content=content, headers=headers)


def outputs(answer: Answer) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return {output["name"]: output for output in answer.json()["outputs"]}


def refused(answer: Answer, status: int = 400) -> str:
    """Return why a request was refused: in a member `error`, as the protocol's clients want it, and as a problem document."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"  # KServe's client shows nothing else
    problem = answer.json()
    assert problem["error"] == problem["detail"]
    assert problem["status"] == status
    error: str = problem["error"]
    return error


def test_the_server_tells_of_itself_with_and_without_a_slash(server: Server) -> None:
    for path in ("/v2", "/v2/"):
        told = server.client.get(path).json()
        assert told["name"] == "scorecast"
        assert {"version", "extensions"} <= set(told)
    assert server.client.get("/v2/health/live").json() == {"live": True}
    assert server.client.get("/v2/health/ready").json() == {"ready": True}
    assert server.client.get(f"{MODEL}/ready").json() == {"name": "exam-score", "ready": True}
    assert server.client.get(f"{MODEL}/versions/1/ready").status_code == 200
    assert "nothing" in refused(server.client.get("/v2/models/nothing"), 404)
    assert refused(server.client.get(f"{MODEL}/versions/999/ready"), 404)


def test_the_index_lists_all_versions_whatever_its_body(server: Server) -> None:
    for body in (b"", b"{}"):
        index = server.client.post("/v2/repository/index", content=body).json()
        assert {"name": "wood", "version": "1", "state": "READY", "reason": ""} in index


def test_the_metadata_names_the_tensors_that_are_read_and_answered(server: Server) -> None:
    numbers, words = (server.client.get(f"/v2/models/{name}").json() for name in ("exam-score", "wood"))

    assert numbers["inputs"] == [{"name": "features", "datatype": "FP64", "shape": [-1, 2]}]
    assert [each["name"] for each in numbers["outputs"]] == ["score", "score_lower", "score_upper", "extrapolated"]
    assert [(each["name"], each["datatype"]) for each in words["inputs"]] == [("width", "FP64"), ("wood", "BYTES")]
    assert server.client.get(f"{MODEL}/versions/1").json()["versions"] == ["1"]


@pytest.mark.parametrize("data", [ROWS, [4.0, 8.0, 2.0, 6.0], [[4, 8], [2, 6]]], ids=["nested", "flat", "integers"])
@pytest.mark.parametrize("datatype", ["FP64", "FP32", "INT64", "UINT8"])
def test_answers_are_those_of_predictions(server: Server, data: Any, datatype: str) -> None:
    asked = [{"hours_studied": row[0], "hours_slept": row[1]} for row in ROWS]
    expected = server.client.post("/predict", json={"rows": asked, "coverage": 0.8}).json()

    body = features(tensor={"data": data, "datatype": datatype}, id="seven", parameters={"coverage": 0.8})
    answer = infer(server, body)

    told = answer.json()
    assert (told["id"], told["model_name"]) == ("seven", "exam-score")
    assert told["model_version"] == str(expected["model_version"])
    found = outputs(answer)
    assert found["score"]["data"] == [each["score"] for each in expected["predictions"]]
    for side in ("lower", "upper"):
        assert found[f"score_{side}"]["data"] == [each["score"][side] for each in expected["intervals"]]
    assert found["extrapolated"] == {"name": "extrapolated", "datatype": "BOOL", "shape": [2], "data": [True, False]}


def test_columns_may_come_as_tensors_of_their_own(server: Server) -> None:
    body = {
        "inputs": [
            {"name": "wood", "shape": [2, 1], "datatype": "BYTES", "data": ["oak", "pine"]},
            {"name": "width", "shape": [2], "datatype": "FP32", "data": [3, 4]},
        ],
        "outputs": [{"name": "price"}],
    }

    found = outputs(infer(server, body, "/v2/models/wood/infer"))

    asked = [{"width": 3, "wood": "oak"}, {"width": 4, "wood": "pine"}]
    expected = server.client.post("/models/wood/predict", json={"rows": asked}).json()["predictions"]
    assert {name: each["data"] for name, each in found.items()} == {"price": [each["price"] for each in expected]}


def test_a_classifier_answers_with_words_and_probabilities(server: Server) -> None:
    body = {"inputs": [{"name": "features", "shape": [2, 1], "datatype": "FP64", "data": [1, 11]}]}

    found = outputs(infer(server, body, "/v2/models/side/infer"))

    assert (found["side"]["datatype"], found["side"]["data"]) == ("BYTES", ["left", "right"])
    assert found["side_probabilities"]["shape"] == [2, 2]
    assert np.reshape(found["side_probabilities"]["data"], (2, 2)).sum(axis=1) == pytest.approx([1, 1])


def test_tensors_may_stand_as_bytes_behind_the_json_both_ways(server: Server) -> None:
    rows = np.array(ROWS, "<f4")
    tensor = {"name": "features", "shape": [2, 2], "datatype": "FP32", "parameters": {"binary_data_size": rows.nbytes}}
    head = json.dumps({"inputs": [tensor], "parameters": {"binary_data_output": True}}).encode()

    answer = infer(server, head + rows.tobytes(), **{"Inference-Header-Content-Length": str(len(head))})

    length = int(answer.headers["inference-header-content-length"])
    told, rest = json.loads(answer.content[:length]), answer.content[length:]
    sizes = {each["name"]: each["parameters"]["binary_data_size"] for each in told["outputs"]}
    assert (sizes["score"], sizes["extrapolated"]) == (16, 2)
    assert np.frombuffer(rest[:16], "<f8").tolist() == outputs(infer(server, features()))["score"]["data"]
    assert sum(sizes.values()) == len(rest)


def test_texts_may_stand_as_bytes_too(server: Server) -> None:
    words = b"".join(len(word).to_bytes(4, "little") + word for word in (b"oak", b"pine"))
    body = {
        "inputs": [
            {"name": "wood", "shape": [2], "datatype": "BYTES", "parameters": {"binary_data_size": len(words)}},
            {"name": "width", "shape": [2], "datatype": "FP32", "data": [3, 4]},
        ],
        "outputs": [{"name": "price", "parameters": {"binary_data": True}}, {"name": "extrapolated"}],
    }
    head = json.dumps(body).encode()
    header = {"Inference-Header-Content-Length": str(len(head))}

    answer = infer(server, head + words, "/v2/models/wood/infer", **header)

    length = int(answer.headers["inference-header-content-length"])
    assert json.loads(answer.content[:length])["outputs"][1]["data"] == [False, False]
    assert len(answer.content) == length + 16


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_bodies_may_be_compressed(server: Server, coding: str) -> None:
    text = json.dumps(features()).encode()
    packed = gzip.compress(text) if coding == "gzip" else zlib.compress(text)

    found = outputs(infer(server, packed, **{"Content-Encoding": coding}))

    assert found["score"]["data"] == outputs(infer(server, features()))["score"]["data"]


WRONG = [
    ({}, "inputs"),
    ({"inputs": []}, "inputs"),
    (features(tensor={"shape": [2, 3]}), "4 values"),
    (features(tensor={"shape": [4]}), "shape"),
    (features(tensor={"datatype": "FP65"}), "FP65"),
    (features(tensor={"data": [["4", "8"], ["2", "6"]]}), "numbers alone"),
    (features(tensor={"data": [[4, 8], [2, True]]}), "numbers alone"),
    (features(tensor={"data": [[[4]], 8, 2, 6]}), "a list"),
    (features(tensor={"data": None}), "a list"),
    (features(tensor={"name": "hours_studied"}), "[rows]"),
    (features(tensor={"name": "x", "shape": [2, 2]}), "none of the model's"),
    (features(tensor={"name": "hours_slept", "shape": [2, 2]}), "[rows]"),
    ({"inputs": [*features()["inputs"], *features()["inputs"]]}, "twice"),
    (features(outputs=[{"name": "points"}]), "points"),
    (features(parameters={"coverage": 1}), "coverage"),
    (features(parameters={"coverage": "x"}), "coverage"),
    (features([[4.0, 25.0]]), "less than or equal to 24"),
    (features(tensor={"parameters": {"binary_data_size": 8}}), "0 are left"),
    ({"inputs": [{"name": "hours_studied", "shape": [1], "datatype": "FP64", "data": [4]}]}, "hours_slept"),
]


@pytest.mark.parametrize(("body", "said"), WRONG)
def test_what_is_wrong_is_400_and_said(server: Server, body: Any, said: str) -> None:
    assert said in refused(infer(server, body))


@pytest.mark.parametrize("length", ["9999", "-1", "x"])
def test_a_wrong_length_of_the_json_is_400(server: Server, length: str) -> None:
    assert refused(infer(server, features(), **{"Inference-Header-Content-Length": length}))


def test_bytes_that_are_not_what_they_say_are_400(server: Server) -> None:
    for datatype, blob, said in (
        ("FP64", b"1234567", "7 bytes"),
        ("BYTES", b"\x05\x00\x00\x00oak", "ends within"),
        ("BYTES", b"\x01\x00\x00\x00\xff", "UTF-8"),
    ):
        tensor = {"name": "wood", "shape": [1], "datatype": datatype, "parameters": {"binary_data_size": len(blob)}}
        head = json.dumps({"inputs": [tensor]}).encode()
        header = {"Inference-Header-Content-Length": str(len(head))}
        assert said in refused(infer(server, head + blob, "/v2/models/wood/infer", **header))


def test_what_is_no_json_or_not_there_is_told_alike(server: Server) -> None:
    assert refused(infer(server, b"{"))
    assert "nothing" in refused(infer(server, features(), "/v2/models/nothing/infer"), 404)
    assert refused(infer(server, features(), f"{MODEL}/versions/999/infer"), 404)
    assert refused(server.client.get(f"{MODEL}/infer"), 405)


def test_instances_are_answered_by_values_alone(server: Server) -> None:
    """As KServe's first protocol, TensorFlow Serving and Vertex AI ask."""
    asked: list[dict[str, float]] = [QUESTION, {"hours_studied": 2, "hours_slept": 6}]
    expected = [each["score"] for each in server.client.post("/predict", json={"rows": asked}).json()["predictions"]]

    for instances in (asked, [list(row.values()) for row in asked]):
        answer = server.client.post("/v1/models/exam-score:predict", content=json.dumps({"instances": instances}))
        assert answer.json() == {"predictions": expected}
    sides = server.client.post("/v1/models/side:predict", json={"instances": [{"x": 1}, {"x": 11}]}).json()
    assert sides == {"predictions": ["left", "right"]}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"instances": []},
        {"instances": [[1]]},
        {"instances": [7]},
        {"instances": [QUESTION, {}]},
        {"instances": [[1, 2], QUESTION]},
    ],
)
def test_wrong_instances_are_400(server: Server, body: Any) -> None:
    assert refused(server.client.post("/v1/models/exam-score:predict", json=body))


def test_the_models_that_can_be_asked_are_listed(server: Server) -> None:
    assert {"exam-score", "side", "wood"} <= set(server.client.get("/v1/models").json()["models"])
    told = server.client.get("/v1/models/side").json()
    assert (told["name"], told["ready"]) == ("side", True)
    assert told["model_version_status"][0]["state"] == "AVAILABLE"
