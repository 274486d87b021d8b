"""Readings: whether a text may be kept with a column as how it writes its numbers or dates."""

from app.tables.columns.date_format import match_date
from app.tables.columns.number_format import parse_format
from model.table import Column


def is_reading(column: Column) -> bool:
    """Return whether a column has none, or one that suits its kind."""
    if column.reading is None or column.is_date:
        return column.reading is None or match_date(column.reading) is not None
    try:
        parse_format(column.reading)
    except ValueError:
        return False
    return not column.is_category
