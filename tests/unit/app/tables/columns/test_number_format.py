"""Number formats: whole columns are read as people write them, or not at all."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tables.columns import AmbiguousNumbers, NumberFormat, find_format, parse_format

FORMATS = st.builds(
    NumberFormat,
    st.sampled_from(["", "$", "€", "CHF", "US$"]),
    st.sampled_from(["", "%", " %", " kg", " km/h", "°", " m²"]),
    st.just(""),
    st.just("."),
).flatmap(
    lambda plain: st.sampled_from(
        [
            NumberFormat(plain.prefix, plain.suffix, group, decimal)
            for group, decimal in (("", "."), ("", ","), (",", "."), (".", ","), (" ", ","), ("'", "."))
        ]
    )
)


def write(value: float, chosen: NumberFormat) -> str:
    """As a spreadsheet set to a format writes a number, with two decimals."""
    text = f"{abs(value):,.2f}" if chosen.group else f"{abs(value):.2f}"
    text = text.replace(",", "_").replace(".", chosen.decimal).replace("_", chosen.group)
    return f"{'-' if value < 0 else ''}{chosen.prefix}{text}{chosen.suffix}"


@given(FORMATS, st.lists(st.integers(-(10**9), 10**9).map(lambda cents: cents / 100), min_size=1, max_size=20))
def test_numbers_are_read_back_as_they_were_written(chosen: NumberFormat, values: list[float]) -> None:
    texts = [write(value, chosen) for value in values]
    found = find_format(texts)

    assert found is not None
    assert [found.read(text) for text in texts] == values
    assert parse_format(found.name) == found
    assert parse_format(chosen.name) == chosen


@pytest.mark.parametrize(
    ("texts", "name", "values"),
    [
        (["15%", "7"], "1234.5%", [15, 7]),
        (["$625", "$1,050"], "$1,234.5", [625, 1050]),
        (["1,050", "950"], "1,234.5", [1050, 950]),
        (["1,050", "2000"], "1234,5", [1.05, 2000]),  # who groups digits writes 2,000
        (["0,125", "1,250"], "1234,5", [0.125, 1.25]),
        (["1.050.000", "900"], "1.234,5", [1_050_000, 900]),
        (["(1,234.50)", "$5"], "$1,234.5", [-1234.5, 5]),
        (["−5", "3"], "1234.5", [-5, 3]),  # noqa: RUF001 - the typographer's minus
        (["1\u00a0234,5", "7"], "1 234,5", [1234.5, 7]),
        (["1’234.50", "7"], "1'234.5", [1234.5, 7]),  # noqa: RUF001
        (["1e5", "$3"], "$1234.5", [100_000, 3]),
        (["$-5", "-$7.5"], "$1234.5", [-5, -7.5]),
        (["12 months", "3 months"], "1234.5 months", [12, 3]),
    ],
)
def test_a_column_has_the_format_that_suits_all_of_it(texts: list[str], name: str, values: list[float]) -> None:
    found = find_format(texts)

    assert found is not None
    assert found.name == name
    assert [found.read(text) for text in texts] == values


@pytest.mark.parametrize(
    "texts",
    [
        ["12", "14b"],
        ["Q1", "Q2"],
        ["1st", "2nd"],
        ["5 kg", "5 lb"],
        ["$5", "€5"],
        ["2021-01-01", "2021-02-01"],
        ["10:30", "11:00"],
        ["1,2,3"],
        ["1,23,456"],
        ["red", "5"],
        ["%"],
        [""],
        [],
    ],
)
def test_what_is_no_column_of_numbers_has_no_format(texts: list[str]) -> None:
    assert find_format(texts) is None


def test_a_comma_that_may_stand_for_two_things_is_told() -> None:
    with pytest.raises(AmbiguousNumbers, match="1,050"):
        find_format(["1,050", "2,125"])


def test_signs_may_be_left_out_when_a_number_is_asked_but_not_be_others() -> None:
    chosen = parse_format("$1,234.5")

    assert chosen.read("1050") == chosen.read("$1,050") == chosen.read(" 1050.0 ") == 1050.0
    assert all(math.isnan(chosen.read(text)) for text in ("€5", "1,05", "5 kg", "five", "", "nan", "1_000", "٣"))
