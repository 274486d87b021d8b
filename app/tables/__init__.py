"""Tables: JSON, CSV and query text, read and checked, to matrices and back."""

from app.tables.cells import format_cells, format_numbers, infer_column
from app.tables.csv_text import TextTable, is_bare_text, parse_csv, write_bare_csv, write_csv
from app.tables.json_text import parse_json, write_json
from app.tables.query_text import check_query_names, parse_query_value, read_query, split_names
from app.tables.row_schemas import (
    DEFAULT_COVERAGE,
    MAX_FEATURES,
    MAX_TARGETS,
    STRICT,
    Columns,
    Coverage,
    build_rows_field,
    build_schema,
    evaluate_schema,
    row_schema,
    rows_schema,
)
from app.tables.rows import check_rows, rows_to_matrix, split_dataset, table_to_matrix, to_rows, write_table
from app.tables.validation import MAX_ERRORS, Body, Path, check, describe_place, make_pointer

__all__ = [
    "DEFAULT_COVERAGE",
    "MAX_ERRORS",
    "MAX_FEATURES",
    "MAX_TARGETS",
    "STRICT",
    "Body",
    "Columns",
    "Coverage",
    "Path",
    "TextTable",
    "build_rows_field",
    "build_schema",
    "check",
    "check_query_names",
    "check_rows",
    "describe_place",
    "evaluate_schema",
    "format_cells",
    "format_numbers",
    "infer_column",
    "is_bare_text",
    "make_pointer",
    "parse_csv",
    "parse_json",
    "parse_query_value",
    "read_query",
    "row_schema",
    "rows_schema",
    "rows_to_matrix",
    "split_dataset",
    "split_names",
    "table_to_matrix",
    "to_rows",
    "write_bare_csv",
    "write_csv",
    "write_json",
    "write_table",
]
