"""The bodies of answers, as pydantic models: what the API's documentation promises."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from app.rest.bodies.networks import LayerAnswer
from app.rest.bodies.problem import Problem


class TrainAnswer(BaseModel):
    """A training that has succeeded."""

    job_id: str
    status: Literal["succeeded"]
    model_name: str
    model_version: int
    epochs: int = Field(description="Of all the ensemble's networks together.")
    stopped_because: str
    loss: float = Field(description="Mean squared error in scaled units.")
    scores: dict[str, dict[str, float | None]] = Field(description="For each target, in its units.")
    rows: int
    duration_seconds: float
    read: list[str] = Field(
        default=[],
        description="For each column that is no plain one of numbers or words, how it is read, or that it is not.",
    )
    warnings: list[str]
    leave_one_out: dict[str, dict[str, float | None]] = Field(
        description="The same scores on what would have been said of each row without it; `coverage` of its intervals."
    )
    noise: dict[str, float | None] = Field(
        description="For each target, what the features do not explain, in its units."
    )
    evidence: float | None
    parameters: int
    effective_parameters: float | None
    held_out: dict[str, dict[str, float | None]] = Field(
        description="Of a classifier: its scores on rows that what answered had not seen."
    )
    attempts: list[dict[str, Any]] = Field(description="What was tried beside the candidates, and what came of it.")
    candidates: list[dict[str, Any]] = Field(
        default=[],
        description="What the answers are mixed from: for each candidate its weight, its error on rows that it had not seen, "
        "and by how many nats a row these were more probable than the mean made them.",
    )
    judged_by: str = Field(default="", description="Which rows `leave_one_out` and the candidates' scores come from.")
    relevance: dict[str, Any] = Field(description="How much each feature moves the answers, beside the strongest.")


class JobAnswer(BaseModel):
    """A training: queued, running, succeeded, failed or cancelled."""

    job_id: str
    model_name: str
    status: Literal["queued", "running", "succeeded", "failed", "cancelled"]
    epoch: int | None
    loss: float | None
    progress: float | None = Field(
        default=None,
        description="While it runs, the share of its epochs that it has behind it; null where that is not known.",
    )
    network: list[LayerAnswer] | None = Field(
        default=None,
        description="While it runs, the layers of a network that learns; null of one with over 500 parameters or infinite weights.",
    )
    created: str
    started: str | None
    finished: str | None
    model_version: int | None
    error: Problem | None
    read: list[str] = Field(default=[], description="As in the answer to the training.")


class ColumnAnswer(BaseModel):
    """A column of a model's table."""

    name: str
    unit: str | None
    minimum: float | None
    maximum: float | None
    kind: Literal["number", "category", "date"]
    categories: list[str]
    may_be_missing: bool
    reading: str | None = Field(
        description="How its texts write 1234.5, if not so; of dates, 31 January 2024: as in the table that declared it."
    )
    marks: list[str] = Field(description="Texts that stand for a missing value, beside those that do everywhere.")


class ModelAnswer(BaseModel):
    """A model: what it reads and predicts, and which of its versions answers."""

    name: str
    features: list[ColumnAnswer]
    targets: list[ColumnAnswer]
    left_out: list[str] = Field(
        description="Columns that tables may have, too, but that are not read: they never repeat."
    )
    network: dict[str, Any] = Field(description="What trainings are asked for unless they say otherwise.")
    trainer: dict[str, Any] = Field(description="What trainings are asked for unless they say otherwise.")
    default_version: int | None
    versions: int = Field(description="How many there are.")
    row_schema: str = Field(description="Where the JSON Schema of one row is.")


class ModelsAnswer(BaseModel):
    """All models."""

    models: list[ModelAnswer]
    next: str | None = Field(description="What to send as `after` for more; null: there is no more.")


class VersionAnswer(BaseModel):
    """A version of a model, with the report of its training."""

    model_version: int
    created: str
    duration_seconds: float = Field(description="Of the training; 0 for a version that was uploaded.")
    job_id: str | None = Field(description="Of the training; null for a version that was uploaded.")
    sha256: str = Field(description="Of the checkpoint.")
    table_sha256: str | None = Field(description="Of the table that it was trained with; null if that was not kept.")
    report: dict[str, Any]


class VersionsAnswer(BaseModel):
    """All versions of a model, the newest first."""

    versions: list[VersionAnswer]
    next: str | None = Field(description="What to send as `after` for more; null: there is no more.")


class JobsAnswer(BaseModel):
    """All jobs, the newest first."""

    jobs: list[JobAnswer]
    next: str | None = Field(description="What to send as `after` for more; null: there is no more.")


class EvaluationAnswer(BaseModel):
    """How well a version does on a table whose targets are known."""

    model_name: str
    model_version: int
    rows: int
    coverage: float = Field(description="The probability with which intervals should hold the truth.")
    read: list[str] = Field(default=[], description="What was assumed of texts that are no plain numbers or words.")
    scores: dict[str, dict[str, float | None]] = Field(
        description="For each target; `coverage` is the share of rows whose interval did, `log_likelihood` in nats a row."
    )
