"""Tables: JSON, CSV and query text, read and checked, to matrices and back."""

from app.tables.cells import inferred, text_of_numbers, texts
from app.tables.csv_text import TextTable, is_bare_text, parse_csv, write_bare_csv, write_csv
from app.tables.json_text import parse, write
from app.tables.query_text import names_in, word
from app.tables.row_schemas import (
    DEFAULT_COVERAGE,
    MOST_FEATURES,
    MOST_TARGETS,
    STRICT,
    Columns,
    Coverage,
    build_model,
    evaluate_model,
    row_model,
    rows_field,
    rows_model,
)
from app.tables.rows import checked_rows, dataset_of, matrix_of_rows, matrix_of_text, to_rows, write_table
from app.tables.validation import (
    MOST_ERRORS,
    Body,
    BodyError,
    InvalidBody,
    MalformedBody,
    Path,
    check,
    place_of,
    pointer_to,
)

__all__ = [
    "DEFAULT_COVERAGE",
    "MOST_ERRORS",
    "MOST_FEATURES",
    "MOST_TARGETS",
    "STRICT",
    "Body",
    "BodyError",
    "Columns",
    "Coverage",
    "InvalidBody",
    "MalformedBody",
    "Path",
    "TextTable",
    "build_model",
    "check",
    "checked_rows",
    "dataset_of",
    "evaluate_model",
    "inferred",
    "is_bare_text",
    "matrix_of_rows",
    "matrix_of_text",
    "names_in",
    "parse",
    "parse_csv",
    "place_of",
    "pointer_to",
    "row_model",
    "rows_field",
    "rows_model",
    "text_of_numbers",
    "texts",
    "to_rows",
    "word",
    "write",
    "write_bare_csv",
    "write_csv",
    "write_table",
]
