"""What tools answer, as pydantic models; predictions are answered as the API answers them."""

from typing import Literal

from pydantic import BaseModel, Field

from app.rest.bodies import ColumnAnswer

Scores = dict[str, dict[str, float | None]]


class ModelEntryAnswer(BaseModel):
    """A model in a list."""

    name: str
    features: list[str]
    targets: list[str]
    default_version: int | None = Field(description="The version that answers; null: it has not been trained yet.")
    versions: int = Field(description="How many there are.")


class ModelsToolAnswer(BaseModel):
    """Models by name."""

    models: list[ModelEntryAnswer]
    next: str | None = Field(description="What to send as `after` for more; null: there is no more.")


class VersionToolAnswer(BaseModel):
    """A version: how well it does."""

    model_version: int
    created: str
    rows: int = Field(description="How many it was trained with.")
    unseen_scores: Scores = Field(
        description="For each target, in its units: how far off the answers are for rows that were left out of the training."
    )
    judged_by: str = Field(description="In words: how these rows were left out; empty where nothing is known of that.")
    warnings: list[str]


class ModelToolAnswer(BaseModel):
    """A model: what it reads and predicts, and how well its version does."""

    name: str
    features: list[ColumnAnswer]
    targets: list[ColumnAnswer]
    left_out: list[str] = Field(description="Columns that rows may have, too, but that are not read.")
    default_version: int | None
    version: VersionToolAnswer | None = Field(description="The version that was asked for; null: there is none yet.")


class TrainingToolAnswer(BaseModel):
    """A training that has succeeded, or goes on."""

    job_id: str
    model_name: str
    status: Literal["queued", "running", "succeeded"]
    read: list[str] = Field(description="What was assumed of the table.")
    version: VersionToolAnswer | None = Field(description="What came of it; null while it goes on.")
    message: str


class OutsideAnswer(BaseModel):
    """A feature of a row that lies outside of what the training had."""

    row: int = Field(description="Counted from 0.")
    feature: str
    value: float | int | str | bool | None
    minimum: float | str | None = Field(description="The least value in the training; null where there is none.")
    maximum: float | str | None
    explanation: str


class ExplanationToolAnswer(BaseModel):
    """What of some rows is extrapolated, and why."""

    model_name: str
    model_version: int
    rows: int
    extrapolated: list[OutsideAnswer]
    message: str
