"""Shapes: what a column is shows in one text of each shape as it does in all of its texts."""

from collections.abc import Collection

from hypothesis import given
from hypothesis import strategies as st

from app.tables.cells.shapes import MAX_SHAPES, are_plain_numbers, find_shapes
from app.tables.columns import AmbiguousNumbers, find_format
from app.tables.columns.number_format import NumberFormat

FORMATS = st.builds(
    NumberFormat,
    prefix=st.sampled_from(["", "$", "€"]),
    suffix=st.sampled_from(["", "%", " kg", " €"]),
    group=st.sampled_from(["", ",", ".", " ", "'"]),
    decimal=st.sampled_from([".", ","]),
)
NUMBERS = st.one_of(st.integers(-5000, 5_000_000), st.floats(-1e4, 1e6).map(lambda number: round(number, 3)))


def write(number: float, form: NumberFormat) -> str:
    text = f"{abs(number):,}".replace(",", "\0").replace(".", form.decimal).replace("\0", form.group)
    return f"{'-' if number < 0 else ''}{form.prefix}{text}{form.suffix}"


def outcome(texts: Collection[str]) -> NumberFormat | str | None:
    try:
        return find_format(texts)
    except AmbiguousNumbers:
        return "ambiguous"


@given(FORMATS, st.lists(NUMBERS, min_size=1, max_size=30))
def test_the_format_of_numbers_shows_in_their_shapes(form: NumberFormat, numbers: list[float]) -> None:
    texts = [write(number, form) for number in numbers]
    shapes = find_shapes(texts, ())

    assert shapes is not None
    assert shapes.total() == len(texts)
    assert outcome(shapes) == outcome(sorted(set(texts)))


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=2500))
def test_numbers_as_programs_write_them_are_plain(numbers: list[float]) -> None:
    assert are_plain_numbers([repr(number) for number in numbers])


def test_what_is_unusual_is_looked_at_closely() -> None:
    for cell in ("1,5", "007", "2024-01-31", "1.2.3", "7 %", "1:2", "NA", "a"):
        assert not are_plain_numbers([*map(str, range(1500)), cell])
    assert not are_plain_numbers(["", ""])
    assert are_plain_numbers(["", "3", ".5", "+5"])


def test_too_many_shapes_are_words() -> None:
    assert (
        find_shapes(
            (f"w{number:x}".translate(str.maketrans("0123456789", "ghijklmnop")) for number in range(MAX_SHAPES + 1)),
            (),
        )
        is None
    )
