"""`GET /models/{name}/versions/{version}/fit`: the rows that a version was trained with, beside what it answers for them."""

from typing import Any

import pytest

from tests.support.problems import problem
from tests.support.server import Server
from tests.support.tables import TABLE

CSV = {"Content-Type": "text/csv"}


def train(server: Server, name: str, table: str, query: str) -> str:
    answer = server.client.post(f"/models/{name}/train?{query}", content=table, headers=CSV)
    assert answer.status_code == 200, answer.text
    return f"/models/{name}/versions/{answer.json()['model_version']}"


def predict(server: Server, version: str, fit: Any, **options: Any) -> Any:
    """Return the answers to the rows of a fit, asked as anyone would."""
    answer = server.client.post(f"{version}/predict", json=fit["features"], params=options)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_it_tells_the_table_and_the_answers_that_predictions_are(server: Server) -> None:
    version = f"/models/exam-score/versions/{server.train(TABLE).json()['model_version']}"

    fit = server.client.get(f"{version}/fit?coverage=0.8").json()

    assert (fit["rows"], fit["row_numbers"], fit["coverage"]) == (3, [0, 1, 2], 0.8)
    assert fit["features"] == {name: [row[name] for row in TABLE] for name in ("hours_studied", "hours_slept")}
    assert fit["targets"] == {"score": [row["score"] for row in TABLE]}
    asked = predict(server, version, fit, coverage=0.8)
    assert fit["predictions"]["score"] == [each["score"] for each in asked["predictions"]]
    for side in ("lower", "upper"):
        assert fit["intervals"]["score"][side] == [each["score"][side] for each in asked["intervals"]]
    assert fit["ranges"] == {
        "hours_studied": {"minimum": 1, "maximum": 3},
        "hours_slept": {"minimum": 5, "maximum": 9},
    }


def test_of_a_classifier_it_tells_words_and_probabilities(server: Server) -> None:
    rows = "".join(f"{x},{'hot' if x > 5 else 'cold'}\n" for x in range(12))
    version = train(server, "weather", f"x,feels\n{rows}", "targets=feels")

    fit = server.client.get(f"{version}/fit").json()

    asked = predict(server, version, fit)
    assert fit["targets"]["feels"] == ["cold"] * 6 + ["hot"] * 6
    assert fit["predictions"]["feels"] == [each["feels"] for each in asked["predictions"]]
    assert fit["probabilities"]["feels"]["hot"] == [each["feels"]["hot"] for each in asked["probabilities"]]
    assert fit["intervals"] is None
    assert fit["unseen"]["intervals"] is None
    assert set(fit["unseen"]["predictions"]["feels"]) == {"hot", "cold"}
    cold, hot = (fit["unseen"]["probabilities"]["feels"][word] for word in ("cold", "hot"))
    assert [one + other for one, other in zip(cold, hot, strict=True)] == pytest.approx([1] * 12)
    assert fit["judged_by"].startswith("each row was left out")


def test_words_dates_and_gaps_are_told_as_they_are_asked(server: Server) -> None:
    table = "when,wood,width,price\n31/01/2024,oak,2,5\n01/02/2024,pine,,6\n03/02/2024,oak,4,7.5\n04/02/2024,pine,5,8\n"
    version = train(server, "woods", table, "targets=price&missing=mean")

    fit = server.client.get(f"{version}/fit").json()

    assert fit["features"] == {
        "when": ["2024-01-31", "2024-02-01", "2024-02-03", "2024-02-04"],
        "wood": ["oak", "pine", "oak", "pine"],
        "width": [2, None, 4, 5],
    }
    assert fit["ranges"]["when"] == {"minimum": "2024-01-31", "maximum": "2024-02-04"}
    assert "wood" not in fit["ranges"]
    assert len(predict(server, version, fit)["predictions"]) == 4


def test_of_a_long_table_evenly_spaced_rows_are_told(server: Server) -> None:
    rows = "".join(f"{x},{2 * x}\n" for x in range(901))
    version = train(server, "long", f"x,y\n{rows}", "targets=y&trainer=gradient_descent&max_epochs=1")

    fit = server.client.get(f"{version}/fit?limit=10").json()

    assert (fit["rows"], fit["shown"], fit["row_numbers"]) == (901, 10, list(range(0, 901, 100)))
    assert fit["features"]["x"] == [float(number) for number in fit["row_numbers"]]
    assert fit["ranges"]["x"] == {"minimum": 0, "maximum": 900}


def test_it_tells_what_was_said_of_the_rows_unseen_at_any_coverage(server: Server) -> None:
    """Its errors are those of the report, and its intervals widen with the coverage."""
    rows = "".join(f"{x},{x * x + x % 3}\n" for x in range(20))
    version = train(server, "squares", f"x,y\n{rows}", "targets=y")
    report = server.client.get(version).json()["report"]

    fit, narrow = (server.client.get(f"{version}/fit?coverage={coverage}").json() for coverage in (0.95, 0.5))

    errors = [said - true for said, true in zip(fit["unseen"]["predictions"]["y"], fit["targets"]["y"], strict=True)]
    assert (sum(error**2 for error in errors) / 20) ** 0.5 == pytest.approx(report["leave_one_out"]["y"]["rmse"])
    assert fit["judged_by"] == report["judged_by"]
    assert "folds" in fit["judged_by"]
    ends = fit["unseen"]["intervals"]["y"], narrow["unseen"]["intervals"]["y"]
    assert all(wide < less for wide, less in zip(*(each["lower"] for each in ends), strict=True))
    assert narrow["unseen"]["predictions"] == fit["unseen"]["predictions"]
    assert fit["unseen"]["predictions"] != fit["predictions"]


def test_of_a_table_whose_rows_were_kept_in_part_those_are_told(server: Server) -> None:
    rows = "".join(f"{x},{2 * x}\n" for x in range(2001))
    version = train(server, "fits-longer", f"x,y\n{rows}", "targets=y&trainer=lbfgs&max_epochs=2&members=1")

    fit = server.client.get(f"{version}/fit?limit=2000").json()

    assert (fit["rows"], fit["shown"], fit["row_numbers"][0], fit["row_numbers"][-1]) == (2001, 1000, 0, 2000)
    assert len(fit["unseen"]["predictions"]["y"]) == len(fit["targets"]["y"]) == 1000
    assert fit["features"]["x"] == [float(number) for number in fit["row_numbers"]]
    assert "leverage" in fit["judged_by"]


def test_where_nothing_was_said_of_unseen_rows_it_is_null(server: Server) -> None:
    version = train(server, "single", "x,y\n1,2\n", "targets=y")

    fit = server.client.get(f"{version}/fit").json()

    assert (fit["unseen"], fit["judged_by"], fit["shown"]) == (None, None, 1)


def test_a_table_that_was_not_kept_is_a_conflict(server: Server) -> None:
    rows = [{"x": x, "y": 2 * x} for x in range(5)]
    body = {"rows": rows, "keep_table": False, "trainer": {"name": "gradient_descent", "max_epochs": 1}}
    answer = server.client.post("/models/unkept/train?targets=y", json=body)

    version = f"/models/unkept/versions/{answer.json()['model_version']}"
    assert "without its table" in problem(server.client.get(f"{version}/fit"), 409)["detail"]


@pytest.mark.parametrize("query", ["limit=0", "limit=2001", "coverage=1", "coverage=x"])
def test_what_it_cannot_tell_is_refused(server: Server, query: str) -> None:
    name = query.partition("=")[0]

    assert name in problem(server.client.get(f"/models/exam-score/versions/1/fit?{query}"), 422)["detail"]
