"""Tensors of the Open Inference Protocol, in the less usual ways that it allows; missing values; only what is wanted is answered."""

import json
from typing import Any

import numpy as np
import pytest

from tests.support.server import Answer, Server
from tests.support.tables import TABLE

MODEL = "/v2/models/exam-score/infer"
GAPS = "/v2/models/tensor-gaps/infer"
ROWS = np.array([[4.0, 8.0], [2.0, 6.0]])
ALL = ["score", "score_lower", "score_upper", "extrapolated"]


@pytest.fixture(scope="module", autouse=True)
def trained(server: Server) -> None:
    rows = [{"x": None if x % 4 == 0 else x, "wood": "oak" if x % 2 else None, "y": 2.5 * x} for x in range(1, 17)]
    server.client.post("/models/tensor-gaps/train?targets=y&missing=mean", json={"rows": rows}).raise_for_status()
    named = [{"features": x, "y": 2.0 * x} for x in range(12)]
    server.client.post("/models/tensor-named/train?targets=y", json={"rows": named}).raise_for_status()


def features(rows: Any = ROWS, **members: Any) -> dict[str, Any]:
    tensor = {"name": "features", "shape": list(np.shape(rows)), "datatype": "FP64", "data": np.ravel(rows).tolist()}
    return {"inputs": [tensor], **members}


def names(answer: Answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [each["name"] for each in answer.json()["outputs"]]


def values(answer: Answer, name: str) -> Any:
    assert answer.status_code == 200, answer.text
    return next(each["data"] for each in answer.json()["outputs"] if each["name"] == name)


def send_bytes(server: Server, path: str, members: dict[str, Any], *blobs: bytes) -> Answer:
    head = json.dumps(members).encode()
    length = {"Inference-Header-Content-Length": str(len(head))}
    return server.client.post(path, content=b"".join([head, *blobs]), headers=length)


def test_a_body_may_be_the_bytes_of_the_one_tensor_alone(server: Server) -> None:
    raw = server.client.post(MODEL, content=ROWS.tobytes(), headers={"Inference-Header-Content-Length": "0"})

    assert values(raw, "score") == values(server.client.post(MODEL, json=features()), "score")


@pytest.mark.parametrize(("path", "body"), [(MODEL, b""), (MODEL, b"1234567"), (MODEL, bytes(24)), (GAPS, bytes(16))])
def test_bytes_alone_that_are_not_rows_of_numbers_are_400(server: Server, path: str, body: bytes) -> None:
    answer = server.client.post(path, content=body, headers={"Inference-Header-Content-Length": "0"})

    assert answer.status_code == 400
    assert answer.json()["error"]


def test_what_is_wanted_is_answered_with_the_values_that_it_has_among_all(server: Server) -> None:
    whole = server.client.post(MODEL, json=features())
    assert names(whole) == ALL
    assert names(server.client.post(MODEL, json=features(outputs=[]))) == ALL
    for wanted in (["score"], ["extrapolated", "score"], ["score_upper"]):
        some = server.client.post(MODEL, json=features(outputs=[{"name": name} for name in wanted]))
        assert names(some) == wanted
        assert [values(some, name) for name in wanted] == [values(whole, name) for name in wanted]


def test_a_name_that_is_not_wanted_right_is_told_with_all_that_there_are(server: Server) -> None:
    answer = server.client.post(MODEL, json=features(outputs=[{"name": "score"}, {"name": "points"}]))

    assert answer.status_code == 400
    assert answer.json()["error"].endswith(", ".join(ALL))


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"outputs": [{"name": "score", "parameters": {"classification": 2}}]}, "classification"),
        ({"outputs": [{"name": "score", "parameters": {"shared_memory_region": "x"}}]}, "shared_memory_region"),
        ({"outputs": [{"name": "score", "parameters": {"binary_data": "false"}}]}, "true or false"),
        ({"parameters": {"binary_data_output": 1}}, "true or false"),
    ],
)
def test_what_is_not_understood_is_not_answered_otherwise(server: Server, members: Any, said: str) -> None:
    answer = server.client.post(MODEL, json=features(**members))

    assert answer.status_code == 400
    assert said in answer.json()["error"]


def test_bytes_that_no_tensor_claims_are_400(server: Server) -> None:
    tensor = {"name": "features", "shape": [2, 2], "datatype": "FP64", "parameters": {"binary_data_size": ROWS.nbytes}}

    answer = send_bytes(server, MODEL, {"inputs": [tensor]}, ROWS.tobytes(), b"x")

    assert answer.status_code == 400
    assert "1 bytes are left" in answer.json()["error"]


def test_missing_values_are_null_or_nan(server: Server) -> None:
    rows = [{"x": None, "wood": "oak"}, {"x": 3, "wood": None}]
    expected = (
        server.client.post("/models/tensor-gaps/predict", json={"rows": rows}).raise_for_status().json()["predictions"]
    )
    wood = {"name": "wood", "shape": [2], "datatype": "BYTES", "data": ["oak", None]}
    blob = np.array([np.nan, 3]).tobytes()
    tensor: dict[str, Any] = {"name": "x", "shape": [2], "datatype": "FP64"}

    plain = server.client.post(GAPS, json={"inputs": [{**tensor, "data": [None, 3]}, wood]})
    binary = send_bytes(server, GAPS, {"inputs": [{**tensor, "parameters": {"binary_data_size": 16}}, wood]}, blob)

    assert values(plain, "y") == values(binary, "y") == [each["y"] for each in expected]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 25.0, -1.0])
def test_bytes_are_checked_as_all_rows_are(server: Server, value: float) -> None:
    rows = np.array([[4, 8], [value, 6]])
    tensor = {"name": "features", "shape": [2, 2], "datatype": "FP64", "parameters": {"binary_data_size": rows.nbytes}}

    answer = send_bytes(server, MODEL, {"inputs": [tensor]}, rows.tobytes())

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["detail"].startswith("row 2, column 'hours_studied': ")


@pytest.mark.parametrize("datatype", ["f2", "f4", "f8", "i1", "i4", "i8", "u1", "u8"])
def test_bytes_of_any_kind_of_number_are_those_numbers(server: Server, datatype: str) -> None:
    rows = ROWS.astype(f"<{datatype}")
    kind = {"f": "FP", "i": "INT", "u": "UINT"}[datatype[0]] + str(rows.itemsize * 8)
    tensor = {"name": "features", "shape": [2, 2], "datatype": kind, "parameters": {"binary_data_size": rows.nbytes}}

    answer = send_bytes(server, MODEL, {"inputs": [tensor]}, rows.tobytes())

    assert values(answer, "score") == values(server.client.post(MODEL, json=features()), "score")


@pytest.mark.parametrize("size", [None, 8])
def test_a_shape_of_numbers_that_are_too_long_to_be_written_is_refused(server: Server, size: int | None) -> None:
    body: dict[str, Any] = {"name": "features", "shape": ["HUGE", "HUGE"], "datatype": "FP64", "data": [4, 8]}
    body |= {"parameters": {} if size is None else {"binary_data_size": size}}
    head = json.dumps({"inputs": [body]}).replace('"HUGE"', "9" * 4000).encode()
    length = {"Inference-Header-Content-Length": str(len(head))}

    answer = server.client.post(MODEL, content=head + bytes(size or 0), headers=length)

    assert answer.status_code == 400
    assert "shape" in answer.json()["error"]
    assert len(answer.content) < 2000


def test_truth_is_no_number(server: Server) -> None:
    tensor = {"name": "features", "shape": [2, 2], "datatype": "BOOL", "parameters": {"binary_data_size": 4}}

    assert send_bytes(server, MODEL, {"inputs": [tensor]}, bytes(4)).status_code == 400


def test_a_column_that_is_called_features_is_a_column(server: Server) -> None:
    (told,) = server.client.get("/v2/models/tensor-named").json()["inputs"]
    body = {"inputs": [{**told, "shape": [2], "data": [3, 4]}]}

    answer = server.client.post("/v2/models/tensor-named/infer", json=body)

    assert told["shape"] == [-1]
    assert len(values(answer, "y")) == 2


def test_no_rows_are_answered_by_none(server: Server) -> None:
    assert values(server.client.post(MODEL, json=features(np.zeros((0, 2)))), "score") == []


def test_the_models_that_can_be_asked_are_listed(server: Server) -> None:
    server.train(TABLE)
    server.client.put("/models/tensor-waiting", json={"features": [{"name": "x"}], "targets": [{"name": "y"}]})

    listed = server.client.get("/v2/models").json()["models"]

    assert {"exam-score", "tensor-gaps"} <= set(listed)
    assert "tensor-waiting" not in listed
    for path in ("/v2/models/tensor-waiting/infer", "/v1/models/tensor-waiting:predict"):
        answer = server.client.post(path, json={})
        assert answer.status_code == 409
        assert answer.json()["error"].endswith("POST a table to /models/tensor-waiting/train first")
