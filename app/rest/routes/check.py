"""Tables checked as a training would read them, without training."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic_core import to_json

from app.budget import MAX_CHECKED_CELLS
from app.errors import BodyError, BodyTooLarge
from app.rest.bodies import CellError, CheckAnswer, CheckedColumnAnswer
from app.rest.dependencies import ModelName, ServicesDependency
from app.rest.rendering import problems
from app.rest.request_body import read_body
from app.rest.work import begin, run_reading, send_pieces
from app.tables import JSON, Table, read_query
from app.train import TableCheck, check_table

router = APIRouter(tags=["train"])

ROWS_PER_PIECE = 500
"""How many rows become text at a time; between two pieces other threads may run."""


@router.post(
    "/models/{name}/check",
    response_model=CheckAnswer,
    openapi_extra={"x-body": "train-any"},
    responses=problems(400, 413, 415, 422),
)
async def check(
    name: ModelName,
    request: Request,
    services: ServicesDependency,
    cells: Annotated[bool, Query(description="Answer the table's cells, too, as texts.")] = False,  # noqa: FBT002 - a query parameter
) -> Response:
    """Say how a training would read a table, and what is wrong with it; nothing is trained, and nothing is stored."""
    body = await read_body(request, services.settings.max_train_body_bytes)
    query = {each: text for each, text in read_query(request.query_params.multi_items()).items() if each != "cells"}

    def work() -> tuple[list[bytes], Iterator[bytes] | None]:
        return begin(_write(check_table(body, services.registry, name, query, services.policy.limits), has_cells=cells))

    return send_pieces(await run_reading(len(body.data), work), JSON)


def _write(found: TableCheck, *, has_cells: bool) -> Iterator[bytes]:
    """Yield the answer in pieces: what was found, then the cells, if they are wanted."""
    answer = CheckAnswer(
        model_name=found.model_name,
        rows=len(found.table),
        columns=[CheckedColumnAnswer.model_validate(asdict(column)) for column in found.columns],
        errors=[_place(error) for error in found.errors],
        read=list(found.read),
        warnings=list(found.warnings),
    )
    text = answer.model_dump_json(exclude={"cells"}).encode()
    if not has_cells:
        yield text
        return
    yield text[:-1] + b',"cells":'
    yield from _write_cells(found.table)
    yield b"}"


def _place(error: BodyError) -> CellError:
    """Return an error with the row and the column that its pointer leads to."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in error.pointer.split("/")[1:]]
    is_row = len(steps) > 1 and steps[0] == "rows" and steps[1].isdigit()
    row, column = int(steps[1]) if is_row else None, steps[2] if is_row and len(steps) > 2 else None
    return CellError(detail=error.detail, pointer=error.pointer, row=row, column=column)


def _write_cells(table: Table) -> Iterator[bytes]:
    """Yield a table as JSON, its cells as texts. Raises `BodyTooLarge`."""
    if (count := len(table) * len(table.columns)) > MAX_CHECKED_CELLS:
        raise BodyTooLarge(
            f"the table has {count:,} cells: at most {MAX_CHECKED_CELLS:,} are answered with ?cells=true"
        )
    yield b'{"columns":' + to_json(table.names) + b',"rows":['
    columns = list(table.columns.values())
    for start in range(0, len(table), ROWS_PER_PIECE):
        piece = [map(_to_text, column[start : start + ROWS_PER_PIECE]) for column in columns]
        rows = to_json(list(zip(*piece, strict=True)))[1:-1]
        yield rows if start == 0 else b"," + rows
    yield b"]}"


def _to_text(cell: Any) -> str:
    """Return a cell as a text: JSON's numbers and booleans as they are written there; nothing for what is absent."""
    if isinstance(cell, str):
        return cell
    return to_json(cell).decode() if isinstance(cell, bool | int | float) else ""
