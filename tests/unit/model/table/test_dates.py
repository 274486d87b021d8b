"""Dates: which circles a column warrants, and the columns that it becomes."""

import numpy as np
import pytest

from model.errors import SignatureError
from model.table import CategoryEncoding, Column, Signature
from model.table.dates import CIRCLES, DAY_SINE, WEEK_SINE, YEAR_SINE, find_circles, turn

WHEN = Column("when", kind="date")
SIGNATURE = Signature((Column("a"), WHEN), (Column("y"),))


@pytest.mark.parametrize(
    ("days", "kinds"),
    [
        (np.arange(5.0), ""),
        (np.arange(13.0), ""),
        (np.arange(15.0), "week"),
        (np.arange(0, 300, 7.0), ""),
        (np.arange(0, 800, 7.0), "year"),
        (np.arange(0, 800, 30.4).round(), "year"),
        (np.arange(0, 800, 1.0), "year week"),
        (np.arange(0, 4000, 365.25).round(), ""),
        (np.arange(0, 3, 0.125), "day"),
        (np.arange(0, 1, 0.125), "day"),
        (19753 + np.arange(0, 1, 0.125), ""),
        (np.arange(0, 500, 0.25), "year week day"),
        (19753.5 + np.arange(0, 500, 1.0), "year week"),
        (np.array([np.nan, np.nan, 3.0]), ""),
        (np.zeros(50), ""),
    ],
)
def test_the_span_and_the_steps_of_dates_decide_their_circles(days: np.ndarray, kinds: str) -> None:
    names = {YEAR_SINE: "year", WEEK_SINE: "week", DAY_SINE: "day"}
    found = find_circles(days)

    assert " ".join(names[code] for code in found[::2]) == kinds
    assert [code - 1 for code in found[::2]] == found[1::2]


@pytest.mark.parametrize("code", CIRCLES)
def test_a_circle_comes_back_to_where_it_was(code: float) -> None:
    days = 19753.25 + np.arange(10.0) / 7
    period = CIRCLES[code][1]

    np.testing.assert_allclose(turn(days, code), turn(days + 40 * period, code), atol=1e-9)
    assert np.ptp(turn(np.linspace(0, period, 100), code)) == pytest.approx(2, abs=1e-2)


def test_dates_are_passed_on_and_turned() -> None:
    days = 19753 + np.arange(400.0)
    features = np.column_stack([np.arange(400.0), days])
    encoding = CategoryEncoding.fit(SIGNATURE, features)
    columns = encoding.apply(features)

    assert [column.name for column in encoding.columns(SIGNATURE)] == [
        "a", "when", "when (time of year, sine)", "when (time of year, cosine)", "when (time of week, sine)", "when (time of week, cosine)",
    ]  # fmt: skip
    np.testing.assert_array_equal(columns[:, 1], days)
    np.testing.assert_allclose((columns[:, 2:4] ** 2).sum(axis=1), 1)
    np.testing.assert_allclose(columns[7:, 4:], columns[:-7, 4:], atol=1e-9)


def test_a_date_beyond_the_table_is_outside_by_its_own_name() -> None:
    features = np.column_stack([np.zeros(400), 19753 + np.arange(400.0)])
    encoding = CategoryEncoding.fit(SIGNATURE, features)
    columns = encoding.apply(features)
    domain = np.stack([columns.min(axis=0), columns.max(axis=0)])
    asked = encoding.apply(np.array([[0.0, 19000.0], [0.0, 19800.5], [0.0, 20500.0]]))

    assert encoding.outside(asked, domain).tolist() == [[False, True], [False, False], [False, True]]


def test_a_blank_date_is_drawn_with_its_circles() -> None:
    signature = Signature((Column("a"), Column("when", kind="date", may_be_missing=True)), (Column("y"),))
    features = np.column_stack([np.arange(400.0), 19753 + np.arange(400.0)])
    features[::9, 1] = np.nan
    encoding = CategoryEncoding.fit(signature, features)
    draws = encoding.draw(features[:2])

    assert draws is not None
    assert np.isfinite(draws.columns).all()
    assert np.isfinite(encoding.apply(features)).all()


def test_dates_are_no_targets_and_have_no_bounds() -> None:
    with pytest.raises(SignatureError, match="cannot be predicted"):
        Signature((Column("a"),), (WHEN,))
    with pytest.raises(SignatureError, match="holds dates, which have no bounds"):
        Column("when", kind="date", minimum=0)
