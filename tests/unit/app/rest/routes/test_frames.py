"""Answers as Arrow and Parquet: the columns that were sent as they came, and the prediction's as numbers."""

import datetime as dt
import io
import random
from typing import Any

import httpx
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.frames import ARROW, ARROW_FILE, PARQUET
from tests.support.forms import as_arrow, as_csv, as_json, as_parquet
from tests.support.frames import VALID, damage
from tests.support.problems import errors, problem
from tests.support.server import Server

ROWS = 20
DAYS = [dt.date(2024, 1, 1) + dt.timedelta(days=3 * row) for row in range(ROWS)]
MOMENTS = [dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC) + dt.timedelta(hours=5 * row) for row in range(ROWS)]
TABLE = pa.table(
    {
        "note": pa.array([f"n{row}" for row in range(ROWS)], pa.large_string()),
        "width": pa.array([None if row == 4 else row + 0.5 for row in range(ROWS)], pa.float32()),
        "count": pa.array(range(ROWS), pa.int16()),
        "colour": pa.array(["red", "blue"] * (ROWS // 2)).dictionary_encode(),
        "old": pa.array([row % 3 == 0 for row in range(ROWS)]),
        "day": DAYS,
        "at": pa.array(MOMENTS, pa.timestamp("ms", tz="UTC")),
        "odd": [[row] for row in range(ROWS)],
        "price": [3.0 * row + row % 2 for row in range(ROWS)],
    }
)
OURS = ["price_predicted", "price_lower", "price_upper", "extrapolated"]
QUICK = "ignore=note,odd&missing=mean&members=1&max_epochs=5"
types = pytest.mark.parametrize("media_type", [ARROW, ARROW_FILE, PARQUET])


def post(server: Server, path: str, body: bytes, kind: str, accept: str = "") -> httpx.Response:
    headers = {"Content-Type": kind, **({"Accept": accept} if accept else {})}
    return server.client.post(f"/models/{path}", content=body, headers=headers)


def read(answer: httpx.Response, media_type: str) -> Any:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == media_type
    source = pa.BufferReader(answer.content)
    if media_type == PARQUET:
        return pq.read_table(source)
    return (pa.ipc.open_file if media_type == ARROW_FILE else pa.ipc.open_stream)(source).read_all()


@pytest.fixture(scope="module")
def model(server: Server) -> str:
    answer = post(server, f"frames-answers/train?targets=price&{QUICK}", as_parquet(TABLE), PARQUET)
    assert answer.status_code == 200, answer.text
    return "frames-answers"


@types
def test_what_was_sent_comes_back_as_it_came_but_for_what_is_not_read(
    server: Server, model: str, media_type: str
) -> None:
    found = read(post(server, f"{model}/predict?ignore=note,odd", as_arrow(TABLE), ARROW, media_type), media_type)
    sent = TABLE.drop_columns(["odd"])

    assert found.column_names == [*sent.column_names, *OURS]
    for name in sent.column_names:
        assert found[name].to_pylist() == sent[name].to_pylist()
    kinds = {name: found.schema.field(name).type for name in ("width", "count", "old", "day", "at", "price_lower")}
    assert kinds == {"width": pa.float32(), "count": pa.int16(), "old": pa.bool_(), "day": pa.date32(), "at": pa.timestamp("ms", "UTC"), "price_lower": pa.float64()}  # fmt: skip
    assert pa.types.is_dictionary(found.schema.field("colour").type)


@types
def test_the_numbers_are_those_of_json_to_the_bit(server: Server, model: str, media_type: str) -> None:
    path = f"{model}/predict?ignore=note,odd&coverage=0.8"
    found = read(post(server, path, as_parquet(TABLE), PARQUET, media_type), media_type)
    answer = post(server, path, as_parquet(TABLE), PARQUET).json()

    assert found["price_predicted"].to_pylist() == [row["price"] for row in answer["predictions"]]
    for side in ("lower", "upper"):
        assert found[f"price_{side}"].to_pylist() == [row["price"][side] for row in answer["intervals"]]
    assert found["extrapolated"].to_pylist() == [" ".join(names) for names in answer["extrapolated"]]


@types
@pytest.mark.parametrize("kind", ["text/csv", "application/json"])
def test_a_csv_or_json_is_answered_as_a_frame_whose_numbers_are_numbers(
    server: Server, model: str, media_type: str, kind: str
) -> None:
    rows = [
        {"id": row, "note": f"n{row}", "width": "" if row == 2 else row + 0.5, "count": row, "colour": "red", "old": "true", "day": "2024-01-01", "at": "2024-01-01T12:00:00", "price": 5}
        for row in range(4)
    ]  # fmt: skip
    typed = [{**row, "width": None if row["width"] == "" else row["width"]} for row in rows]
    body = as_csv(rows) if kind == "text/csv" else as_json(typed)[1]
    found = read(post(server, f"{model}/predict?ignore=note,id", body, kind, media_type), media_type)

    assert found.column_names == [*rows[0], *OURS]
    assert found["width"].to_pylist() == [0.5, 1.5, None, 3.5]
    assert found["price"].to_pylist() == [5, 5, 5, 5]
    assert found["colour"].to_pylist() == ["red"] * 4
    assert found["id"].to_pylist() == ([0, 1, 2, 3] if kind != "text/csv" else ["0", "1", "2", "3"])


@types
@pytest.mark.parametrize("zone", ["Europe/Berlin", "+05:30", "Nowhere/At All", "x" * 1000])
def test_a_moment_keeps_its_zone_whatever_that_is_called(
    server: Server, model: str, media_type: str, zone: str
) -> None:
    kind = pa.timestamp("us", tz=zone)
    table = TABLE.drop_columns(["odd", "at"]).append_column(
        "at", TABLE["at"].cast(pa.timestamp("us", tz="UTC")).cast(kind)
    )
    found = read(post(server, f"{model}/predict?ignore=note", as_arrow(table), ARROW, media_type), media_type)

    assert found["at"].cast(pa.int64()).to_pylist() == table["at"].cast(pa.int64()).to_pylist()
    assert found.schema.field("at").type == kind


def test_a_single_row_is_answered_as_a_frame_of_one(server: Server, model: str) -> None:
    row = {"width": 1, "count": 2, "colour": "red", "old": True, "day": "2024-01-01", "at": "2024-01-01T12:00:00"}

    found = read(post(server, f"{model}/predict", as_json(row)[1], "application/json", ARROW), ARROW)
    assert found.num_rows == 1
    assert found.column_names == [*row, "price", *OURS[1:]]


def test_one_row_for_exam_score_may_ask_for_a_frame(server: Server) -> None:
    """It does not take the fast path, which answers JSON."""
    answer = server.client.post("/predict", json={"hours_studied": 4, "hours_slept": 8}, headers={"Accept": ARROW})

    assert read(answer, ARROW).column_names == ["hours_studied", "hours_slept", "score", "score_lower", "score_upper", "extrapolated"]  # fmt: skip


@types
def test_classes_are_answered_with_their_probabilities(server: Server, media_type: str) -> None:
    table = pa.table({"x": np.arange(20.0), "kind": pa.array(["a", "b"] * 10).dictionary_encode()})
    assert post(server, "tables-of-classes/train?targets=kind", as_arrow(table), ARROW).status_code == 200

    found = read(
        post(server, "tables-of-classes/predict", as_arrow(table.select(["x"])), ARROW, media_type), media_type
    )
    assert found.column_names == ["x", "kind", "kind_a", "kind_b", "extrapolated"]
    assert set(found["kind"].to_pylist()) <= {"a", "b"}
    assert np.allclose(np.array(found["kind_a"]) + np.array(found["kind_b"]), 1)


def test_an_answer_is_sent_back_to_be_predicted_again(server: Server, model: str) -> None:
    first = post(server, f"{model}/predict?ignore=note,odd", as_arrow(TABLE), ARROW, PARQUET)

    second = post(server, f"{model}/predict?ignore=note,{','.join(OURS)}", first.content, PARQUET)
    assert second.status_code == 200, second.text
    assert second.json()["predictions"] == [
        {"price": each} for each in read(first, PARQUET)["price_predicted"].to_pylist()
    ]


def test_pandas_and_polars_send_and_get_a_frame(server: Server, model: str) -> None:
    data = TABLE.drop_columns(["odd"]).to_pandas()
    data.index = pd.Index(range(100, 100 + ROWS), name="row")
    answer = post(server, f"{model}/predict?ignore=note", data.to_parquet(), PARQUET, PARQUET)
    assert list(pd.read_parquet(io.BytesIO(answer.content)).columns[-4:]) == OURS

    buffer = io.BytesIO()
    pl.from_arrow(TABLE.drop_columns(["odd"])).write_ipc(buffer)  # type: ignore[union-attr]
    answer = post(server, f"{model}/predict?ignore=note", buffer.getvalue(), ARROW_FILE, ARROW_FILE)
    assert pl.read_ipc(answer.content).columns[-4:] == OURS


def test_an_evaluation_reads_a_frame(server: Server, model: str) -> None:
    path = f"{model}/versions/1/evaluate?ignore=note,odd"
    judged = [
        post(server, path, body, kind).json() for body, kind in ((as_arrow(TABLE), ARROW), (as_parquet(TABLE), PARQUET))
    ]

    assert judged[0] == judged[1]
    assert judged[0]["rows"] == ROWS


def test_a_check_tells_the_cells_and_the_kinds(server: Server) -> None:
    answer = post(server, f"frames-check/check?targets=price&cells=true&{QUICK}", as_parquet(TABLE), PARQUET).json()

    kinds = {column["name"]: column["kind"] for column in answer["columns"]}
    assert kinds == {"note": None, "width": "number", "count": "number", "colour": "category", "old": "category", "day": "date", "at": "date", "odd": None, "price": "number"}  # fmt: skip
    assert answer["errors"] == []
    assert answer["cells"]["rows"][4] == ["n4", "", "4", "red", "false", "2024-01-13", "2024-01-02T08:00:00", "", "12.0"]  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "detail"),
    [
        ([1.0, float("nan")], "row 2, column 'width': should be a finite number; null stands for a missing value"),
        ([float("inf"), 1.0], "row 1, column 'width': should be a finite number; null stands for a missing value"),
        (["1", "wide"], "row 1, column 'width': should be a valid number, not '1'"),
        ([True, False], "row 1, column 'width': should be a valid number"),
        ([[1], [2]], "column 'width' is of type list<"),
    ],
)
def test_a_cell_that_does_not_fit_is_named(server: Server, model: str, cells: list[Any], detail: str) -> None:
    table = TABLE.slice(0, 2).drop_columns(["odd"])
    table = table.set_column(1, "width", pa.array(cells))

    found = errors(post(server, f"{model}/predict?ignore=note", as_arrow(table), ARROW))
    assert found[0][0].startswith(detail)


def test_a_damaged_body_is_refused_with_what_to_do(server: Server, model: str) -> None:
    answer = post(server, f"{model}/predict", as_parquet(TABLE)[:-20], PARQUET)

    detail = problem(answer, 400)["detail"]
    assert detail.startswith("the Parquet file cannot be read (")
    assert detail.endswith("write it again with pandas, polars or pyarrow, or send it as CSV")


def test_a_csv_that_is_none_says_what_it_is(server: Server, model: str) -> None:
    for body, kind in ((as_parquet(TABLE), PARQUET), (as_arrow(TABLE, ARROW_FILE), ARROW_FILE)):
        assert f"send it with Content-Type: {kind}" in problem(post(server, f"{model}/predict", body, "text/csv"), 400)["detail"]  # fmt: skip


@pytest.mark.slow
def test_whatever_a_body_does_to_what_reads_it_the_server_answers(server: Server, model: str) -> None:
    chance = random.Random(3)
    for turn in range(60):
        body = damage(chance.choice(list(VALID.values())), chance)
        path = ("predict", "train?targets=price", "check?targets=price", "versions/1/evaluate")[turn % 4]
        answer = post(server, f"{model}/{path}", body.data, body.media_type)
        assert answer.status_code in {200, 400, 409, 413, 422}, answer.text
    assert post(server, f"{model}/predict?ignore=note,odd", as_arrow(TABLE), ARROW).status_code == 200
