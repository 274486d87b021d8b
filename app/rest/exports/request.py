"""What is asked for: a version in a format, and what writing it takes."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.budget import WorkSize
from model.candidates import ClassTrees, ObliviousTrees
from model.checkpoint import Checkpoint
from model.predictors import ClassPart, ClassTreesPart, NetworkPart, Part

ExportFormat = Literal["safetensors", "onnx", "txt"]
Precision = Literal["double", "float"]


_FORMAT = "The checkpoint itself, a graph in ONNX, or the networks' weights as text, zipped."
_COVERAGE = (
    "How often the intervals of a graph hold the truth. If it is given, the file has intervals, however large they make it. "
    "Without it they are for 0.95, and are left out of a file that they would make much larger than 2 MB."
)


class ExportQuery(BaseModel):
    """What is asked for."""

    model_config = ConfigDict(frozen=True)

    format: Annotated[ExportFormat, Field(description=_FORMAT)] = "safetensors"
    coverage: Annotated[float | None, Field(gt=0, lt=1, description=_COVERAGE)] = None
    precision: Annotated[Precision, Field(description="Of the numbers that go into a graph and come out.")] = "double"


@dataclass(frozen=True)
class ExportRequest:
    """What is asked for, and of which version."""

    model_name: str
    model_version: int
    checkpoint: Checkpoint[Any]
    query: ExportQuery

    @property
    def bytes(self) -> int:
        """About how much memory it takes at the most."""
        parts = self.checkpoint.predictor.mixture.parts
        arrays: int = sum(part.shared_bytes for part in parts)
        arrays += sum(part.posterior.factor.nbytes for part in parts if isinstance(part, NetworkPart))
        leaves = sum(map(_count_leaves, parts)) if self.query.format == "onnx" else 0
        return _COPIES * arrays + _BYTES_A_LEAF * leaves

    @property
    def size(self) -> WorkSize:
        """Where it is done: never at once, since even a small graph takes some milliseconds."""
        return WorkSize.LARGE if self.bytes > MAX_MEDIUM_BYTES else WorkSize.MEDIUM


MAX_MEDIUM_BYTES = 20_000_000
"""Of what an export takes that is done beside small requests; what takes more waits for its turn."""

_COPIES, _BYTES_A_LEAF = 6, 700
"""How often a number is in memory while it is written; what a leaf of a tree takes, with its share of the nodes, as a graph."""


def _count_leaves(part: Part | ClassPart) -> int:
    trees = [part.trees] if isinstance(part, ClassTreesPart) else getattr(part, "fitted", ())
    return sum(
        len(each.columns) << each.columns.shape[1] for each in trees if isinstance(each, ClassTrees | ObliviousTrees)
    )
