"""Numbers as people write them: a column is read as a whole, what was assumed is said, and asked in the same way."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.support.server import Server

QUICK = "members=1&max_epochs=5"


def train(server: Server, name: str, table: str, query: str) -> dict[str, Any]:
    path = f"/models/{name}/train?{query}&{QUICK}"
    answer = server.client.post(path, content=table.encode(), headers={"Content-Type": "text/csv"})
    return dict(answer.json())


def make_table(header: str, cells: Sequence[str], separator: str = ",") -> str:
    """A table of a written column, a plain one, and a target that is the row's number."""
    rows = [f'"{cell}"' + f"{separator}{row % 5}{separator}{row}" for row, cell in enumerate(cells)]
    return "\n".join([header.replace(",", separator), *rows]) + "\n"


@pytest.mark.parametrize(
    ("name", "cells", "reading", "asked", "plain"),
    [
        ("percent", [f"{row}%" for row in range(12)], "1234.5%", "7%", 7),
        ("currency", [f"${500 + 50 * row:,}" for row in range(14)], "$1,234.5", "$1,050", 1050),
        ("thousands", [f"{900 + 50 * row:,}" for row in range(12)], "1,234.5", "1,050", 1050),
        ("decimal-comma", [f"{row},5" for row in range(12)], "1234,5", "7,5", 7.5),
        ("unit", [f"{row} kg" for row in range(12)], "1234.5 kg", "7 kg", 7),
        ("euros", [f"{row},50 €" for row in range(12)], "1234,5 €", "7,50 €", 7.5),
        ("minus", [f"−{row}.5" for row in range(12)], "1234.5", "−7.5", -7.5),  # noqa: RUF001
        ("groups", [f"{1 + row} 000" for row in range(12)], "1 234,5", "7 000", 7000),
    ],
)
def test_a_feature_is_read_told_and_asked_in_its_own_way(
    server: Server, name: str, cells: list[str], reading: str, asked: str, plain: float
) -> None:
    model = f"written-{name}"
    trained = train(server, model, make_table("x,z,y", cells, ";"), "targets=y")

    assert trained["status"] == "succeeded", trained
    assert trained["read"] == [f"x: numbers, of which {reading} is read as 1234.5"]
    (x, z), (y,) = (server.client.get(f"/models/{model}").json()[side] for side in ("features", "targets"))
    assert (x["kind"], x["reading"], z["reading"], y["reading"]) == ("number", reading, None, None)

    path = f"/models/{model}/predict"
    answers = [server.client.post(path, json={"x": value, "z": 2}).json() for value in (asked, plain)]
    assert answers[0].pop("read") == trained["read"]
    assert answers[0] == answers[1]
    assert answers[0]["extrapolated"] == []
    many = server.client.post(path, json={"rows": [{"x": asked, "z": 2}, {"x": plain, "z": 2}]}).json()["predictions"]
    as_csv = server.client.post(path, content=f'x;z\n"{asked}";2\n'.encode(), headers={"Content-Type": "text/csv"})
    assert many == [answers[0]["prediction"]] * 2
    assert as_csv.status_code == 200, as_csv.text


@pytest.mark.parametrize("asked", ["€7", "seven", "7 kg"])
def test_what_is_written_in_another_way_is_refused_by_name(server: Server, asked: str) -> None:
    train(server, "written-once", make_table("x,z,y", [f"{row}%" for row in range(12)]), "targets=y")
    answer = server.client.post("/models/written-once/predict", json={"x": asked, "z": 1})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/x"


def test_a_target_of_amounts_is_a_number_with_an_interval(server: Server) -> None:
    rows = [{"rooms": row % 4 + 1, "rent": f"${400 + 225 * (row % 4)}"} for row in range(16)]
    table = "rooms,rent\n" + "".join(f"{row['rooms']},{row['rent']}\n" for row in rows)

    for name, answer in {
        "rents": train(server, "rents", table, "targets=rent"),
        "rents-json": server.client.post(f"/models/rents-json/train?targets=rent&{QUICK}", json={"rows": rows}).json(),
    }.items():
        assert answer["read"] == ["rent: numbers, of which $1234.5 is read as 1234.5"]
        said = server.client.post(f"/models/{name}/predict", json={"rooms": 2}).json()
        assert said["prediction"]["rent"] == pytest.approx(625, rel=0.1)
        assert said["interval"]["rent"]["lower"] < said["prediction"]["rent"]


def test_a_comma_that_may_mean_two_things_is_refused_with_what_to_write(server: Server) -> None:
    answer = train(server, "written-twice", make_table("x,z,y", ["1,050", "2,125"] * 6), "targets=y")

    assert answer["status"] == 422
    assert (
        answer["detail"]
        == "column 'x': '1,050' may be 1050 or 1.050; write it without the comma; ?ignore=x leaves it out"
    )
    assert server.client.get("/models/written-twice").status_code == 404


def test_marks_of_missing_cells_do_not_stand_in_the_way(server: Server) -> None:
    marks = ["?", "#N/A", "-", "<NA>", "null"]
    cells = [cell for row, mark in enumerate(marks) for cell in (mark, f"{row}%", f"{row + 5}%", f"{row + 9}%")]
    answer = train(server, "written-gaps", make_table("x,z,y", cells), "targets=y&missing=mean")

    assert answer["status"] == "succeeded", answer
    assert answer["read"] == [
        "x: numbers, of which 1234.5% is read as 1234.5",
        "x: missing where it says #N/A, -, <NA>, ?, null",
    ]


def test_codes_with_leading_zeros_are_categories(server: Server) -> None:
    cells = [f"0{1067 + row % 4}" for row in range(12)]
    answer = train(server, "postcodes", make_table("code,z,y", cells), "targets=y")

    assert answer["read"] == ["code: codes, since some begin with 0; each is a category"]
    assert server.client.get("/models/postcodes").json()["features"][0]["categories"] == sorted(set(cells))


def test_plain_tables_are_declared_without_a_reading(server: Server) -> None:
    answer = train(server, "written-plainly", make_table("x,z,y", [f"{row}.5" for row in range(12)]), "targets=y")

    assert answer["read"] == []
    assert server.client.get("/models/written-plainly").json()["features"][0]["reading"] is None


def test_a_second_table_is_read_as_the_first_was(server: Server) -> None:
    cells = [f"{row}%" for row in range(12)]
    train(server, "written-again", make_table("x,z,y", cells), "targets=y")
    again = train(server, "written-again", make_table("x,z,y", [cell.strip("%") for cell in cells]), "targets=y")
    other = train(server, "written-again", make_table("x,z,y", [f"${row}" for row in range(12)]), "targets=y")

    assert again["model_version"] == 2
    assert other["status"] == 422
    assert other["errors"][0]["detail"].startswith("row 1, column 'x': should be a valid number")
