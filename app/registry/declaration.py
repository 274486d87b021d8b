"""A declaration says what a model is before it is trained: its columns, and the options it is trained with."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from model.errors import SignatureError
from model.table import Column, Signature

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
"""What a model may be called: a name that is safe in a path, a file and a host name."""


def check_name(name: str) -> None:
    """Raise `SignatureError` for a name that no model can have."""
    if not NAME.fullmatch(name):
        raise SignatureError(f"{name!r} is not a valid model name: use a-z, 0-9 and -, at most 63 characters")


@dataclass(frozen=True)
class Declaration:
    """A model's signature, and what its trainings are asked for unless they say otherwise."""

    signature: Signature
    network: Mapping[str, Any] = field(default_factory=dict)
    """Members of a training's `network`."""
    trainer: Mapping[str, Any] = field(default_factory=dict)
    """Members of a training's `trainer`."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        options = {"network": dict(self.network), "trainer": dict(self.trainer)}
        return {"signature": self.signature.to_dict(), **options}

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> "Declaration":
        """Return what `to_dict` was called on."""
        return Declaration(Signature.from_dict(values["signature"]), values["network"], values["trainer"])


EXAM_SCORE = "exam-score"
"""The model that every service has: an exam score from hours studied and hours slept."""


BUILT_IN = {
    EXAM_SCORE: Declaration(
        Signature(
            features=(
                Column("hours_studied", "hours", minimum=0, maximum=24),
                Column("hours_slept", "hours", minimum=0, maximum=24),
            ),
            targets=(Column("score", "points", minimum=0, maximum=100),),
        )
    )
}
