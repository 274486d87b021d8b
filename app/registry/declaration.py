"""A declaration says what a model is before it is trained: its columns, and the options it is trained with."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from model.table import Signature

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
"""What a model may be called: a name that is safe in a path, a file and a host name."""


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
        return asdict(self)

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> "Declaration":
        """Return what `to_dict` was called on."""
        return Declaration(Signature.from_dict(values["signature"]), values["network"], values["trainer"])
