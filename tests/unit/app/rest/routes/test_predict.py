"""POST /predict, over a real server: what it answers, and every way to ask it wrongly."""

import json
import math
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import StartServer
from tests.support.hostile import MALFORMED, NO_NUMBERS, NO_OBJECTS, row, rows
from tests.support.problems import errors, problem
from tests.support.server import Answer, Server
from tests.support.tables import QUESTION, TABLE

JSON = {"Content-Type": "application/json"}
PATHS = ["/predict", "/models/exam-score/predict", "/models/exam-score/versions/1/predict"]
QUICK = {"name": "gradient_descent", "max_epochs": 10}


def post(server: Server, body: bytes, path: str = "/predict", **headers: str) -> Answer:
    return server.client.post(path, content=body, headers={**JSON, **headers})


@pytest.mark.parametrize("path", PATHS)
def test_one_row_is_answered_as_one(server: Server, path: str) -> None:
    answer = server.client.post(path, json=QUESTION)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    document = answer.json()
    assert list(document) == [
        "model_name",
        "model_version",
        "prediction",
        "interval",
        "coverage",
        "extrapolated",
        "warnings",
    ]
    assert document["model_name"] == "exam-score"
    assert (
        0
        <= document["interval"]["score"]["lower"]
        <= document["prediction"]["score"]
        <= document["interval"]["score"]["upper"]
        <= 100
    )
    assert document["coverage"] == 0.95
    assert document["extrapolated"] == ["hours_studied"]


@pytest.mark.parametrize("path", PATHS)
def test_many_rows_are_answered_in_their_order_each_as_if_it_were_alone(server: Server, path: str) -> None:
    questions: list[dict[str, float]] = [
        {"hours_studied": number / 4, "hours_slept": 24 - number / 4} for number in range(97)
    ]

    document = server.client.post(path, json={"rows": questions}).json()

    assert list(document) == [
        "model_name",
        "model_version",
        "predictions",
        "intervals",
        "coverage",
        "extrapolated",
        "warnings",
    ]
    for number in (0, 1, 50, 96):
        alone = server.client.post(path, json=questions[number]).json()
        assert alone["prediction"] == document["predictions"][number]
        assert alone["interval"] == document["intervals"][number]
        assert alone["extrapolated"] == document["extrapolated"][number]


def test_the_same_question_is_answered_with_the_same_bytes(server: Server) -> None:
    assert len({post(server, row()).content for _ in range(20)}) == 1


def test_columns_come_in_any_order_and_numbers_in_any_form_of_json(server: Server) -> None:
    usual = post(server, row()).content

    assert post(server, b'{"hours_slept": 8, "hours_studied": 4}').content == usual
    assert post(server, b'\xef\xbb\xbf{"hours_slept":8.0,\n"hours_studied":4e0}').content == usual
    assert post(server, b'{"hours_sl\\u0065pt":8,"hours_studied":0.4E+1}').content == usual


def test_the_coverage_can_be_chosen_and_intervals_be_left_out(server: Server) -> None:
    def document(answer: Answer) -> dict[str, Any]:
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    wide, narrow = (document(post(server, row(), f"/predict?coverage={coverage}")) for coverage in (0.99, 0.5))
    assert wide["coverage"] == 0.99
    assert wide["interval"]["score"]["lower"] <= narrow["interval"]["score"]["lower"]
    assert document(post(server, rows(row(), more=b', "coverage": 0.5')))["intervals"] == [narrow["interval"]]
    assert "interval" not in document(post(server, row(), "/predict?coverage=null"))
    assert "intervals" not in document(post(server, rows(row(), more=b', "coverage": null')))


@pytest.mark.parametrize("coverage", ["0", "1", "-1", "2", "NaN", "1e999", "x", "true", '"0.9"', "[" * 5000])
def test_a_coverage_that_is_no_probability_is_named(server: Server, coverage: str) -> None:
    ((detail, pointer),) = errors(post(server, row(), f"/predict?coverage={coverage}"))
    assert detail.startswith("query parameter 'coverage': should be ")
    assert pointer == ""


@pytest.mark.parametrize("body", [pytest.param(body, id=name) for name, body in MALFORMED.items()])
def test_what_is_no_json_is_answered_400(server: Server, body: bytes) -> None:
    assert problem(post(server, body), 400)["errors"] == []


@pytest.mark.parametrize("body", [pytest.param(body, id=name) for name, body in NO_OBJECTS.items()])
def test_what_is_no_object_is_answered_422(server: Server, body: bytes) -> None:
    assert errors(post(server, body)) == [("the body: should be an object", "")]


@pytest.mark.parametrize("value", [pytest.param(value, id=name) for name, value in NO_NUMBERS.items()])
def test_what_is_no_number_of_hours_is_named_with_its_column(server: Server, value: bytes) -> None:
    answer = post(server, row(value))

    ((detail, pointer),) = errors(answer)
    assert detail.startswith("'hours_studied': should be ")
    assert pointer == "/hours_studied"
    assert not_echoed(answer)


@pytest.mark.parametrize("value", [pytest.param(value, id=name) for name, value in NO_NUMBERS.items()])
def test_what_is_no_number_of_hours_is_named_with_its_row_and_column(server: Server, value: bytes) -> None:
    answer = post(server, rows(row(), row(), row(value), row()))

    ((detail, pointer),) = errors(answer)
    assert detail.startswith("row 3, column 'hours_studied': should be ")
    assert pointer == "/rows/2/hours_studied"
    assert not_echoed(answer)


def not_echoed(answer: Answer) -> bool:
    words = answer.text.replace("finite number", "").replace(answer.headers["x-request-id"], "").lower()
    return "nan" not in words and "inf" not in words and "000000" not in words


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{}", [("'hours_studied': is missing", "/hours_studied"), ("'hours_slept': is missing", "/hours_slept")]),
        (b'{"hours_studied": 4}', [("'hours_slept': is missing", "/hours_slept")]),
        (
            row(more=b', "hours_played": 1'),
            [("'hours_played': is not a column of this model; ?ignore=hours_played leaves it out", "/hours_played")],
        ),
        (row(more=b', "": 90'), [("'': is not a column of this model", "/")]),
        (
            row(more=b', "a/b~c": 90'),
            [("'a/b~c': is not a column of this model; ?ignore=a/b~c leaves it out", "/a~1b~0c")],
        ),
        (row(more=b', "hours_slept": 8'), [("the body: the key 'hours_slept' occurs more than once", "/hours_slept")]),
        (rows(), [("'rows': should have at least 1 item, not 0", "/rows")]),
        (b'{"rows": null}', [("'rows': should be a valid list", "/rows")]),
        (b'{"rows": {"0": {}}}', [("'rows': should be a valid list", "/rows")]),
        (b'{"rows": {"x": {"a": 1, "a": 2}}}', [("'rows.x': the key 'a' occurs more than once", "/rows/x/a")]),
        (rows(b"5"), [("row 1: should be an object", "/rows/0")]),
        (rows(b"[4, 8]"), [("row 1: should be an object", "/rows/0")]),
        (rows(row(), b'{"hours_slept": 8}'), [("row 2, column 'hours_studied': is missing", "/rows/1/hours_studied")]),
        (
            rows(row(), row(more=b', "x": 1')),
            [("row 2, column 'x': is not a column of this model; ?ignore=x leaves it out", "/rows/1/x")],
        ),
        (
            rows(row(), row(more=b', "hours_slept": 8')),
            [("row 2: the key 'hours_slept' occurs more than once", "/rows/1/hours_slept")],
        ),
        (rows(row(), more=b', "hours_studied": 4'), [("'hours_studied': is not a known member", "/hours_studied")]),
        (rows(row(), more=b', "coverage": 1'), [("'coverage': should be less than 1", "/coverage")]),
    ],
)
def test_what_does_not_fit_the_columns_is_named(server: Server, body: bytes, expected: list[tuple[str, str]]) -> None:
    assert errors(post(server, body)) == expected


def test_of_many_wrong_rows_the_first_are_told_and_soon(server: Server) -> None:
    """A million wrong rows would make gigabytes of errors."""
    answer = post(server, rows(*[b"1"] * 1_000_000))

    found = errors(answer)
    assert len(found) == 20
    assert found[0] == ("row 1: should be an object", "/rows/0")


def test_a_wrong_row_far_down_is_counted_rightly(server: Server) -> None:
    answer = post(server, rows(*[row()] * 30_000, row(b"25"), *[row()] * 10))

    assert errors(answer) == [
        ("row 30001, column 'hours_studied': should be less than or equal to 24", "/rows/30000/hours_studied")
    ]


@pytest.mark.slow
def test_many_rows_are_all_answered(server: Server) -> None:
    document = post(server, rows(*[row()] * 30_000)).json()

    assert len(document["predictions"]) == len(document["intervals"]) == len(document["extrapolated"]) == 30_000


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "",
        "json",
        "*/*",
        "application/jsonx",
    ],
)
def test_another_kind_of_body_is_answered_415_with_what_is_taken(server: Server, kind: str) -> None:
    answer = post(server, row(), **{"Content-Type": kind})

    problem(answer, 415)
    assert answer.headers["accept"] == "application/json"


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=utf-8", "application/vnd.api+json"])
def test_json_is_taken_by_each_of_its_names(server: Server, kind: str) -> None:
    assert post(server, row(), **{"Content-Type": kind}).status_code == 200


@pytest.mark.parametrize("method_and_path", ["POST /predict", "POST /train", "PUT /models/of-no-kind"])
@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_body_of_no_kind_is_refused(server: Server, method_and_path: str, is_chunked: bool) -> None:
    """Any web page may have a browser send one, without asking first."""
    request = server.client.build_request(*method_and_path.split(), content=iter([row()]) if is_chunked else row())
    assert "content-type" not in request.headers

    found = problem(server.client.send(request), 415)
    assert found["detail"].startswith("a body without Content-Type is not read here: send JSON with the header")


def test_without_a_body_it_is_not_the_kind_that_is_missing(server: Server) -> None:
    assert problem(server.client.post("/predict"), 400)["detail"] == "the body is empty"


LIMIT = 2000


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that takes short bodies only."""
    server = Server(tmp_path_factory.mktemp("narrow"), max_body_bytes=LIMIT, max_train_body_bytes=LIMIT)
    try:
        assert server.train(TABLE, trainer=QUICK).status_code == 200
        yield server
    finally:
        server.close()


def padded(size: int) -> bytes:
    return row() + b" " * (size - len(row()))


def chunks(body: bytes) -> Iterator[bytes]:
    yield from (body[start : start + 100] for start in range(0, len(body), 100))


@pytest.mark.parametrize("path", ["/predict", "/train"])
def test_a_body_over_the_limit_is_answered_413_however_it_comes(narrow: Server, path: str) -> None:
    problem(post(narrow, padded(LIMIT + 1), path), 413)
    problem(narrow.client.post(path, content=chunks(padded(LIMIT + 1)), headers=JSON), 413)
    problem(narrow.client.post(path, content=chunks(padded(1_000_000)), headers=JSON), 413)
    problem(post(narrow, padded(5_000_000), path), 413)


def test_a_body_up_to_the_limit_is_read_however_it_comes(narrow: Server) -> None:
    assert post(narrow, padded(LIMIT)).status_code == 200
    assert narrow.client.post("/predict", content=chunks(padded(LIMIT)), headers=JSON).status_code == 200


@pytest.mark.slow
def test_before_any_training_it_says_what_to_do(start_server: StartServer) -> None:
    server = start_server()

    for path in ("/predict", "/models/exam-score/predict"):
        document = problem(server.client.post(path, json=QUESTION), 409)
        assert document["detail"] == "model 'exam-score' has not been trained yet: POST a table to /train first"
    problem(server.client.post("/models/exam-score/versions/1/predict", json=QUESTION), 404)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/models/absent/predict", 404),
        ("/models/EXAM-SCORE/predict", 404),
        ("/models/%2e%2e/predict", 404),
        ("/models/exam-score%00/predict", 404),
        ("/models/%F0%9F%98%80/predict", 404),
        ("/models/exam-score/versions/2000000/predict", 404),
        ("/models/exam-score/versions/99999999999999999999999999/predict", 404),
        ("/models/exam-score/versions/0/predict", 422),
        ("/models/exam-score/versions/-1/predict", 422),
        ("/models/exam-score/versions/x/predict", 422),
        ("/models/exam-score/versions/1.5/predict", 422),
        ("/models/exam-score/versions/NaN/predict", 422),
        ("/models/exam-score/versions/" + "9" * 5000 + "/predict", 422),
        ("/models/exam-score/versions//predict", 404),
        ("/predict/", 404),
        ("//predict", 404),
    ],
)
def test_what_is_not_there_is_answered_so(server: Server, path: str, status: int) -> None:
    answer = server.client.post(server.client.base_url.copy_with(raw_path=path.encode()), json=QUESTION)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_row_that_no_number_answers_is_named(server: Server) -> None:
    """A feature that was tiny in every training row, and is not now: its scaled value is beyond all numbers."""
    tiny: list[dict[str, float]] = [
        {"hours_studied": 5e-324, "hours_slept": 24, "score": 100},
        {"hours_studied": 0, "hours_slept": 24, "score": 1},
    ]
    network = {"scaling": "max", "output_activation": "identity"}
    assert server.train(tiny, network=network, trainer={"name": "lbfgs", "max_epochs": 3}).status_code == 200
    far = {"hours_studied": 24, "hours_slept": 24}
    near = {"hours_studied": 0, "hours_slept": 24}
    words = "too far outside the training data for a finite prediction"

    assert errors(server.client.post("/predict", json=far)) == [(f"the body: {words}", "")]
    assert errors(server.client.post("/predict", json={"rows": [near, far]})) == [(f"row 2: {words}", "/rows/1")]
    table = b"hours_studied,hours_slept\n0,24\n24,24\n"
    answer = server.client.post("/predict", content=table, headers={"Content-Type": "text/csv"})
    assert errors(answer) == [(f"row 2: {words}", "/rows/1")]
    assert server.train(TABLE, trainer=QUICK).status_code == 200


def test_every_number_that_is_answered_is_one(server: Server) -> None:
    def refuse(constant: str) -> float:
        raise AssertionError(constant)

    for hours in (b"0", b"24", b"5e-324", b"1e-300"):
        document = json.loads(post(server, row(hours)).content, parse_constant=refuse)
        assert math.isfinite(document["prediction"]["score"])
