"""An answer as an .xlsx workbook: the columns of its CSV, numbers as numbers."""

import io
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import xlsxwriter

from app.budget import MAX_WORKBOOK_CELLS, check_answer_cells
from app.errors import NotAcceptable
from app.predict.answer_text_csv import to_columns
from app.predict.cost import count_numbers
from app.predict.request import PredictRequest
from model.checkpoint import Checkpoint
from model.table import Signature

MAX_ROWS, MAX_COLUMNS, MAX_CELL_CHARACTERS = 1_048_575, 16_384, 32_767
"""Of a sheet, below its header."""

_OPTIONS = {"in_memory": True, "nan_inf_to_errors": False}


def to_xlsx_pieces(request: PredictRequest, checkpoint: Checkpoint[Any]) -> Iterator[bytes]:
    """Return a response as a workbook of one sheet, in one piece. Raises `NotAcceptable` if it is too large for one."""
    sent = len(request.table.names) if request.table else 0
    cells_a_row = sent + count_numbers(request, checkpoint.predictor)
    check_answer_cells(len(request.features), cells_a_row, MAX_WORKBOOK_CELLS)
    columns = {name: list(cells) for name, cells in to_columns(request, checkpoint).items()}
    _check_size(columns)
    words = _find_words(request, checkpoint.predictor.signature)
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, _OPTIONS) as workbook:
        sheet = workbook.add_worksheet("Predictions")
        for place, (name, cells) in enumerate(columns.items()):
            sheet.write_string(0, place, name)
            _write_column(sheet, place, cells, _write_text if name in words else _write_number)
    return iter([data.getvalue()])


def _find_words(request: PredictRequest, signature: Signature) -> set[str]:
    """Return the columns whose cells are text, even where they look like numbers, as postcodes do."""
    sent = set(request.table.names) if request.table else set()
    numbers = {column.name for column in signature.columns if column.kind == "number"}
    categories = {column.name for column in signature.columns if column.is_category}
    return (sent - numbers) | categories


def _write_column(sheet: Any, place: int, cells: Iterable[str], write: Callable[[Any, int, int, str], None]) -> None:
    for row, cell in enumerate(cells, 1):
        if cell:
            write(sheet, row, place, cell)


def _write_text(sheet: Any, row: int, place: int, cell: str) -> None:
    sheet.write_string(row, place, cell)  # never as a formula or a link


def _write_number(sheet: Any, row: int, place: int, cell: str) -> None:
    try:
        sheet.write_number(row, place, float(cell))
    except (ValueError, TypeError):  # the library writes neither text nor infinity as a number
        sheet.write_string(row, place, cell)


def _check_size(columns: dict[str, list[str]]) -> None:
    """Raise `NotAcceptable` for more than a sheet can hold: the library would leave it out."""
    rows = len(next(iter(columns.values())))
    longest = max(max(map(len, cells), default=0) for cells in columns.values())
    if rows > MAX_ROWS or len(columns) > MAX_COLUMNS or longest > MAX_CELL_CHARACTERS:
        raise NotAcceptable(
            f"a sheet holds at most {MAX_ROWS:,} rows, {MAX_COLUMNS:,} columns and {MAX_CELL_CHARACTERS:,} characters in "
            "a cell: ask for the answer with Accept: text/csv"
        )
