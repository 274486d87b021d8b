"""Dates and times as a feature: a trend, and the circles of year, week and day; read, asked, named and refused."""

import datetime as dt
import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from tests.support.forms import XLSX, as_xlsx
from tests.support.server import Server

QUICK = "members=1&max_epochs=5"
FIRST = dt.datetime(2024, 1, 1)
DAYS = [FIRST + dt.timedelta(days=row) for row in range(40)]


def post(server: Server, path: str, body: bytes, kind: str = "text/csv", accept: str = "application/json") -> Any:
    answer = server.client.post(
        f"/models/{path}", content=body, headers={"Content-Type": kind, "Accept": accept}, timeout=120
    )
    return answer.json() if answer.headers["content-type"].endswith("json") else answer.text


def make_rows(dates: Sequence[str]) -> list[dict[str, Any]]:
    """Sales that rise by one a day."""
    return [{"when": date, "b": row % 3, "sales": row + 2 * (row % 3)} for row, date in enumerate(dates)]


def make_table(dates: Sequence[str]) -> bytes:
    rows = make_rows(dates)
    return ("when;b;sales\n" + "".join(f"{row['when']};{row['b']};{row['sales']}\n" for row in rows)).encode()


def features(server: Server, model: str) -> list[dict[str, Any]]:
    return list(server.client.get(f"/models/{model}").json()["features"])


@pytest.mark.parametrize(
    ("name", "form", "query", "reading", "said"),
    [
        ("iso", "%Y-%m-%d", "", "2024-01-31", "dates, such as 2024-01-31"),
        ("iso-times", "%Y-%m-%dT%H:%M:%S", "", "2024-01-31T17:30:00", "dates, such as 2024-01-31T17:30:00"),
        ("sql", "%Y-%m-%d %H:%M", "", "2024-01-31T17:30:00", "dates, such as 2024-01-31T17:30:00"),
        ("zulu", "%Y-%m-%dT%H:%M:%SZ", "", "2024-01-31T17:30:00", "dates, such as 2024-01-31T17:30:00"),
        ("slashes", "%Y/%m/%d", "", "2024-01-31", "dates, such as 2024-01-31"),
        ("german", "%d.%m.%Y", "", "31.01.2024", "dates, such as 31.01.2024, day first"),
        ("british", "%d/%m/%Y", "", "31/01/2024", "dates, such as 31/01/2024, day first"),
        ("american", "%m/%d/%Y", "", "01/31/2024", "dates, such as 01/31/2024, month first"),
        ("short", "%m/%d/%y", "", "01/31/2024", "dates, such as 01/31/2024, month first"),
        ("hyphens", "%d-%m-%Y", "", "31-01-2024", "dates, such as 31-01-2024, day first"),
        ("half", "%m/%d/%Y %I:%M %p", "", "01/31/2024 17:30:00", "dates, such as 01/31/2024 17:30:00, month first"),
        ("month", "%d %b %Y", "", "2024-01-31", "dates, such as 2024-01-31"),
        ("excel", "%d-%b-%y", "", "2024-01-31", "dates, such as 2024-01-31"),
        ("us-month", "%B %d, %Y", "", "2024-01-31", "dates, such as 2024-01-31"),
    ],
)
def test_a_column_of_dates_is_read_told_and_asked_in_its_own_way(
    server: Server, name: str, form: str, query: str, reading: str, said: str
) -> None:
    model = f"dates-{name}"
    trained = post(server, f"{model}/train?targets=sales&{QUICK}{query}", make_table([d.strftime(form) for d in DAYS]))
    assert trained["read"] == [f"when: {said}"], trained
    when, _ = features(server, model)
    assert (when["kind"], when["reading"], when["categories"]) == ("date", reading, [])

    asked = [DAYS[20].strftime(form), DAYS[20].isoformat(), "2024-01-21"]
    answers = [server.client.post(f"/models/{model}/predict", json={"when": text, "b": 1}).json() for text in asked]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["extrapolated"] == []
    as_csv = post(server, f"{model}/predict", f'when;b\n"{asked[0]}";1\n'.encode())
    assert as_csv["predictions"] == [answers[0]["prediction"]]


@pytest.mark.parametrize("mark", ["/", "-"])
def test_dates_that_may_be_read_in_two_ways_are_refused_until_the_order_is_said(server: Server, mark: str) -> None:
    table = make_table([f"{row % 12 + 1:02}{mark}{row % 5 + 1:02}{mark}2024" for row in range(30)])
    refused = post(server, "ambiguous/train?targets=sales", table)
    assert refused["detail"] == (
        f"column 'when': '01{mark}01{mark}2024' may have the day or the month first, and no cell tells; say ?dates=day-first or "
        "?dates=month-first; ?ignore=when leaves it out"
    )
    assert server.client.get("/models/ambiguous").status_code == 404

    for order, day in (("day-first", "2024-04-03"), ("month-first", "2024-03-04")):
        model = f"order-{order}-{'slash' if mark == '/' else 'hyphen'}"
        trained = post(server, f"{model}/train?targets=sales&dates={order}&{QUICK}", table)
        assert trained["read"][0].endswith(order.replace("-", " "))
        said = [
            server.client.post(f"/models/{model}/predict", json={"when": text, "b": 1}).json()
            for text in (f"03{mark}04{mark}2024", day)
        ]
        assert said[0] == said[1]
        other = "month-first" if order == "day-first" else "day-first"
        again = post(server, f"{model}/train?targets=sales&dates={other}&{QUICK}", table)
        assert again["status"] == 409
        assert f"its column 'when' is read {order}" in again["detail"]


def test_dates_of_two_orders_are_refused(server: Server) -> None:
    answer = post(server, "two-orders/train?targets=sales", make_table(["31/01/2024", "01/31/2024"] * 6))
    assert "'31/01/2024' has the day first, but '01/31/2024' the month" in answer["detail"]


@pytest.mark.parametrize("wrong", ["soon", "2024-02-30", "20240131", "31/01/2024"])
def test_a_few_cells_that_are_no_dates_are_refused_by_cell(server: Server, wrong: str) -> None:
    dates = [day.strftime("%Y-%m-%d") for day in DAYS[:11]] + [wrong]
    for body, kind in ((make_table(dates), "text/csv"), (json.dumps(make_rows(dates)).encode(), "application/json")):
        answer = post(server, "nearly-dates/train?targets=sales", body, kind)
        if wrong == "31/01/2024":  # by it alone the order is known
            assert answer["status"] == "succeeded"
            continue
        assert answer["errors"] == [
            {
                "detail": f"row 12, column 'when': should be a date, such as 2024-01-31, not {wrong!r}; ?categories=when takes "
                f"the column's cells for categories, ?marks={wrong} that one for a missing value",
                "pointer": "/rows/11/when",
            }
        ]
    server.client.delete("/models/nearly-dates")


@pytest.mark.parametrize("asked", ["soon", 19753, True, "2024-13-01", "17:30"])
def test_what_is_no_date_is_refused_when_it_is_asked(server: Server, asked: Any) -> None:
    post(server, f"asked-dates/train?targets=sales&{QUICK}", make_table([d.strftime("%Y-%m-%d") for d in DAYS]))
    answers = [
        server.client.post("/models/asked-dates/predict", json=body).json()
        for body in ({"when": asked, "b": 1}, {"rows": [{"when": asked, "b": 1}]})
    ]
    for answer, pointer in zip(answers, ("/when", "/rows/0/when"), strict=True):
        assert answer["status"] == 422
        assert answer["errors"][0]["pointer"] == pointer
        assert "column 'when'" in answer["errors"][0]["detail"] or "'when': " in answer["errors"][0]["detail"]
        assert "should be a date, such as 2024-01-31" in answer["errors"][0]["detail"]


def test_a_date_outside_the_table_is_called_extrapolated(server: Server) -> None:
    post(server, f"outside-dates/train?targets=sales&{QUICK}", make_table([d.strftime("%Y-%m-%d") for d in DAYS]))
    rows = [{"when": when, "b": 1} for when in ("2023-06-01", "2024-01-15", "2024-08-01")]
    answer = server.client.post("/models/outside-dates/predict", json={"rows": rows}).json()
    table = post(server, "outside-dates/predict", b"when,b\n2024-08-01,1\n", accept="text/csv")

    assert answer["extrapolated"] == [["when"], [], ["when"]]
    assert table.splitlines()[1].startswith("2024-08-01,1,")
    assert table.splitlines()[1].endswith(",when")


def learn(
    server: Server, model: str, dates: Sequence[dt.datetime], tell: Callable[[dt.datetime], float], text: str
) -> Callable[[dt.datetime], float]:
    """Train on what is told of dates; returns what the model says of one."""
    rng = np.random.default_rng(5)
    body = "when,y\n" + "".join(
        f"{date.strftime(text)},{tell(date) + rng.normal(0, 0.1):.4f}\n" for date in rng.permutation(np.array(dates))
    )
    trained = post(server, f"{model}/train?targets=y", body.encode())
    assert trained["status"] == "succeeded", trained
    assert features(server, model)[0]["kind"] == "date"

    def ask(date: dt.datetime) -> float:
        body = {"when": date.strftime(text)}
        return float(server.client.post(f"/models/{model}/predict", json=body).json()["prediction"]["y"])

    return ask


@pytest.mark.slow
def test_the_parts_of_year_week_and_day_are_learned(server: Server) -> None:
    years = [FIRST + dt.timedelta(days=3 * row) for row in range(365)]
    by_year = learn(
        server, "years", years, lambda date: 5 * np.cos(2 * np.pi * date.timetuple().tm_yday / 365), "%Y-%m-%d"
    )
    weeks = [FIRST + dt.timedelta(days=row) for row in range(140)]
    by_week = learn(server, "weeks", weeks, lambda date: 5.0 * (date.weekday() >= 5), "%d.%m.%Y")
    hours = [FIRST + dt.timedelta(hours=7 * row) for row in range(140)]
    by_hour = learn(server, "hours", hours, lambda date: 5 * np.sin(2 * np.pi * date.hour / 24), "%Y-%m-%dT%H:%M")

    assert by_year(dt.datetime(2025, 7, 1)) == pytest.approx(-5, abs=0.7)
    assert by_year(dt.datetime(2025, 12, 30)) == pytest.approx(5, abs=0.7)
    assert by_week(dt.datetime(2024, 3, 16)) > 3.5
    assert by_week(dt.datetime(2024, 3, 13)) < 1.5
    assert by_hour(dt.datetime(2024, 1, 20, 6)) == pytest.approx(5, abs=1)
    assert by_hour(dt.datetime(2024, 1, 20, 18)) == pytest.approx(-5, abs=1)


def test_times_of_day_alone_are_read(server: Server) -> None:
    times = [f"{row % 24:02}:{row * 7 % 60:02}" for row in range(40)]
    trained = post(server, f"times/train?targets=sales&{QUICK}", make_table(times))
    assert trained["read"] == ["when: times of day, such as 17:30:00"]
    said = [
        server.client.post("/models/times/predict", json={"when": text, "b": 1}).json() for text in ("17:30", "5:30 pm")
    ]
    assert said[0] == said[1]
    kept = server.client.get("/models/times/versions/1/table").text.splitlines()
    assert kept[2].startswith("01:07:00.000000,")
    assert post(server, f"times/train?extend=true&{QUICK}", make_table(times))["rows"] == 80


def test_date_cells_of_a_workbook_are_dates(server: Server) -> None:
    rows = [{**row, "when": day} for row, day in zip(make_rows([""] * 40), DAYS, strict=True)]
    trained = post(server, f"workbook-dates/train?targets=sales&{QUICK}", as_xlsx(rows), XLSX)
    assert trained["read"] == ["when: dates, such as 2024-01-31"], trained
    by_workbook = post(server, "workbook-dates/predict", as_xlsx([{"when": DAYS[7], "b": 1}]), XLSX)
    by_text = server.client.post("/models/workbook-dates/predict", json={"when": "2024-01-08", "b": 1}).json()
    assert by_workbook["predictions"] == [by_text["prediction"]]
    table = post(server, "workbook-dates/predict", as_xlsx(rows[:3]), XLSX, "text/csv")
    assert table.splitlines()[2].startswith("2024-01-02,1,")


def test_a_table_of_dates_is_evaluated_extended_exported_and_trained_on_again(server: Server) -> None:
    first, second = (make_table([d.strftime("%d.%m.%Y") for d in days]) for days in (DAYS[:25], DAYS[25:]))
    post(server, f"life-dates/train?targets=sales&{QUICK}", first)
    extended = post(server, f"life-dates/train?extend=true&{QUICK}", second)
    evaluated = post(server, "life-dates/versions/2/evaluate", second)
    kept = server.client.get("/models/life-dates/versions/2/table").text.splitlines()

    assert extended["rows"] == 40
    assert evaluated["rows"] == 15
    assert (kept[0], kept[1].split(",")[0], kept[40].split(",")[0]) == ("when,b,sales", "2024-01-01", "2024-02-09")
    assert server.client.get("/models/life-dates/versions/2/export").status_code == 200
    assert server.client.get("/models/life-dates/row-schema").json()["properties"]["when"]["type"] == "string"
    assert set(extended["relevance"]["sales"] if "sales" in extended["relevance"] else extended["relevance"]) >= {
        "when",
        "b",
    }


def test_missing_dates_are_filled_where_that_is_asked_for(server: Server) -> None:
    dates = [day.strftime("%Y-%m-%d") if row % 6 else "NaT" for row, day in enumerate(DAYS)]
    refused = post(server, "gap-dates/train?targets=sales", make_table(dates))
    assert refused["errors"][0]["detail"] == (
        "row 1, column 'when': 'NaT' stands for a missing value; ?missing=mean fills the gaps of features"
    )
    trained = post(server, f"gap-dates/train?targets=sales&missing=mean&{QUICK}", make_table(dates))
    assert trained["read"] == ["when: dates, such as 2024-01-31", "when: missing where it says NaT"]
    said = [
        server.client.post("/models/gap-dates/predict", json={"when": text, "b": 1}).json() for text in (None, "NaT")
    ]
    assert said[1].pop("read") == trained["read"]
    assert said[0] == said[1]
    assert "prediction" in said[0]


def test_a_column_of_dates_may_stay_categories_and_is_no_target(server: Server) -> None:
    table = make_table([DAYS[row % 4].strftime("%Y-%m-%d") for row in range(24)])
    assert post(server, f"date-words/train?targets=sales&categories=when&{QUICK}", table)["read"] == []
    assert features(server, "date-words")[0]["categories"] == [f"2024-01-0{day}" for day in range(1, 5)]
    refused = post(server, "date-target/train?targets=when", table)
    assert refused["detail"] == (
        "column 'when' holds dates, which cannot be predicted: predict a number, such as the days until then"
    )
    put = server.client.put(
        "/models/date-target", json={"features": [{"name": "x"}], "targets": [{"name": "when", "kind": "date"}]}
    )
    assert put.status_code == 422
    assert "cannot be predicted" in put.json()["detail"]


def test_a_column_of_dates_may_be_declared(server: Server) -> None:
    body = {"features": [{"name": "when", "kind": "date"}, {"name": "b"}], "targets": [{"name": "sales"}]}
    assert server.client.put("/models/declared-dates", json=body).status_code == 200
    trained = post(server, f"declared-dates/train?{QUICK}", make_table([d.strftime("%Y-%m-%d") for d in DAYS]))
    assert trained["status"] == "succeeded", trained
    wrong = post(server, "declared-dates/predict", b"when,b\n31/01/2024,1\n")
    assert (
        wrong["errors"][0]["detail"] == "row 1, column 'when': should be a date, such as 2024-01-31, not '31/01/2024'"
    )


def test_version_numbers_and_words_with_numbers_are_no_dates(server: Server) -> None:
    for name, words in (
        ("python", ["3.9.18", "3.10.13", "3.11.7"]),
        ("spans", ["1-2", "3-4", "5-6"]),
        ("rooms", ["2.1.a", "2.1.b", "c"]),
    ):
        post(server, f"no-dates-{name}/train?targets=sales&{QUICK}", make_table([words[row % 3] for row in range(24)]))
        assert features(server, f"no-dates-{name}")[0]["kind"] == "category"
