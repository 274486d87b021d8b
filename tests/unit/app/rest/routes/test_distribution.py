"""What may be asked of the predictive distribution, over a real server: in any form, consistent, and refused where it is wrong."""

from typing import Any

import pytest

from tests.support.forms import as_csv
from tests.support.problems import errors
from tests.support.server import Server
from tests.support.tables import QUESTION

ALL = {
    "coverage": [0.5, 0.9],
    "quantiles": [0.05, 0.25, 0.5, 0.75, 0.95],
    "standard_deviation": True,
    "above": [80, 92.5],
    "between": [95, 80],
}
QUERY = "coverage=0.5,0.9&quantiles=0.05,0.25,0.5,0.75,0.95&standard_deviation=true&above=80,92.5&between=95,80"
ROWS = [QUESTION, {"hours_studied": 1.5, "hours_slept": 6}]


def ask(server: Server, **members: Any) -> Any:
    answer = server.client.post("/predict", json={"rows": ROWS, **members})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_all_is_of_one_distribution(server: Server) -> None:
    told = ask(server, **ALL)
    narrow, wide = ask(server, coverage=0.5), ask(server, coverage=0.9)
    for row in range(len(ROWS)):
        quantiles = told["quantiles"][row]["score"]
        assert list(quantiles) == ["0.05", "0.25", "0.5", "0.75", "0.95"]
        assert sorted(quantiles.values()) == list(quantiles.values())
        interval = told["intervals"][row]["score"]
        assert interval["0.5"] == narrow["intervals"][row]["score"]
        assert interval["0.9"] == wide["intervals"][row]["score"]
        assert interval["0.5"] == pytest.approx({"lower": quantiles["0.25"], "upper": quantiles["0.75"]})
        assert interval["0.9"] == pytest.approx({"lower": quantiles["0.05"], "upper": quantiles["0.95"]})

        above = told["above"][row]["score"]
        assert above["80"] >= above["92.5"]
        for value, share in above.items():
            under = [float(name) for name, quantile in quantiles.items() if quantile < float(value)]
            over = [float(name) for name, quantile in quantiles.items() if quantile > float(value)]
            assert max(under, default=0) - 1e-9 <= 1 - share <= min(over, default=1) + 1e-9
        assert 0 <= told["between"][row]["score"] <= above["80"] + 1e-9
        assert told["standard_deviations"][row]["score"] > 0
    assert told["coverage"] == [0.5, 0.9]
    assert told["predictions"] == wide["predictions"]


def test_one_row_is_told_as_one_and_the_query_asks_the_same(server: Server) -> None:
    told = ask(server, **ALL)
    one = server.client.post(f"/predict?{QUERY}", json=QUESTION).json()

    assert {name: one[name] for name in ("quantiles", "above", "between", "coverage")} == {
        "quantiles": told["quantiles"][0],
        "above": told["above"][0],
        "between": told["between"][0],
        "coverage": told["coverage"],
    }
    assert one["interval"] == told["intervals"][0]
    assert one["standard_deviation"] == told["standard_deviations"][0]


def test_a_table_has_a_column_for_each_number(server: Server) -> None:
    told = ask(server, **ALL)
    answer = server.client.post(f"/predict?{QUERY}", content=as_csv(ROWS), headers={"Content-Type": "text/csv"})
    header, *lines = [line.split(",") for line in answer.text.splitlines()]

    assert header == [
        *("hours_studied", "hours_slept", "score"),
        *("score_lower_0.5", "score_upper_0.5", "score_lower_0.9", "score_upper_0.9"),
        *(f"score_q{name}" for name in ("0.05", "0.25", "0.5", "0.75", "0.95")),
        *("score_standard_deviation", "score_above_80", "score_above_92.5", "score_between_80_95", "extrapolated"),
    ]
    for row, line in enumerate(lines):
        cells = dict(zip(header, line, strict=True))
        assert float(cells["score_q0.25"]) == told["quantiles"][row]["score"]["0.25"]
        assert float(cells["score_upper_0.9"]) == told["intervals"][row]["score"]["0.9"]["upper"]
        assert float(cells["score_above_92.5"]) == told["above"][row]["score"]["92.5"]
        assert float(cells["score_between_80_95"]) == told["between"][row]["score"]


def test_means_and_intervals_may_be_left_out(server: Server) -> None:
    told = ask(server, coverage=None, quantiles=[0.5])

    assert "intervals" not in told
    assert "coverage" not in told
    assert list(told["quantiles"][0]["score"]) == ["0.5"]


WRONG = {
    "quantiles=1": "query parameter 'quantiles': should be less than or equal to 0.999999999",
    "quantiles=1e-300": "query parameter 'quantiles': should be greater than or equal to 0.000000001",
    "quantiles=0.5,x": "query parameter 'quantiles': should be numbers separated by commas, such as quantiles=0.1,0.9",
    "coverage=0.5,1": "query parameter 'coverage': should be less than 1",
    "coverage=2": "query parameter 'coverage': should be less than 1",
    "above=nan": "query parameter 'above': should be a finite number",
    "between=80": "query parameter 'between': should have at least 2 items, not 1",
    "standard_deviation=1,x": "query parameter 'standard_deviation': should be a valid boolean",
    "standard_deviation=2": "query parameter 'standard_deviation': should be a valid boolean",
    "quantiles=" + ",".join(["0.5"] * 101): "query parameter 'quantiles': should have at most 100 items, not 101",
}


@pytest.mark.parametrize("query", WRONG)
def test_what_is_wrong_is_named(server: Server, query: str) -> None:
    answer = server.client.post(f"/predict?{query}", json=QUESTION)

    assert errors(answer) == [(WRONG[query], "")]


def test_an_option_is_given_once(server: Server) -> None:
    answer = server.client.post("/predict?quantiles=0.5", json={"rows": ROWS, "quantiles": [0.5]})

    assert answer.status_code == 422
    assert "'quantiles' is given in the body and in the query" in answer.text


def test_categories_have_probabilities_instead(server: Server) -> None:
    rows = [{"size": size, "kind": "small" if size < 4 else "large"} for size in range(8)]
    trained = server.client.post("/models/distribution-of-classes/train?targets=kind", json={"rows": rows})
    assert trained.status_code == 200
    path = "/models/distribution-of-classes/predict"

    answer = server.client.post(f"{path}?above=3", json={"size": 1})
    assert answer.status_code == 422
    assert "the model predicts a category, for which this cannot be asked" in answer.text
    assert server.client.post(f"{path}?coverage=0.5,0.9", json={"size": 1}).status_code == 200


def test_what_cannot_be_estimated_is_null(server: Server) -> None:
    rows = [{"width": 1.0, "price": 2.0}]
    assert server.client.post("/models/distribution-of-one/train?targets=price", json={"rows": rows}).is_success

    query = "coverage=0.5,0.9&quantiles=0.5&standard_deviation=true&above=1&between=1,2"
    told = server.client.post(f"/models/distribution-of-one/predict?{query}", json={"width": 1}).json()

    assert told["interval"] == {"price": {"0.5": None, "0.9": None}}
    assert told["quantiles"] == {"price": {"0.5": None}}
    assert told["standard_deviation"] == told["between"] == {"price": None}
    assert told["above"] == {"price": {"1": None}}
    assert "cannot be estimated" in told["warnings"][0]


def test_too_many_numbers_are_refused_before_they_are_made(server: Server) -> None:
    lines = "hours_studied,hours_slept\n" + "4,8\n" * 120_000
    query = "quantiles=" + ",".join(str(number / 100) for number in range(1, 100))

    answer = server.client.post(f"/predict?{query}", content=lines, headers={"Content-Type": "text/csv"})

    assert answer.status_code == 413
    assert "numbers, of at most" in answer.text
