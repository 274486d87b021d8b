"""What a column seems to be, by its cells: numbers, and how they are written, or categories."""

from collections.abc import Collection
from dataclasses import replace

from app.tables.cells.shapes import Shapes, are_plain_numbers, find_shapes
from app.tables.cells.texts import looks_like_a_number
from app.tables.cells.words import ColumnQuery, find_words
from app.tables.columns import (
    DAY_FIRST,
    ISO,
    MONTH_FIRST,
    AmbiguousDates,
    AmbiguousNumbers,
    NumberFormat,
    are_enough,
    find_common_format,
    find_date_format,
    find_format,
    match_date,
    parse_date_format,
)
from model.table import Column

MAX_INFERRED_CATEGORIES = 20
"""A column of more different texts than this, and than the share of its rows below, is no column of categories unless the
request says so."""
MAX_SHARE_OF_WORDS = 0.5

MIN_IDS = 10
"""So many texts that never repeat are names or numbers of things; fewer may be categories of which each occurs once."""


class NeverRepeats(ValueError):
    """The texts of a column never repeat, so that nothing can be learned from them."""


def infer_column(name: str, cells: Collection[str], query: ColumnQuery) -> Column:
    """Return the column that cells seem to belong to: of categories if none of them is a number, or if that is asked for.

    A column of which most cells are numbers is one of numbers, too: the others are then to be refused. Raises `ValueError`
    where there are too many different texts, or numbers that may be read in two ways.
    """
    plain = Column(name, may_be_missing=query.may_be_missing, marks=query.marks)
    if query.as_category:
        return replace(plain, kind="category", categories=tuple(sorted(find_words(cells, query)[0])))
    if are_plain_numbers(cells):
        return plain
    shapes = find_shapes(cells, query.marks)
    if shapes is None:
        is_number = any(map(looks_like_a_number, cells))
    else:
        is_code = _are_codes(shapes)
        reading = None if is_code else _find_reading(name, shapes)
        if not is_code and reading is None and (dates := _find_dates(name, shapes, cells, query.dates)):
            return replace(plain, kind="date", reading=dates)
        is_number = reading is not None or (not is_code and any(map(looks_like_a_number, shapes)))
        plain = replace(plain, reading=reading)
    return plain if is_number else _infer_categories(plain, cells, query)


def _infer_categories(plain: Column, cells: Collection[str], query: ColumnQuery) -> Column:
    """Return the column of categories that cells without numbers belong to. Raises `ValueError`."""
    words, different, filled = find_words(cells, query)
    if not different:
        return plain
    if different == filled and different >= MIN_IDS:
        raise NeverRepeats(
            f"column {plain.name!r} holds {different} texts that never repeat, as names and numbers of things do"
        )
    if different > max(MAX_INFERRED_CATEGORIES, MAX_SHARE_OF_WORDS * len(cells)):
        raise ValueError(
            f"column {plain.name!r} holds {different} different texts in {len(cells)} rows, as names and numbers of things do; "
            f"if they are categories, say so with ?categories={plain.name}"
        )
    return replace(plain, kind="category", categories=tuple(sorted(words)))


def describe_reading(column: Column) -> str | None:
    """Return in a sentence what was assumed of a column's texts; None if nothing was."""
    if column.is_date:
        kind = "times of day" if parse_date_format(column.reading).is_time else "dates"
        return f"{column.name}: {kind}, such as {column.reading or ISO}{_name_order(column)}"
    if column.reading:
        return f"{column.name}: numbers, of which {column.reading} is read as 1234.5"
    if column.is_category and _are_codes(column.categories):
        return f"{column.name}: codes, since some begin with 0; each is a category"
    return None


def _name_order(column: Column) -> str:
    order = parse_date_format(column.reading).order
    return f", {order.replace('-', ' ')}" if order else ""


def _find_dates(name: str, shapes: Shapes, cells: Collection[str], asked: str | None) -> str | None:
    """Return the name of the format in which most of a column's cells are dates. Raises `ValueError`."""
    total = shapes.total()
    if not are_enough(sum(count for text, count in shapes.items() if match_date(text) is not None), total):
        return None
    try:
        found = find_date_format(cells, total, asked)
    except AmbiguousDates as error:
        raise ValueError(
            f"column {name!r}: {str(error)!r} may have the day or the month first, and no cell tells; say ?dates={DAY_FIRST} or "
            f"?dates={MONTH_FIRST}"
        ) from None
    except ValueError as error:
        raise ValueError(f"column {name!r}: {error}; write dates in one way, such as {ISO}") from None
    return found.name if found else None


def _are_codes(texts: Collection[str]) -> bool:
    """Whether texts are digits of one length of which some begin with 0, such as postcodes."""
    return (
        len({len(text) for text in texts}) == 1
        and all(text.isascii() and text.isdigit() for text in texts)
        and any(text.startswith("0") and len(text) > 1 for text in texts)
    )


def _find_reading(name: str, shapes: Shapes) -> str | None:
    """Return the name of the format in which texts are numbers, if they are not so as they stand; or else most cells are.

    Raises `ValueError`.
    """
    if all(map(looks_like_a_number, shapes)):
        return None
    try:
        found = find_format(shapes)
        if found is None and (found := find_common_format(shapes)) == NumberFormat():
            return None
    except AmbiguousNumbers as error:
        cell = str(error)
        one, other = cell.replace(",", ""), cell.replace(",", ".")
        raise ValueError(f"column {name!r}: {cell!r} may be {one} or {other}; write it without the comma") from None
    return found.name if found else None
