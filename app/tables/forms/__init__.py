"""The forms that a table may come in, each turned into the same columns of cells by a reader of its own."""

from app.tables.forms.body import CSV, JSON, NDJSON, PACKED, XLSX, Body, TableBody
from app.tables.forms.csv_table import parse_csv
from app.tables.forms.form_data import FORM, find_file, find_media_type, split_form
from app.tables.forms.json_rows import check_absent
from app.tables.forms.readers import READERS, find_reader_type, read_table

__all__ = [
    "CSV",
    "FORM",
    "JSON",
    "NDJSON",
    "PACKED",
    "READERS",
    "XLSX",
    "Body",
    "TableBody",
    "check_absent",
    "find_file",
    "find_media_type",
    "find_reader_type",
    "parse_csv",
    "read_table",
    "split_form",
]
