"""Columns that are numbers but for a few cells, and what stands for a missing value: never silently words."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from tests.support.server import Server

QUICK = "members=1&max_epochs=5"


def train(server: Server, name: str, cells: Sequence[Any], query: str = "", *, is_json: bool = False) -> dict[str, Any]:
    """Train on a column of cells, a plain one, and a target."""
    rows = [{"x": cell, "z": row % 5, "y": row} for row, cell in enumerate(cells)]
    text = "x,z,y\n" + "".join(f'"{row["x"]}",{row["z"]},{row["y"]}\n' for row in rows)
    answer = server.client.post(
        f"/models/{name}/train?targets=y&{QUICK}{query}",
        content=json.dumps(rows) if is_json else text.encode(),
        headers={"Content-Type": "application/json" if is_json else "text/csv"},
    )
    return dict(answer.json())


@pytest.mark.parametrize("is_json", [False, True])
@pytest.mark.parametrize(
    ("cells", "wrong", "words"),
    [
        ([*range(11), "12x"], 12, "should be a valid number, not '12x'; ?categories=x"),
        ([*range(11), "n.a"], 12, "?marks=n.a that one for a missing value"),
        (["1,2,3", *range(11)], 1, "?marks=\"1,2,3\" that one"),
        ([*range(5), "12 kg", *range(5)], 6, "should be a valid number; write 12, not '12 kg'"),
        ([*range(9), "1O"], 10, "should be a valid number, not '1O'"),
        ([f"{row}%" for row in range(9)] + ["about 5"], 10, "such as 1234.5%, not 'about 5'"),
        ([f"${row}" for row in range(9)] + ["free"], 10, "such as $1234.5, not 'free'; ?categories=x"),
        ([f"{row} kg" for row in range(9)] + ["12 lb"], 10, "such as 1234.5 kg, not '12 lb'"),
        ([f"{row},5" for row in range(9)] + ["closed"], 10, "such as 1234,5, not 'closed'"),
        ([f"1,{row}50" for row in range(9)] + ["900", "800", "n. d."], 12, "such as 1,234.5, not 'n. d.'"),
    ],
)  # fmt: skip
def test_numbers_but_for_a_few_cells_are_refused_by_cell(
    server: Server, cells: list[Any], wrong: int, words: str, *, is_json: bool
) -> None:
    answer = train(server, "nearly", cells, is_json=is_json)

    assert answer["status"] == 422, answer
    (error,) = answer["errors"]
    assert error["detail"].startswith(f"row {wrong}, column 'x': ")
    assert words in error["detail"]
    assert "?categories=x takes the column's cells for categories" in error["detail"]
    assert error["pointer"] == f"/rows/{wrong - 1}/x"
    assert server.client.get("/models/nearly").status_code == 404


@pytest.mark.parametrize("is_json", [False, True])
def test_a_mark_of_the_users_own_is_told_kept_and_asked(server: Server, *, is_json: bool) -> None:
    name = f"own-mark-{is_json}".lower()
    cells = [f"{row}%" if row % 6 else "n.a" for row in range(24)]
    answer = train(server, name, cells, "&marks=n.a", is_json=is_json)

    assert answer["read"] == [
        "x: numbers, of which 1234.5% is read as 1234.5",
        "x: missing where it says n.a",
    ]
    x = server.client.get(f"/models/{name}").json()["features"][0]
    assert (x["reading"], x["marks"], x["may_be_missing"]) == ("1234.5%", ["n.a"], True)
    said = [server.client.post(f"/models/{name}/predict", json={"x": cell, "z": 1}).json() for cell in ("n.a", None)]
    assert said[0].pop("read") == answer["read"]
    assert said[0] == said[1]
    assert train(server, name, cells, "&marks=n.a", is_json=is_json)["model_version"] == 2
    other = train(server, name, cells, "&marks=n.a,free", is_json=is_json)
    assert other["status"] == 409
    assert "it was declared without marks=free" in other["detail"]


@pytest.mark.parametrize("is_json", [False, True])
@pytest.mark.parametrize(
    "mark",
    ["?", ".", "--", "-", "#N/A", "<NA>", "null", "NaN", "NA", "n/a", "N/A", "none", "#DIV/0!", "#REF!", "#VALUE!", "—", "..", "NaT", r"\N"],
)  # fmt: skip
def test_a_mark_among_numbers_is_missing(server: Server, mark: str, *, is_json: bool) -> None:
    cells = [row if row % 6 else mark for row in range(18)]
    refused = train(server, "known-mark", cells, is_json=is_json)
    assert refused["errors"][0]["detail"] == (
        f"row 1, column 'x': {mark!r} stands for a missing value; ?missing=mean fills the gaps of features"
    )

    answer = train(server, "known-mark", cells, "&missing=mean", is_json=is_json)
    said = [server.client.post("/models/known-mark/predict", json={"x": cell, "z": 1}).json() for cell in (mark, None)]
    server.client.delete("/models/known-mark")

    assert answer["read"] == said[0].pop("read") == [f"x: missing where it says {mark}"]
    assert said[0] == said[1]
    assert "prediction" in said[0]


def test_none_is_a_word_among_words_and_a_mark_among_numbers(server: Server) -> None:
    words = ["nuts", "none", "milk", "?"] * 5
    assert train(server, "allergies", words, "&missing=mean")["read"] == ["x: missing where it says ?"]
    assert server.client.get("/models/allergies").json()["features"][0]["categories"] == ["milk", "none", "nuts"]
    none, blank = (
        server.client.post("/models/allergies/predict", json={"x": cell, "z": 1}).json() for cell in ("none", None)
    )
    assert none["interval"] != blank["interval"]


def test_an_infinite_or_missing_target_is_refused_with_what_to_do(server: Server) -> None:
    table = "x,y\n" + "".join(f"{row},{'n.a' if row == 7 else row}\n" for row in range(12))
    answer = server.client.post(
        "/models/target-gaps/train?targets=y", content=table.encode(), headers={"Content-Type": "text/csv"}
    ).json()

    assert answer["errors"][0]["detail"] == (
        "row 8, column 'y': should be a valid number, not 'n.a'; ?categories=y takes the column's cells for categories"
    )
