"""Tables over HTTP, as CSV in and out."""

import csv
import io
from typing import Any

import httpx
import pytest

from tests.support.problems import errors
from tests.support.server import Server

CSV = {"Content-Type": "text/csv"}
PRICES = "width,height,price\n1,2,5.1\n2,2,7.9\n3,1,8.2\n4,3,14.8\n2,5,13.1\n"
QUICK = "members=1&max_epochs=5"


def post(server: Server, path: str, table: str, **headers: str) -> httpx.Response:
    return server.client.post(path, content=table.encode(), headers={**CSV, **headers})


def declared(server: Server, name: str, table: str = PRICES, query: str = "targets=price") -> dict[str, Any]:
    answer = post(server, f"/models/{name}/train?{query}&{QUICK}", table)
    assert answer.status_code == 200, answer.text
    model: dict[str, Any] = server.client.get(f"/models/{name}").json()
    return model


def rows_of(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_a_table_declares_and_trains_a_model(server: Server) -> None:
    model = declared(server, "csv-declares")

    assert [column["name"] for column in model["features"]] == ["width", "height"]
    assert [column["name"] for column in model["targets"]] == ["price"]
    assert model["default_version"] == 1


def test_names_of_columns_are_as_long_as_a_declaration_allows(server: Server) -> None:
    """Answers repeat a name for each row: one of 10,000 letters made an answer of 1 GB from a question of 0.2 MB."""
    longest, too_long = "n" * 200, "n" * 201

    refused = post(server, "/models/csv-long-name/train?targets=price", PRICES.replace("width", too_long))
    assert errors(refused) == [(f"column '{longest}...' has a name of 201 characters, of at most 200", "")]
    assert server.client.get("/models/csv-long-name").status_code == 404
    left_out = PRICES.replace("width", too_long).replace("height", longest)
    model = declared(server, "csv-long-name", left_out, f"targets=price&ignore={too_long}")
    assert [column["name"] for column in model["features"]] == [longest]


def test_csv_and_json_get_the_same_answers(server: Server) -> None:
    declared(server, "csv-json")
    table = rows_of(post(server, "/models/csv-json/predict", PRICES))
    rows = [{"width": float(row["width"]), "height": float(row["height"])} for row in table]
    answers = server.client.post("/models/csv-json/predict", json={"rows": rows}).json()

    for row, prediction, interval in zip(table, answers["predictions"], answers["intervals"], strict=True):
        assert float(row["price_predicted"]) == prediction["price"]
        assert float(row["price_lower"]) == interval["price"]["lower"]
        assert float(row["price_upper"]) == interval["price"]["upper"]


def test_accept_chooses_the_form_of_the_answer(server: Server) -> None:
    declared(server, "csv-accept")

    as_json = post(server, "/models/csv-accept/predict", PRICES, Accept="application/json")
    assert len(as_json.json()["predictions"]) == 5
    as_csv = server.client.post(
        "/models/csv-accept/predict", json={"width": 1, "height": 2}, headers={"Accept": "text/csv"}
    )
    assert list(rows_of(as_csv)[0]) == ["width", "height", "price", "price_lower", "price_upper", "extrapolated"]


def test_coverage_is_chosen_in_the_query(server: Server) -> None:
    declared(server, "csv-coverage")
    wide, narrow = (
        rows_of(post(server, f"/models/csv-coverage/predict?coverage={coverage}", PRICES))[0]
        for coverage in (0.99, 0.5)
    )

    assert float(wide["price_lower"]) < float(narrow["price_lower"])
    without = post(server, "/models/csv-coverage/predict?coverage=null", PRICES)
    assert list(rows_of(without)[0]) == ["width", "height", "price", "price_predicted", "extrapolated"]


def test_the_target_need_not_be_there_to_be_predicted_nor_is_it_looked_at(server: Server) -> None:
    declared(server, "csv-target")
    with_answers = rows_of(post(server, "/models/csv-target/predict", PRICES.replace("5.1", "nonsense")))
    without = "\n".join(line.rpartition(",")[0] for line in PRICES.split("\n"))

    assert with_answers[0].pop("price") == "nonsense"
    for answer, row in zip(with_answers, rows_of(post(server, "/models/csv-target/predict", without)), strict=True):
        answer.pop("price", None)
        assert {name.replace("_predicted", ""): cell for name, cell in answer.items()} == row


def test_columns_are_chosen_by_features_and_ignore(server: Server) -> None:
    table = "id," + PRICES.replace("\n1", "\na,1").replace("\n2", "\nb,2").replace("\n3", "\nc,3").replace(
        "\n4", "\nd,4"
    )
    for name, query in (
        ("csv-ignore", "targets=price&ignore=id"),
        ("csv-features", "targets=price&features=width,height"),
    ):
        assert [column["name"] for column in declared(server, name, table, query)["features"]] == ["width", "height"]


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        ("", "is missing"),
        ("x", "should be a valid number, not 'x'"),
        ("-1", "should be greater than or equal to 0"),
        ("25", "should be less than or equal to 24"),
        ("nan", "'nan' stands for a missing value"),
    ],
)
def test_a_column_gets_the_same_error_as_csv_and_as_json(server: Server, cell: str, rule: str) -> None:
    table = f"hours_studied,hours_slept,score\n2,9,92\n1,{cell},86\n"
    problem = post(server, "/train", table).json()

    assert problem["status"] == 422
    assert problem["errors"] == [{"detail": f"row 2, column 'hours_slept': {rule}", "pointer": "/rows/1/hours_slept"}]
    value = {"": {}, "x": {"hours_slept": "x"}, "nan": None}.get(cell, None if cell == "nan" else {})
    if cell in {"", "x"}:
        rows = [{"hours_studied": 2, "hours_slept": 9, "score": 92}, {"hours_studied": 1, "score": 86, **(value or {})}]
        assert server.client.post("/train", json={"rows": rows}).json()["errors"] == problem["errors"]


@pytest.mark.parametrize("blank", ["\xa0", "\u2003", "\x85", "\x1c", "\x1f", "\t"])
def test_a_number_may_have_any_blank_beside_it(server: Server, blank: str) -> None:
    plain, blanks = (
        post(server, "/predict", f"hours_studied,hours_slept\n{cells}\n", Accept="application/json")
        for cells in ("4,8", f"{blank}4,8{blank}")
    )

    assert plain.status_code == blanks.status_code == 200, blanks.text
    assert blanks.json() == plain.json()


@pytest.mark.parametrize("path", ["/predict", "/train"])
def test_a_row_by_itself_whose_cell_is_empty_gets_that_error_too(server: Server, path: str) -> None:
    problem = post(server, path, "hours_studied,hours_slept,score\n2,,92\n").json()

    assert problem["status"] == 422
    assert problem["errors"] == [
        {"detail": "row 1, column 'hours_slept': is missing", "pointer": "/rows/0/hours_slept"}
    ]


def test_a_number_that_is_written_in_another_way_than_its_column_is_refused_with_a_hint(server: Server) -> None:
    problem = post(server, "/train", "hours_studied;hours_slept;score\n2;9,5;92\n").json()

    assert [error["detail"] for error in problem["errors"]] == [
        "row 1, column 'hours_slept': should be a valid number; write 9.5, not '9,5'"
    ]


def test_categories_are_inferred_encoded_and_checked(server: Server) -> None:
    table = "colour,size,price\n" + "red,1,5\nblue,2,9\nred,3,9\nblue,1,7\n" * 3
    model = declared(server, "csv-categories", table)
    assert model["features"][0]["categories"] == ["blue", "red"]

    red, blue = (
        server.client.post("/models/csv-categories/predict", json={"colour": colour, "size": 1}).json()
        for colour in ("red", "blue")
    )
    assert red["prediction"] != blue["prediction"]
    path = "/models/csv-categories/predict?unseen=refuse"
    problem = server.client.post(path, json={"colour": "pink", "size": 1}).json()
    assert problem["errors"] == [{"detail": "'colour': should be 'blue' or 'red', not 'pink'", "pointer": "/colour"}]


def test_a_category_target_makes_a_classifier(server: Server) -> None:
    table = "x,label\n" + "".join(f"{x},{'high' if x > 5 else 'low'}\n" for x in range(12))
    declared(server, "csv-labels", table, "targets=label")
    answer = server.client.post("/models/csv-labels/predict", json={"x": 11}).json()

    assert answer["prediction"] == {"label": "high"}
    assert sum(answer["probabilities"]["label"].values()) == pytest.approx(1)
    row = rows_of(post(server, "/models/csv-labels/predict", "x\n0\n"))[0]
    assert row["label"] == "low"
    assert float(row["label_low"]) == pytest.approx(1 - float(row["label_high"]))


def test_missing_values_are_filled_if_that_is_asked_for(server: Server) -> None:
    table = PRICES.replace("2,2,7.9", "2,,7.9")
    assert "row 2, column 'height': is missing" in post(server, "/models/csv-gaps/train?targets=price", table).text

    declared(server, "csv-gaps", table, "targets=price&missing=mean")
    gap, mean = (
        server.client.post("/models/csv-gaps/predict", json=row).json()
        for row in ({"width": 2}, {"width": 2, "height": (2 + 1 + 3 + 5) / 4})
    )
    known, unknown = (answer["interval"]["price"] for answer in (mean, gap))
    assert known["lower"] < gap["prediction"]["price"] < known["upper"]
    assert unknown["upper"] - unknown["lower"] > known["upper"] - known["lower"]
    assert gap["extrapolated"] == []


def test_other_targets_are_another_model(server: Server) -> None:
    declared(server, "csv-others")
    answer = post(server, "/models/csv-others/train?targets=width", PRICES)

    assert answer.status_code == 409
    assert "price" in answer.json()["detail"]


def test_a_table_grows_and_can_be_read_back(server: Server) -> None:
    declared(server, "csv-grows")
    more = post(server, f"/models/csv-grows/train?extend=true&{QUICK}", "width,height,price\n5,5,25\n").json()
    assert more["rows"] == 6

    kept = server.client.get(f"/models/csv-grows/versions/{more['model_version']}/table")
    assert [float(row["price"]) for row in rows_of(kept)] == [5.1, 7.9, 8.2, 14.8, 13.1, 25.0]


def test_a_table_that_was_not_kept_cannot_grow(server: Server) -> None:
    declared(server, "csv-forgets", query="targets=price&keep_table=false")

    assert server.client.get("/models/csv-forgets/versions/1/table").status_code == 409
    answer = post(server, "/models/csv-forgets/train?extend=true", PRICES)
    assert answer.status_code == 409
    assert "without its table" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("train?targets=price&colour=9", "query parameter 'colour' is not known; known are "),
        ("train?target=price", "query parameter 'target' is not known; did you mean 'targets'?"),
        (
            "train?targets=price&hiden_layers=3",
            "query parameter 'hiden_layers' is not known; did you mean 'hidden_layers'?",
        ),
        (
            "train?targets=price&targets=width",
            "query parameter 'targets' is given twice: give it once, names separated by commas, such as ?targets=price,width",
        ),
        ("train?targets=price&ignore=width&ignore=height", "query parameter 'ignore' is given twice"),
        ("train?targets=price&features=widht,height", "the table has no column 'widht'"),
        ("versions/1/predict?covrage=0.5", "query parameter 'covrage' is not known; did you mean 'coverage'?"),
        ("predict?coverage=0.5&coverage=0.6", "query parameter 'coverage' is given twice"),
        ("versions/1/evaluate?targets=price", "query parameter 'targets' is not known; known are coverage, ignore"),
    ],
)
def test_a_query_parameter_that_is_mistyped_or_given_twice_is_named(server: Server, path: str, detail: str) -> None:
    declared(server, "csv-options")
    answer = post(server, f"/models/csv-options/{path}", PRICES)

    assert answer.status_code == 422
    (error, *_) = answer.json()["errors"]
    assert error["detail"].startswith(detail)
    assert error["pointer"] == ""


def test_a_version_is_judged_by_rows_with_answers(server: Server) -> None:
    declared(server, "csv-judged")
    path = "/models/csv-judged/versions/1/evaluate"
    as_csv = post(server, f"{path}?coverage=0.8", PRICES).json()
    rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(io.StringIO(PRICES))]

    assert as_csv["rows"] == 5
    assert set(as_csv["scores"]["price"]) == {"rmse", "mae", "r2", "coverage", "log_likelihood"}
    assert server.client.post(path, json={"rows": rows, "coverage": 0.8}).json() == as_csv
    assert server.client.post(path, json={"rows": [{"width": 1, "height": 2}]}).status_code == 422
