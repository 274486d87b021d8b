"""Uploads: a version that one server has exported answers with the same bytes on another; what is wrong is refused with reasons."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import numpy as np
import pytest
from safetensors.numpy import load, save

from app.budget import MAX_PARAMETERS
from model.checkpoint import Checkpoint
from tests.conftest import StartServer
from tests.support.checkpoints import EVERY_KIND
from tests.support.forms import as_csv
from tests.support.problems import problem
from tests.support.server import Answer, Server
from tests.support.tables import QUESTION, TABLE
from tests.unit.model.checkpoint.test_foreign import FILES, open_file

BINARY = {"Content-Type": "application/octet-stream"}
ROWS = [{"width": x, "wood": "oak" if x % 2 else "pine", "price": 2.5 * x + x % 3} for x in range(1, 13)]
HOUSE = {"size": "1,234.5 m2", "age": 0.5, "colour": "red", "built": "31/01/2024", "town": "town 3"}
ODD_HOUSE = {"size": None, "age": -3.0, "colour": "violet", "built": "01/02/2013", "town": "nowhere"}


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Another server, over a store of its own."""
    server = Server(tmp_path_factory.mktemp("other"))
    yield server
    server.close()


def upload(server: Server, name: str, data: bytes, table: bytes | None = None, **request: Any) -> Answer:
    headers, query = request.pop("headers", {}), request.pop("params", {})
    if table is None:
        return server.client.post(f"/models/{name}/versions", content=data, headers=BINARY | headers, params=query)
    files = {"checkpoint": ("model.safetensors", data), "table": ("table.csv", table)}
    return server.client.post(f"/models/{name}/versions", files=files, headers=headers, params=query)


def change(data: bytes, **members: Any) -> bytes:
    """Return a checkpoint with other members in its header."""
    header, arrays = open_file(data)
    return save(arrays, {"scorecast": json.dumps(header | members)})


def train(server: Server, name: str) -> bytes:
    """Train a model; return its newest version's checkpoint."""
    answer = server.client.post(f"/models/{name}/train?targets=price", json={"rows": ROWS})
    assert answer.status_code == 200, answer.text
    number = answer.json()["model_version"]
    return server.client.get(f"/models/{name}/versions/{number}/export").content


def test_a_trained_version_answers_on_another_server_with_the_same_bytes(server: Server, other: Server) -> None:
    data = train(server, "moved")
    told = server.client.get("/models/moved/versions/1").json()
    table = server.client.get("/models/moved/versions/1/table").content

    answer = upload(other, "moved", data, table)

    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == "/models/moved/versions/1"
    uploaded = answer.json()
    assert {name: uploaded[name] for name in ("sha256", "table_sha256", "report", "model_version")} == {
        name: told[name] for name in ("sha256", "table_sha256", "report", "model_version")
    }
    assert (uploaded["job_id"], uploaded["duration_seconds"]) == (None, 0.0)
    assert other.client.get(answer.headers["location"]).json() == uploaded
    for body in ({"width": 3, "wood": "oak"}, {"rows": [{"width": 99, "wood": "elm"}, {"width": 2, "wood": "pine"}]}):
        both = [each.client.post("/models/moved/predict", json=body) for each in (server, other)]
        assert both[0].content == both[1].content
        assert both[0].is_success
    for path in ("", "/row-schema", "/versions/1/export", "/versions/1/table", "/versions/1/export?format=txt"):
        assert server.client.get(f"/models/moved{path}").content == other.client.get(f"/models/moved{path}").content


def test_an_uploaded_table_can_be_extended(server: Server, other: Server) -> None:
    data = train(server, "longer")
    assert upload(other, "longer", data, server.client.get("/models/longer/versions/1/table").content).is_success
    more = {"rows": [{"width": 20, "wood": "oak", "price": 50.0}], "extend": True}

    extended = [each.client.post("/models/longer/train", json=more).json() for each in (server, other)]

    assert [each["rows"] for each in extended] == [13, 13]
    assert extended[0]["loss"] == extended[1]["loss"]


@pytest.mark.parametrize("kind", FILES)
def test_every_kind_and_format_goes_from_server_to_server(server: Server, other: Server, kind: str) -> None:
    """Of the file that was uploaded first, the export is a copy, and so is the export of that."""
    name = "kind-" + kind.replace("_", "-").replace("/", "-").replace(" ", "-")
    assert upload(server, name, FILES[kind]).status_code == 201
    exported = server.client.get(f"/models/{name}/versions/1/export").content
    assert exported == FILES[kind]
    assert upload(other, name, exported).status_code == 201

    rows = _rows_for(server, name)
    for body in ({"rows": rows}, rows[0]):
        first, second = (each.client.post(f"/models/{name}/predict", json=body) for each in (server, other))
        assert first.status_code == 200, first.text
        assert first.content == second.content


def _rows_for(server: Server, name: str) -> list[dict[str, Any]]:
    model = server.client.get(f"/models/{name}").json()
    if [column["name"] for column in model["features"]] == list(HOUSE):
        return [HOUSE, ODD_HOUSE]
    cells = {"number": 1.5, "date": "2024-01-31"}
    row = {
        column["name"]: column["categories"][0] if column["categories"] else cells[column["kind"]]
        for column in model["features"]
    }
    return [row, row]


def test_a_version_for_a_declared_model_must_have_its_columns(server: Server) -> None:
    data = train(server, "columned")

    refused = upload(server, "exam-score", data)

    assert refused.status_code == 409
    assert "its features are hours_studied, hours_slept, not width, wood" in refused.json()["detail"]
    narrower = json.loads(json.dumps(open_file(data)[0]["signature"]))
    narrower["targets"][0]["maximum"] = 50.0
    refused = upload(server, "columned", change(data, signature=narrower))
    assert refused.status_code == 409
    assert "'maximum' of column 'price' is None, not 50.0" in refused.json()["detail"]
    assert server.client.get("/models/columned").json()["versions"] == 1


def test_with_columns_of_its_own_it_answers_by_these(server: Server) -> None:
    data = train(server, "own-columns")
    declared = {"features": [{"name": "x"}], "targets": [{"name": "y"}]}
    assert server.client.put("/models/redeclared", json=declared).is_success

    answer = upload(server, "redeclared", data, params={"columns": "own"})

    assert answer.status_code == 201
    assert server.client.post("/models/redeclared/predict", json={"width": 3, "wood": "oak"}).is_success
    assert [each["name"] for each in server.client.get("/models/redeclared").json()["features"]] == ["x"]


def test_numbers_are_the_next_ones_or_those_that_are_asked_for(server: Server) -> None:
    data = train(server, "numbered")

    numbers = [
        upload(server, "numbered", data, params=query).json()["model_version"]
        for query in ({}, {"model_version": 7}, {})
    ]

    assert numbers == [2, 7, 8]
    for taken in (1, 5, 8):
        refused = upload(server, "numbered", data, params={"model_version": taken})
        assert refused.status_code == 409
        assert "the next is 9" in refused.json()["detail"]
    assert upload(server, "numbered", data, params={"model_version": 0}).status_code == 422


def test_the_default_version_moves_unless_it_is_to_be_kept(server: Server) -> None:
    data = train(server, "kept-default")

    def default() -> int:
        number: int = server.client.get("/models/kept-default").json()["default_version"]
        return number

    assert upload(server, "kept-default", data, params={"default": "keep"}).is_success
    assert default() == 1
    assert upload(server, "kept-default", data).is_success
    assert default() == 3
    assert upload(server, "new-default", data, params={"default": "keep"}).is_success
    assert server.client.get("/models/new-default").json()["default_version"] == 1


def test_what_is_sent_again_with_its_key_is_published_once(server: Server) -> None:
    data, key = train(server, "once"), {"Idempotency-Key": "an upload"}

    first, again = (upload(server, "once", data, headers=key) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert server.client.get("/models/once").json()["versions"] == 2
    assert upload(server, "once", FILES["networks"], params={"columns": "own"}, headers=key).status_code == 422
    assert upload(server, "once", data, headers={"Idempotency-Key": "another"}).json()["model_version"] == 3


def test_what_is_sent_at_the_same_time_with_one_key_is_published_once(server: Server) -> None:
    data = FILES["networks"]

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: upload(server, "at-once", data, headers={"Idempotency-Key": "x"}), range(6)))

    assert {each.status_code for each in answers} == {201}
    assert len({each.content for each in answers}) == 1
    assert server.client.get("/models/at-once").json()["versions"] == 1


def test_one_number_goes_to_one_of_several(server: Server) -> None:
    data = FILES["networks"]

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: upload(server, "one-five", data, params={"model_version": 5}), range(6)))

    assert sorted(each.status_code for each in answers) == [201] + [409] * 5
    assert server.client.get("/models/one-five").json()["versions"] == 1


@pytest.mark.slow
def test_a_restart_forgets_no_key(start_server: StartServer) -> None:
    server = start_server()
    data, key = FILES["networks"], {"Idempotency-Key": "an upload"}
    first = upload(server, "once", data, headers=key)
    server.kill()
    server.start()

    assert upload(server, "once", data, headers=key).content == first.content


def test_preconditions_hold(server: Server) -> None:
    data = train(server, "conditional")
    tag = server.client.get("/models/conditional").headers["etag"]

    assert upload(server, "conditional", data, headers={"If-Match": tag}).status_code == 201
    assert upload(server, "conditional", data, headers={"If-Match": tag}).status_code == 412
    assert upload(server, "conditional", data, headers={"If-None-Match": "*"}).status_code == 412
    assert upload(server, "new-by-condition", data, headers={"If-None-Match": "*"}).status_code == 201
    assert server.client.get("/models/conditional").json()["versions"] == 2


def test_tables_that_do_not_fit_are_refused_with_their_rows(server: Server) -> None:
    data = train(server, "tabled")
    for table, words in (
        (as_csv([{**ROWS[0], "width": "wide"}]), "row 1, column 'width'"),
        (as_csv([{"width": 1, "wood": "oak"}]), "column 'price' is missing"),
        (as_csv([{**ROWS[0], "wood": "elm"}]), "wood"),
        (b"", "empty"),
        (b"\x00\xff\xfe", ""),
    ):
        refused = upload(server, "tabled", data, table)
        assert refused.status_code in {400, 422}, table
        assert words in refused.json()["detail"]
    assert server.client.get("/models/tabled").json()["versions"] == 1


def test_tables_are_not_kept_where_none_are(start_server: StartServer) -> None:
    server = start_server(keep_tables=False, keep_versions=1)
    data = FILES["networks"]

    answers = [upload(server, "bare", data, None) for _ in range(3)]

    assert [each.json()["table_sha256"] for each in answers] == [None] * 3
    assert [each["model_version"] for each in server.client.get("/models/bare/versions").json()["versions"]] == [3]


def bodies() -> Iterator[tuple[str, dict[str, Any], int]]:
    """Requests that are none, each with the status that it is refused with."""
    data = FILES["networks"]
    boundary = {"Content-Type": "multipart/form-data; boundary=x"}
    yield "no type", {"content": data}, 415
    yield "a table's type", {"content": data, "headers": {"Content-Type": "text/csv"}}, 415
    yield "a form without boundary", {"content": data, "headers": {"Content-Type": "multipart/form-data"}}, 415
    yield "empty", {"content": b"", "headers": BINARY}, 422
    yield "short", {"content": b"\x01", "headers": BINARY}, 422
    yield "text", {"content": b"width,price\n1,2\n", "headers": BINARY}, 422
    yield "cut", {"content": data[:-100], "headers": BINARY}, 422
    yield "longer", {"content": data + b"\0", "headers": BINARY}, 422
    yield "a huge header", {"content": (2**62).to_bytes(8, "little") + b"{}", "headers": BINARY}, 422
    yield "many values", {"content": _header(b'{"a":[' + b"[]," * 200_001 + b"[]]}"), "headers": BINARY}, 413
    yield "deep", {"content": _header(b"[" * 100_000), "headers": BINARY}, 422
    yield "deep inside", {"content": save({}, {"scorecast": "[" * 100_000}), "headers": BINARY}, 422
    yield "of somebody else", {"content": save({"weights": np.zeros(3)}), "headers": BINARY}, 422
    yield "an empty form", {"content": b"--x--\r\n", "headers": boundary}, 400
    yield "a broken form", {"content": b"--y\r\n", "headers": boundary}, 400
    yield "no checkpoint", {"files": {"table": b"a\n1\n"}}, 400
    yield "a part too many", {"files": {"checkpoint": data, "tables": b"a\n1\n"}}, 400
    yield "a newer format", {"content": change(data, format=99), "headers": BINARY}, 422


def _header(text: bytes) -> bytes:
    return len(text).to_bytes(8, "little") + text


@pytest.mark.parametrize(
    ("request_of", "status"), [pytest.param(sent, status, id=name) for name, sent, status in bodies()]
)
def test_what_is_no_version_is_refused(server: Server, request_of: dict[str, Any], status: int) -> None:
    answer = server.client.post("/models/refused/versions", **request_of)

    problem(answer, status)
    assert server.client.get("/models/refused").status_code == 404


def hostile() -> Iterator[tuple[str, bytes, str]]:
    """Checkpoints that are whole, and ask for too much or could not be served, each with words that say so."""
    data = FILES["networks"]
    header, arrays = open_file(data)
    first = "mixture.parts.0.ensemble.parameters"
    for number in (np.nan, np.inf):
        changed = {**arrays, first: np.full_like(arrays[first], number)}
        yield (
            f"parameters of {number}",
            save(changed, {"scorecast": json.dumps(header)}),
            "numbers that are out of range",
        )
    huge = {**arrays, first: np.full_like(arrays[first], 1e308)}
    yield "parameters without an answer", save(huge, {"scorecast": json.dumps(header)}), "no finite answer"
    report = header["report"]
    yield "a report of texts", change(data, report={**report, "rows": "many"}), "report.rows is not of the type int"
    yield "more parameters than any", change(data, report={**report, "parameters": MAX_PARAMETERS + 1}), "parameters"
    yield "a long report", change(data, report={**report, "warnings": ["x" * 5_000_000]}), "its report has more than"
    yield "NaN in a report", change(data, report={**report, "loss": float("nan")}), "NaN is no number"
    nested: Any = 1
    for _ in range(300):
        nested = {"x": nested}
    yield "a deep report", change(data, report={**report, "trainer": nested}), "nested more than"
    yield "half a character", change(data, report={**report, "judged_by": "\ud800"}), "damaged"
    signature = header["signature"]
    features = signature["features"]
    odd = {**signature, "features": [{**features[0], "reading": "twelve"}, *features[1:]]}
    yield "a reading that is none", change(data, signature=odd), "cannot be read as"
    long = {**signature, "features": [{**features[0], "unit": "x" * 201}, *features[1:]]}
    yield "a long unit", change(data, signature=long), "more than 200 characters"
    numbers = {**signature, "features": [{**features[0], "unit": 5}, *features[1:]]}
    yield "a unit that is a number", change(data, signature=numbers), "signature.features.0.unit is not of the type str"
    goals = {**signature, "targets": [{**signature["targets"][0], "may_be_missing": True}, *signature["targets"][1:]]}
    yield "a target that may be missing", change(data, signature=goals), "cannot be missing"
    wide = {**arrays, "category_encoding.source": np.zeros(100_000, np.int64)}
    yield "many columns", save(wide, {"scorecast": json.dumps(header)}), "category_encoding: it has more than"
    swapped = {**arrays, "domain": arrays["domain"][::-1].copy()}
    yield "bounds the wrong way round", save(swapped, {"scorecast": json.dumps(header)}), "least value is above"


@pytest.mark.parametrize(("data", "words"), [pytest.param(data, words, id=name) for name, data, words in hostile()])
def test_what_could_not_be_served_is_refused_with_the_reason(server: Server, data: bytes, words: str) -> None:
    answer = upload(server, "refused", data)

    assert words in problem(answer, 422)["detail"]
    assert server.client.get("/models/refused").status_code == 404


def test_a_body_over_the_limit_is_refused(start_server: StartServer) -> None:
    server = start_server(max_train_body_bytes=1000)

    assert upload(server, "large", FILES["networks"]).status_code == 413


def test_what_a_get_tells_of_a_model_declares_it_again(server: Server) -> None:
    """All of it: how columns are read, what marks a gap, what is left out, and the options."""
    assert upload(server, "told", FILES["networks"]).is_success
    told = server.client.get("/models/told").json()
    again = {member: told[member] for member in ("features", "targets", "left_out", "network", "trainer")}

    answer = server.client.put("/models/told-again", json=again)

    assert answer.status_code == 200, answer.text
    members = ("features", "targets", "left_out", "network", "trainer")
    assert {each: answer.json()[each] for each in members} == again
    assert upload(server, "told-again", FILES["networks"]).status_code == 201
    odd = {**again, "features": [{**again["features"][1], "reading": "twelve"}]}
    refused = server.client.put("/models/told-again", json=odd)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/features/0/reading"
    gone = {**again, "targets": [{**again["targets"][0], "may_be_missing": True}, again["targets"][1]]}
    assert server.client.put("/models/told-again", json=gone).json()["errors"][0]["pointer"] == "/targets/0"


def test_an_export_is_the_very_file_that_was_published(server: Server) -> None:
    from hashlib import sha256  # noqa: PLC0415

    server.train(TABLE)
    number = server.client.get("/models/exam-score").json()["default_version"]
    told = server.client.get(f"/models/exam-score/versions/{number}").json()
    exported = server.client.get(f"/models/exam-score/versions/{number}/export").content

    assert sha256(exported).hexdigest() == told["sha256"]
    assert Checkpoint.from_bytes(exported, is_foreign=True).report.to_json() == told["report"]
    assert load(exported)
    assert upload(server, "exam-score", exported).status_code == 201
    assert server.client.post("/predict", json=QUESTION).json()["model_version"] == number + 1


def test_a_page_of_another_site_uploads_nothing(server: Server) -> None:
    files = {"checkpoint": FILES["networks"]}
    for headers in ({"Origin": "http://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer: httpx.Response = server.client.post("/models/refused/versions", files=files, headers=headers)
        assert answer.status_code == 403


def test_all_that_a_checkpoint_may_hold_is_among_the_kinds() -> None:
    """A kind that is new to files is to be in `EVERY_KIND`, too."""
    from model.checkpoint.values import KINDS  # noqa: PLC0415 - it is of no use but here

    held = "".join(json.dumps(open_file(FILES[name])[0]["values"]) for name in EVERY_KIND)

    assert [kind for kind in KINDS if f'"{kind}"' not in held] == []
