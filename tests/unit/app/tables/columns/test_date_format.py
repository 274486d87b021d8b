"""Date formats: any moment, written in any of them, is read as that moment, and written again as ISO 8601."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tables.cells import format_cells, parse_cells
from app.tables.columns import DAY_FIRST, MONTH_FIRST, AmbiguousDates, DateFormat, find_date_format
from model.table import Column

EPOCH = dt.datetime(1970, 1, 1)
MOMENTS = st.datetimes(dt.datetime(1970, 1, 1), dt.datetime(2068, 12, 31))
WAYS = {
    "2024-01-31": [
        "%Y-%m-%d",
        "%Y/%m/%d",
        "%d %b %Y",
        "%d-%b-%y",
        "%B %d, %Y",
        "%b %d %Y",
        "%a, %d %b %Y",
        "%A, %B %d, %Y",
    ],
    "31/01/2024": ["%d/%m/%Y", "%d/%m/%y", "%d.%m.%Y", "%d-%m-%Y", "%d.%m.%y"],
    "01/31/2024": ["%m/%d/%Y", "%m/%d/%y", "%m-%d-%Y"],
}
TIMES = ["T%H:%M:%S.%f", " %H:%M:%S", " %I:%M:%S %p", "T%H:%M:%SZ", " %H:%M:%S+00:00"]


def days(moment: dt.datetime) -> float:
    return (moment - EPOCH) / dt.timedelta(days=1)


@pytest.mark.parametrize(("name", "way"), [(name, way) for name, ways in WAYS.items() for way in ways])
@given(moment=MOMENTS, time=st.sampled_from(TIMES))
def test_a_moment_is_read_as_it_is_written(name: str, way: str, moment: dt.datetime, time: str) -> None:
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    whole = moment if "%f" in time else moment.replace(microsecond=0)

    assert DateFormat(name).read(moment.strftime(way)) == days(midnight)
    assert DateFormat(name).read(moment.strftime(way + time)) == pytest.approx(days(whole), abs=1e-10)


@given(st.lists(MOMENTS, min_size=1, max_size=20))
def test_dates_that_are_written_are_read_again(moments: list[dt.datetime]) -> None:
    column = Column("when", kind="date")
    values = np.array([*map(days, moments), np.nan])
    cells = format_cells(values, column)

    assert cells[-1] == ""
    np.testing.assert_allclose(parse_cells(cells[:-1], column)[0], values[:-1], atol=1e-10, rtol=0)


@pytest.mark.parametrize(("zone", "hours"), [("Z", 0), ("+02:00", -2), ("-0530", 5.5), ("+01", -1), (" UTC", 0)])
def test_a_zone_is_brought_to_utc(zone: str, hours: float) -> None:
    assert DateFormat().read(f"2024-01-31T12:00:00{zone}") == pytest.approx(19753.5 + hours / 24, abs=1e-10)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "2024", "20240131", "2024-13-01", "2024-02-30", "31/01/2024", "3.9.18", "17:30", "2024-01-31T25:00", "2024-01-31T10:61", "1-2", "31 Foo 2024", "2024-01-31 13:00 pm", "1/2/3/2024"],
)  # fmt: skip
def test_what_is_no_date_is_none(text: str) -> None:
    assert np.isnan(DateFormat().read(text))


@pytest.mark.parametrize(
    ("texts", "asked", "name"),
    [
        (["31/01/2024", "01/02/2024"], None, "31/01/2024"),
        (["01/31/2024", "01/02/2024"], DAY_FIRST, "01/31/2024"),
        (["03/01/2024", "01/02/2024"], DAY_FIRST, "31/01/2024"),
        (["03/01/2024", "01/02/2024"], MONTH_FIRST, "01/31/2024"),
        (["03.01.2024", "01.02.2024"], None, "31.01.2024"),
        (["03.01.2024 12:00", "01.02.2024 13:00"], None, "31.01.2024 17:30:00"),
        (["12:00", "13:00:30"], None, "17:30:00"),
        (["2024-01-01", "2024-01-02T10:00Z"], None, "2024-01-31T17:30:00"),
        (["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04", "soon"], None, "2024-01-31"),
        (["2024-01-01", "2024-01-02", "2024-01-03", "soon"], None, None),
        (["soon", "late"], None, None),
        ([], None, None),
    ],
)
def test_a_column_has_one_format(texts: list[str], asked: str | None, name: str | None) -> None:
    found = find_date_format(texts, len(texts), asked)

    assert (found and found.name) == name


def test_what_no_cell_tells_is_not_guessed() -> None:
    with pytest.raises(AmbiguousDates, match="01/02/2024"):
        find_date_format(["03/01/2024", "01/02/2024"], 2, None)
    with pytest.raises(ValueError, match="'31/01/2024' has the day first, but '01/31/2024' the month"):
        find_date_format(["31/01/2024", "01/31/2024"], 2, None)
