"""What agents send to tools, as pydantic models: these are the schemas that they are shown."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from app.registry import NAME
from app.rest.agents.own_requests import OwnRequest
from app.tables import CSV, STRICT, Coverage

MAX_WAIT_SECONDS = 300.0

ModelName = Annotated[str, Field(pattern=f"^{NAME.pattern}$", description="The model's name, such as exam-score.")]
Version = Annotated[int | None, Field(ge=1, description="Which version of the model; left out: its default version.")]
Cell = float | int | str | bool | None
Rows = Annotated[
    list[dict[str, Cell]],
    Field(min_length=1, fail_fast=True, description="Rows, each an object with a member for each column."),
]
CsvText = Annotated[str, Field(description="The same as CSV, with a header row; give this or `rows`.")]
WaitSeconds = Annotated[
    float,
    Field(ge=0, le=MAX_WAIT_SECONDS, description="How long to wait for the training; it goes on if it takes longer."),
]


class ModelsToolRequest(BaseModel):
    """Which models to list."""

    model_config = STRICT

    after: str | None = Field(
        default=None, description="Only models after this one: send the `next` of the last answer."
    )


class ModelToolRequest(BaseModel):
    """Which model to describe."""

    model_config = STRICT

    model_name: ModelName
    model_version: Version = None


class RowsToolRequest(BaseModel):
    """A table, as rows or as the text of a CSV."""

    model_config = STRICT

    model_name: ModelName
    rows: Rows | None = None
    csv: CsvText | None = None
    ignore: list[str] | None = Field(default=None, description="Columns to leave out.")

    @model_validator(mode="after")
    def _check_table(self) -> Self:
        if (self.rows is None) == (self.csv is None):
            raise PydanticCustomError("table", "send the table once: as `rows`, or as `csv`")
        return self

    def to_request(self, path: str, query: Mapping[str, Any], **headers: str) -> OwnRequest:
        """Return the request that sends this table to a path, with those of the query's parameters that are not None."""
        given = {name: str(value) for name, value in query.items() if value is not None}
        if self.ignore is not None:
            given["ignore"] = join_names(self.ignore)
        if self.csv is not None:
            return OwnRequest("POST", path, given, self.csv.encode(errors="surrogatepass"), CSV, headers)
        return OwnRequest("POST", path, given, json.dumps({"rows": self.rows}).encode(), headers=headers)


def join_names(names: Sequence[str]) -> str:
    """Return names as a query has them: separated by commas, in double quotes where that is needed."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(names)
    return text.getvalue()


class TrainToolRequest(RowsToolRequest):
    """What to train."""

    targets: list[str] | None = Field(
        default=None, description="The columns to predict; they declare a model that does not exist yet."
    )
    extend: bool = Field(default=False, description="Add the rows to those that the default version was trained with.")
    seed: int = Field(default=0, ge=0, lt=2**63, description="Equal seeds give equal results.")
    wait_seconds: WaitSeconds = 45.0


class TrainingToolRequest(BaseModel):
    """Which training to look at."""

    model_config = STRICT

    job_id: str = Field(pattern="^[0-9a-f-]{1,40}$", description="The `job_id` that `train_model` answered.")
    wait_seconds: WaitSeconds = 45.0


class PredictToolRequest(RowsToolRequest):
    """What to predict."""

    model_version: Version = None
    coverage: Coverage = 0.95


class ExplanationToolRequest(BaseModel):
    """Which rows to explain."""

    model_config = STRICT

    model_name: ModelName
    model_version: Version = None
    rows: Rows
