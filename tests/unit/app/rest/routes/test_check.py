"""`POST /models/{name}/check`: what a training would say of a table, without training."""

import json
from typing import Any

import pytest

from app.budget import MAX_CHECKED_CELLS
from tests.support.forms import FORMS, XLSX
from tests.support.problems import errors, problem
from tests.support.server import Server

PRICES = "width,height,price\n1,2,5.1\n2,2,7.9\n3,1,8.2\n4,3,14.8\n2,5,13.1\n"
CSV = {"Content-Type": "text/csv"}


def check(server: Server, body: str | bytes, query: str = "", *, name: str = "checked", kind: str = "text/csv") -> Any:
    answer = server.client.post(f"/models/{name}/check?{query}", content=body, headers={"Content-Type": kind})
    assert answer.status_code == 200, answer.text
    return answer.json()


def columns(found: Any, *members: str) -> list[Any]:
    return [tuple(column[member] for member in members) for column in found["columns"]]


def test_the_columns_of_a_new_table_are_as_a_training_would_declare_them(server: Server) -> None:
    table = "id,when,wood,width,price\na1,2024-01-31,oak,2,5\nb2,2024-02-01,pine,3,6\nc3,2024-02-03,oak,,7\n"

    found = check(server, table, "targets=price&missing=mean&ignore=id")

    assert (found["rows"], found["errors"]) == (3, [])
    assert columns(found, "name", "role", "kind") == [
        ("id", "ignored", None),
        ("when", "feature", "date"),
        ("wood", "feature", "category"),
        ("width", "feature", "number"),
        ("price", "target", "number"),
    ]
    ends = [(None, None), ("2024-01-31", "2024-02-03"), (None, None), (2, 3), (5, 7)]
    assert columns(found, "minimum", "maximum") == ends
    assert columns(found, "missing") == [(0,), (0,), (0,), (1,), (0,)]
    assert found["columns"][2]["categories"] == ["oak", "pine"]


def test_a_declared_model_tells_its_units_and_bounds(server: Server) -> None:
    found = check(server, "hours_studied,hours_slept,score\n2,9,92\n1,5,86\n", name="exam-score")

    assert columns(found, "role", "unit", "bounds") == [
        ("feature", "hours", [0, 24]),
        ("feature", "hours", [0, 24]),
        ("target", "points", [0, 100]),
    ]


REFUSED = [
    ("checked", PRICES.replace("3,1", "3,x"), "targets=price"),
    ("checked", PRICES.replace("3,1", "3,"), "targets=price"),
    ("checked", PRICES, "targets=cost"),
    ("checked", PRICES, "targets=price&ignore=depth"),
    ("checked", PRICES, "targets=price&max_epochs=0"),
    ("checked", "width,price\n1,2024-01-31\n2,2024-02-01\n", "targets=price"),
    ("exam-score", "hours_studied,hours_slept,score\n2,9,92\n1,25,86\n", ""),
    ("exam-score", PRICES, ""),
]


@pytest.mark.parametrize(("name", "table", "query"), REFUSED)
def test_what_a_training_refuses_is_told_as_it_would_tell_it(server: Server, name: str, table: str, query: str) -> None:
    refused = server.client.post(f"/models/{name}/train?{query}", content=table, headers=CSV)

    found = check(server, table, query, name=name)

    assert [(error["detail"], error["pointer"]) for error in found["errors"]] == errors(refused)
    assert found["rows"] == table.count("\n") - 1


@pytest.mark.parametrize(
    ("name", "query", "status"),
    [("exam-score", "targets=price", 409), ("exam-score", "categories=x", 409), ("nothing", "", 404)],
)
def test_so_is_what_does_not_go_with_the_model(server: Server, name: str, query: str, status: int) -> None:
    refused = server.client.post(f"/models/{name}/train?{query}", content=PRICES, headers=CSV)

    found = check(server, PRICES, query, name=name)

    assert [error["detail"] for error in found["errors"]] == [problem(refused, status)["detail"]]


def test_a_wrong_cell_is_told_by_its_row_and_column(server: Server) -> None:
    found = check(server, 'a/b,"c, d"\n1,2\nx,3\n4,5\n6,7\n8,9\n', "targets=%22c, d%22")

    assert [(error["row"], error["column"]) for error in found["errors"]] == [(1, "a/b")]


def test_what_is_no_table_at_all_stays_a_problem(server: Server) -> None:
    for body, kind, status in ((b"{", "application/json", 400), (b"PK", XLSX, 400), (b"a,b\n", "text/csv", 422)):
        answer = server.client.post("/models/checked/check", content=body, headers={"Content-Type": kind})
        problem(answer, status)
    problem(server.client.post("/models/checked/check?target=price", content=PRICES, headers=CSV), 422)
    problem(server.client.post("/models/checked/check?cells=7", content=PRICES, headers=CSV), 422)


ROWS = [{"width": 1, "wood": "oak", "is_new": "yes"}, {"width": 2.5, "wood": 'so "called"', "is_new": ""}]


@pytest.mark.parametrize("form", FORMS)
def test_the_cells_of_every_form_are_told_as_texts(server: Server, form: str) -> None:
    kind, body = FORMS[form](ROWS)

    found = check(server, body, "cells=true", kind=kind)

    assert found["cells"]["columns"] == ["width", "wood", "is_new"]
    first = "1.0" if any(kind in form for kind in ("arrow", "parquet")) else "1"  # a frame's column of floats
    assert found["cells"]["rows"] == [[first, "oak", "yes"], ["2.5", 'so "called"', ""]]


def test_cells_of_json_are_written_as_json_has_them(server: Server) -> None:
    rows = [{"a": 1.0, "b": True, "c": None}, {"a": 2, "b": False}]

    found = check(server, json.dumps(rows), "cells=true", kind="application/json")

    assert found["cells"]["rows"] == [["1.0", "true", ""], ["2", "false", ""]]


def test_a_table_of_many_rows_is_told_whole(server: Server) -> None:
    rows = [f"{row},{row * 2}" for row in range(12_345)]

    found = check(server, "x,y\n" + "\n".join(rows), "targets=y&cells=true")

    assert [",".join(cells) for cells in found["cells"]["rows"]] == rows


def test_there_is_a_limit_to_the_cells_that_are_told(server: Server) -> None:
    rows = MAX_CHECKED_CELLS // 2 + 1
    body = "x,y\n" + "1,2\n" * rows

    answer = server.client.post("/models/checked/check?targets=y&cells=true", content=body, headers=CSV)

    assert f"{2 * rows:,} cells" in problem(answer, 413)["detail"]
    assert check(server, body, "targets=y")["rows"] == rows


def test_nothing_is_stored_or_changed(server: Server) -> None:
    before = [server.client.get(path).text for path in ("/models", "/jobs")]

    check(server, PRICES, "targets=price")
    check(server, PRICES, "targets=nothing")

    assert [server.client.get(path).text for path in ("/models", "/jobs")] == before
