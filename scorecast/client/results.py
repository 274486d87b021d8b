"""What the service answers, as frozen values; `document` is always the answer itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Progress:
    """Where a training stands."""

    job_id: str
    status: str
    epoch: int | None
    loss: float | None
    share: float | None
    """Of its epochs, how many are behind it, from 0 to 1; None where nobody knows."""
    document: Document

    @staticmethod
    def read(job: Document) -> "Progress":
        """Read a job."""
        return Progress(job["job_id"], job["status"], job["epoch"], job["loss"], job.get("progress"), job)


@dataclass(frozen=True)
class Model:
    """A model: what it reads, what it predicts, and which version answers."""

    name: str
    features: Sequence[str]
    targets: Sequence[str]
    versions: int
    default_version: int | None
    document: Document

    @staticmethod
    def read(model: Document) -> "Model":
        """Read a model."""
        features, targets = ([column["name"] for column in model[side]] for side in ("features", "targets"))
        return Model(model["name"], features, targets, model["versions"], model["default_version"], model)


@dataclass(frozen=True)
class Version:
    """A version of a model, and how well it does."""

    number: int
    created: str
    rows: int
    report: Document
    document: Document

    @staticmethod
    def read(version: Document) -> "Version":
        """Read a version."""
        report = version["report"]
        return Version(version["model_version"], version["created"], report["rows"], report, version)

    def score(self, target: str, name: str) -> float | None:
        """Return a score on rows that the version had not seen: `rmse`, `mae`, `r2`, `coverage`, `accuracy`, `log_loss`."""
        for part in ("leave_one_out", "held_out"):
            found: float | None = self.report.get(part, {}).get(target, {}).get(name)
            if found is not None:
                return found
        return None


@dataclass(frozen=True)
class Upload:
    """A version to be published: what `export` returned, and perhaps what `table` did."""

    checkpoint: bytes
    table: bytes | None = None
    key: str | None = None
    """What tells this request from others, so that it is carried out once; None: a new one."""

    @property
    def files(self) -> Mapping[str, tuple[str, bytes]]:
        """The parts of a form."""
        table = {} if self.table is None else {"table": ("table.csv", self.table)}
        return {"checkpoint": ("checkpoint.safetensors", self.checkpoint), **table}


@dataclass(frozen=True)
class Training:
    """A training that has succeeded."""

    job_id: str
    model_name: str
    version: Version
    read: Sequence[str]
    """What was assumed of the table's texts."""


@dataclass(frozen=True)
class Evaluation:
    """How well a version does on rows whose targets are known."""

    model_name: str
    version: int
    rows: int
    coverage: float
    scores: Mapping[str, Mapping[str, float | None]]
    """For each target, in its units."""
    document: Document

    @staticmethod
    def read(judged: Document) -> "Evaluation":
        """Read an evaluation."""
        number, rows = judged["model_version"], judged["rows"]
        return Evaluation(judged["model_name"], number, rows, judged["coverage"], judged["scores"], judged)
