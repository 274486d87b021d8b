"""A checkpoint is a trained predictor with the report of its training, as bytes and back.

The bytes are a safetensors file: plain arrays behind a JSON header, nothing that could run code.
Equal specs give equal bytes, so no time of day is in them.
"""

import json
from dataclasses import dataclass
from math import isfinite
from typing import Any, Generic, TypeVar

from model.checkpoint import format_2, format_3
from model.checkpoint.columns import check_columns, check_width
from model.checkpoint.file import DAMAGE, read_arrays, read_header, write_file
from model.checkpoint.types import check_type
from model.checkpoint.unseen import UnseenAnswers
from model.checkpoint.validation import check
from model.checkpoint.values import Arrays, pack, unpack
from model.errors import CheckpointError
from model.predictors import Classifier, Regressor
from model.report import Report
from model.table import TRANSFORMS, Signature, Targets

FORMAT = 4
"""Raised when older code could no longer read what is written; newer code reads every older format."""

_HEADER = "scorecast"

MAX_DEPTH = 32
"""Of a foreign header; ours have about ten levels."""

AnyPredictor = TypeVar("AnyPredictor", bound=Regressor | Classifier)


@dataclass(frozen=True, eq=False)
class Checkpoint(Generic[AnyPredictor]):
    """A trained predictor and the report of its training."""

    predictor: AnyPredictor
    report: Report
    unseen: UnseenAnswers | None = None
    """Fresh from a training, what was said of rows that had not been seen, if that is known. It is not in the bytes."""

    def check(self) -> None:
        """Raise ValueError for numbers that are not finite, or out of range: what has them would not be read again."""
        self.report.to_json()
        check(self.predictor, must_be_finite=True)

    def to_bytes(self) -> bytes:
        """Return the safetensors file."""
        predictor = self.predictor
        arrays: Arrays = {}
        header = {"format": FORMAT, "signature": predictor.signature.to_dict(), "report": self.report.to_json()}
        if isinstance(predictor, Regressor):
            header["transforms"] = predictor.targets.transforms
        names = _REGRESSOR if isinstance(predictor, Regressor) else _CLASSIFIER
        header["values"] = {name: pack(_member(predictor, name), name, arrays) for name in names}
        return write_file(_HEADER, json.dumps(header, allow_nan=False), arrays)

    @staticmethod
    def from_bytes(data: bytes, *, is_foreign: bool = False) -> "Checkpoint[Any]":
        """Read what `to_bytes` wrote. Raises `CheckpointError` if it is damaged or of a newer format.

        Of a foreign one, which nobody vouches for, all is checked, down to the types in its report; earlier formats, too.
        """
        try:
            header = _parse(read_header(_HEADER, data), is_foreign=is_foreign)
            if header["format"] <= FORMAT:
                return _read_checkpoint(header, read_arrays(data), is_foreign=is_foreign)
        except KeyError as error:
            raise CheckpointError(f"the checkpoint is damaged: there is nothing called {error}") from error
        except DAMAGE as error:
            raise CheckpointError(f"the checkpoint is damaged: {error}") from error
        raise CheckpointError(
            f"the checkpoint has format {header['format']}, this version of Scorecast reads up to {FORMAT}: "
            "it was written by a newer one"
        )


_REGRESSOR = ("category_encoding", "domain", "scaler", "mixture", "effects")
_CLASSIFIER = ("category_encoding", "domain", "mixture")
"""The members of a predictor that hold arrays."""


def _member(predictor: Regressor | Classifier, name: str) -> Any:
    return (
        predictor.targets.scaler if isinstance(predictor, Regressor) and name == "scaler" else getattr(predictor, name)
    )


def _parse(text: str, *, is_foreign: bool) -> Any:
    """Return a header; a foreign one may hold only finite numbers, and texts that can be written. Raises ValueError."""
    if not is_foreign:
        return json.loads(text)
    header = json.loads(text, parse_constant=_refuse, parse_float=_to_finite)
    json.dumps(header, ensure_ascii=False).encode()  # half of a character, as JSON may have it, cannot be
    _check_depth(header)
    return header


def _check_depth(node: Any, left: int = MAX_DEPTH) -> None:
    """Raise ValueError for what is nested too deeply for all that is to be done with it."""
    if isinstance(node, dict | list):
        if not left:
            raise ValueError(f"its header is nested more than {MAX_DEPTH} levels deep")
        for each in node.values() if isinstance(node, dict) else node:
            _check_depth(each, left - 1)


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no number that a header may hold")


def _to_finite(digits: str) -> float:
    if not isfinite(number := float(digits)):
        raise ValueError("a number in the header is too large")
    return number


def _read_checkpoint(header: dict[str, Any], arrays: Arrays, *, is_foreign: bool) -> Checkpoint[Any]:
    signature = Signature.from_dict(header["signature"])
    if is_foreign:
        check_type(signature, Signature, "signature")
    members = _read_members(header, arrays) if header["format"] > format_2.FORMAT else format_2.read(header, arrays)
    build = _build_classifier if signature.is_classification else _build_regressor
    predictor = build(signature, members, header)
    check_width(predictor)
    check(predictor, must_be_finite=is_foreign or header["format"] > format_2.FORMAT)
    check_columns(predictor)
    report = Report.from_json(header["report"])
    if is_foreign:
        check_type(report, Report, "report")
    return Checkpoint(predictor, report)


def _read_members(header: dict[str, Any], arrays: Arrays) -> dict[str, Any]:
    left = dict(arrays)
    members = {name: unpack(node, name, left) for name, node in header["values"].items()}
    if left:
        raise ValueError(f"nothing refers to the arrays {', '.join(sorted(left))}")
    return members


def _build_classifier(signature: Signature, members: dict[str, Any], header: dict[str, Any]) -> Classifier:
    if header["format"] <= format_3.FORMAT:
        members = format_3.read_classifier(members)
    return Classifier(signature, **members)


def _build_regressor(signature: Signature, members: dict[str, Any], header: dict[str, Any]) -> Regressor:
    names = tuple(header["transforms"])
    if not TRANSFORMS.keys() >= set(names) or len(names) != len(signature.targets):
        raise ValueError(f"these are not the transforms of {len(signature.targets)} targets: {names}")
    return Regressor(signature, targets=Targets(signature.targets, members.pop("scaler"), names), **members)
