"""Columns of cells in little memory: of text, and of JSON values."""

from app.tables.columns.category_index import know_words, name_category
from app.tables.columns.common_dates import are_enough, find_date_format
from app.tables.columns.common_format import find_common_format
from app.tables.columns.date_format import (
    DAY_FIRST,
    ISO,
    MICROSECONDS_PER_DAY,
    MONTH_FIRST,
    AmbiguousDates,
    DateFormat,
    match_date,
    parse_date_format,
)
from app.tables.columns.frame_columns import CategoryColumn, FrameCells, NumberColumn, UnsupportedColumn, make_columns
from app.tables.columns.number_format import AmbiguousNumbers, NumberFormat, find_format, parse_format
from app.tables.columns.plain_numbers import are_json_numbers, parse_plain_numbers
from app.tables.columns.readings import is_reading
from app.tables.columns.text_column import TextColumn
from app.tables.columns.value_column import ABSENT, ValueColumn

__all__ = [
    "ABSENT",
    "DAY_FIRST",
    "ISO",
    "MICROSECONDS_PER_DAY",
    "MONTH_FIRST",
    "AmbiguousDates",
    "AmbiguousNumbers",
    "CategoryColumn",
    "DateFormat",
    "FrameCells",
    "NumberColumn",
    "NumberFormat",
    "TextColumn",
    "UnsupportedColumn",
    "ValueColumn",
    "are_enough",
    "are_json_numbers",
    "find_common_format",
    "find_date_format",
    "find_format",
    "is_reading",
    "know_words",
    "make_columns",
    "match_date",
    "name_category",
    "parse_date_format",
    "parse_format",
    "parse_plain_numbers",
]
