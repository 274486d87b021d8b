"""An attempt: something that was tried beyond the base ensemble, or was not, and why."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Attempt:
    """What came of one refinement."""

    name: str
    outcome: str
    """kept, dropped, or skipped."""
    because: str
    gain: float | None = None
    """What it gained, in nats: by how much more probable it made the rows, each said without itself. None: not tried."""


def skipped(name: str, because: str) -> Attempt:
    """Return an attempt that was not made."""
    return Attempt(name, "skipped", because)


OFF = "it is switched off"
FEW_ROWS = "it needs at least {} rows"
TOO_DEAR = "the budget does not reach that far"
"""Why something was skipped."""
