"""Data frames and arrays in and out of the client: types of columns, gaps, indices, and tables too long for one request."""

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from scorecast.client import Client, Refused
from scorecast.client.frames import read_frame
from tests.support.server import Server

QUICK: dict[str, Any] = {"trainer": "lbfgs", "max_epochs": 10}
ROWS = 12
DAYS = [dt.datetime(2024, 1, 1) + dt.timedelta(days=7 * x) for x in range(ROWS)]
COLUMNS: dict[str, list[Any]] = {
    "size": [None if x == 5 else x for x in range(ROWS)],
    "code": [x % 3 for x in range(ROWS)],
    "is_new": [None if x == 2 else x % 2 == 0 for x in range(ROWS)],
    "wood": [None if x == 7 else ("oak" if x % 2 else "pine") for x in range(ROWS)],
    "when": DAYS,
    "price": [2.5 * x + 1 for x in range(ROWS)],
}
"""Numbers, codes that are categories, truth values, words, dates; gaps in some."""
KINDS = {"size": "number", "code": "category", "is_new": "category", "wood": "category", "when": "date"}


def as_pandas(columns: dict[str, list[Any]]) -> pd.DataFrame:
    types = {"size": "Int64", "code": "category", "is_new": "boolean", "wood": "string", "when": "datetime64[ns]"}
    index = [f"row {x}" for x in range(len(columns["size"]))]
    return pd.DataFrame(columns, index=index).astype({name: types[name] for name in types if name in columns})


def as_plain_pandas(columns: dict[str, list[Any]]) -> pd.DataFrame:
    """With the types that pandas chooses by itself: floats with NaN, objects."""
    return pd.DataFrame(columns).astype({"code": "category"})


def as_polars(columns: dict[str, list[Any]]) -> pl.DataFrame:
    frame = pl.DataFrame(columns)
    return frame.with_columns(pl.col("code").cast(pl.String).cast(pl.Categorical))


MAKERS: dict[str, Callable[[dict[str, list[Any]]], Any]] = {
    "pandas": as_pandas,
    "plain-pandas": as_plain_pandas,
    "polars": as_polars,
}


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[Client]:
    with Client(str(server.client.base_url)) as client:
        yield client


@pytest.mark.parametrize("maker", MAKERS)
def test_types_of_columns_are_kept(client: Client, maker: str) -> None:
    frame = MAKERS[maker](COLUMNS)

    client.train(f"frames-{maker}", frame, targets="price", missing="mean", **QUICK)

    features = client.model(f"frames-{maker}").document["features"]
    assert {each["name"]: each["kind"] for each in features} == KINDS
    assert {each["name"]: each["categories"] for each in features}["code"] == ["0", "1", "2"]


def test_all_kinds_of_frames_mean_the_same(client: Client) -> None:
    answers = []
    for maker in MAKERS.values():
        client.train("frames-same", maker(COLUMNS), targets="price", missing="mean", **QUICK)
        answers.append(client.predict("frames-same", maker(COLUMNS))["price"].to_list())

    assert answers[0] == answers[1] == answers[2]


def test_a_frame_is_answered_by_one_of_its_kind(client: Client) -> None:
    columns = {name: COLUMNS[name] for name in ("size", "wood", "price")}
    shuffled = pd.DataFrame(columns, index=pd.Index(range(100, 100 + ROWS), name="id")).sample(frac=1, random_state=0)
    client.train("frames-kinds", shuffled, targets="price", missing="mean", **QUICK)

    answer = client.predict("frames-kinds", shuffled, coverage=0.8)
    other = client.predict("frames-kinds", pl.DataFrame(columns))
    bare = client.predict("frames-kinds", shuffled, coverage=None)

    assert isinstance(answer, pd.DataFrame)
    assert list(answer.columns) == ["price", "price_lower", "price_upper", "extrapolated"]
    assert answer.index.equals(shuffled.index)
    assert answer.index.name == "id"
    assert (answer["price_lower"] < answer["price_upper"]).all()
    assert list(bare.columns) == ["price", "extrapolated"]
    assert isinstance(other, pl.DataFrame)
    assert other["price"].to_list() == answer["price"].sort_index().to_list()
    assert client.evaluate("frames-kinds", shuffled).rows == ROWS


def test_bounds_that_are_not_known_are_numbers_too(client: Client) -> None:
    frame = pd.DataFrame({"a": range(ROWS), "same": 1.0})
    client.train("frames-unknown", frame, targets="same", **QUICK)

    answer = client.predict("frames-unknown", frame)

    assert answer["same_lower"].dtype == float
    assert client.predict("frames-unknown", pl.DataFrame({"a": [1]}))["same_lower"].to_list() == [None]


def test_classes_come_with_their_probabilities(client: Client) -> None:
    frame = pd.DataFrame({"size": range(ROWS), "wood": ["oak" if x < 6 else "pine" for x in range(ROWS)]})
    client.train("frames-classes", frame, targets="wood")

    answer = client.predict("frames-classes", frame[["size"]])

    assert list(answer.columns) == ["wood", "wood_oak", "wood_pine", "extrapolated"]
    assert np.allclose(answer["wood_oak"] + answer["wood_pine"], 1)


def test_an_array_is_answered_by_an_array(client: Client) -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(ROWS, 2))
    client.train("frames-array", {"a": values[:, 0], "b": values[:, 1], "sum": values.sum(1)}, targets="sum", **QUICK)

    answer = client.predict("frames-array", values)

    assert isinstance(answer, np.ndarray)
    assert answer.shape == (ROWS,)
    assert answer.tolist() == client.predict("frames-array", pd.DataFrame(values, columns=["a", "b"]))["sum"].tolist()
    with pytest.raises(ValueError, match=r"shape \(rows, 2\), not \(12, 1\)"):
        client.predict("frames-array", values[:, :1])
    with pytest.raises(TypeError, match="no names of columns"):
        client.train("frames-array", values, targets="sum")


@pytest.mark.slow
def test_a_long_table_is_sent_in_pieces_and_answered_as_one(client: Client) -> None:
    values = np.random.default_rng(1).normal(size=(60_000, 8))
    names = [f"x{place}" for place in range(8)]
    frame = pd.DataFrame(values, columns=names)
    client.train("frames-long", frame[:200].assign(y=values[:200].sum(1)), targets="y", **QUICK)

    answer = client.predict("frames-long", frame, coverage=None)

    assert len(answer) == 60_000
    few = frame.iloc[[0, 24_999, 25_000, 59_999]]
    assert client.predict("frames-long", few, coverage=None)["y"].tolist() == answer.loc[few.index, "y"].tolist()


@pytest.mark.slow
def test_what_is_wrong_far_down_is_told_by_its_row(client: Client) -> None:
    frame = pd.DataFrame({"a": range(200_010), "b": 1.0})
    client.train("frames-rows", frame[:10], targets="b", **QUICK)
    wrong = frame[["a"]].astype(object)
    wrong.loc[200_005, "a"] = "many"

    with pytest.raises(Refused, match=r"^row 200006, column 'a'") as refused:
        client.predict("frames-rows", wrong)

    assert refused.value.errors[0]["pointer"] == "/rows/200005/a"


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([dt.date(2024, 1, 31), None], ["2024-01-31", None]),
        ([dt.time(17, 30), None], ["17:30:00", None]),
        ([pd.Timestamp("2024-01-31 12:00", tz="Europe/Berlin"), pd.NaT], ["2024-01-31T12:00:00+01:00", None]),
        ([pd.Timedelta(hours=36), pd.NaT], [1.5, None]),
        ([Decimal("1.25"), None], [1.25, None]),
        ([pd.Period("2024-01"), pd.NaT], ["2024-01", None]),
        ([pd.Interval(0, 5), pd.Interval(5, 10)], ["(0, 5]", "(5, 10]"]),
        ([np.float32(0.5), np.int8(3)], [0.5, 3]),
        (["a", np.nan, pd.NA, 2], ["a", None, None, 2]),
    ],
)
def test_values_become_cells(cells: list[Any], expected: list[Any]) -> None:
    columns, _ = read_frame(pd.DataFrame({"x": pd.Series(cells), "y": pd.Series(cells, dtype=object)}))

    assert columns == {"x": expected, "y": expected}


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([1.0, np.inf], "row 2, column 'x': an infinite number"),
        ([[1], [2]], "column 'x': a cell cannot be list"),
        ([1j, 2j], "column 'x': a cell cannot be complex"),
    ],
)
def test_values_that_are_no_cells_are_told_by_their_column(cells: list[Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        read_frame(pd.DataFrame({"x": cells}))


def test_columns_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two columns of the table are called '1'"):
        read_frame(pd.DataFrame([[1, 2]], columns=[1, "1"]))


def test_a_frame_has_a_column_for_each_figure(client: Client) -> None:
    client.train("frames-of-figures", pd.DataFrame({"width": range(1, 13), "price": range(3, 27, 2)}), targets="price")
    asked: dict[str, Any] = {
        "coverage": [0.5, 0.9],
        "quantiles": [0.1, 0.5],
        "standard_deviation": True,
        "above": [10, 12.5],
    }

    answer = client.predict("frames-of-figures", pd.DataFrame({"width": [2.5, 7.0]}), between=[8, 9], **asked)

    assert [*answer.columns] == [
        *("price", "price_lower_0.5", "price_upper_0.5", "price_lower_0.9", "price_upper_0.9"),
        *("price_q0.1", "price_q0.5", "price_above_10", "price_above_12.5", "price_standard_deviation"),
        *("price_between", "extrapolated"),
    ]
    assert (answer["price_lower_0.9"] <= answer["price_lower_0.5"]).all()
    assert (answer["price_q0.1"] <= answer["price_q0.5"]).all()
    assert answer["price_above_10"].between(0, 1).all()
