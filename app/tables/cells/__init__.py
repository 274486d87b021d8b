"""Cells of one column: as text or JSON values, as numbers, and back; and what a column is, by its cells."""

from app.tables.cells.formatting import format_cells, format_numbers, iterate_numbers
from app.tables.cells.inference import NeverRepeats, describe_reading, infer_column
from app.tables.cells.marks import find_marks, is_mark
from app.tables.cells.texts import cell_to_json, encode_values, name_plainly, parse_cells
from app.tables.cells.values import ValueTexts, are_numbers, iterate_values, parse_values
from app.tables.cells.words import ColumnQuery

__all__ = [
    "ColumnQuery",
    "NeverRepeats",
    "ValueTexts",
    "are_numbers",
    "cell_to_json",
    "describe_reading",
    "encode_values",
    "find_marks",
    "format_cells",
    "format_numbers",
    "infer_column",
    "is_mark",
    "iterate_numbers",
    "iterate_values",
    "name_plainly",
    "parse_cells",
    "parse_values",
]
