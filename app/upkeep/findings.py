"""What a check of a store finds, and what it tells as a whole."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["damaged", "orphaned", "unknown"]
"""`damaged`: not what it was, or not there though something names it. `orphaned`: left by a process that was killed, and old.
`unknown`: nothing that the service would write there."""


@dataclass(frozen=True)
class Finding:
    """Something in a store that is not as it should be."""

    kind: Kind
    key: str
    reason: str
    model_name: str | None = None
    model_version: int | None = None
    """The version that is concerned, if it is one."""


@dataclass(frozen=True)
class CheckReport:
    """What was found in a store, and how much of it there is."""

    findings: Sequence[Finding]
    models: int
    versions: int
    jobs: int
    files: int
    bytes: int
    put_aside: int
    """Files that were damaged and moved out of the way before (`_damaged/`)."""

    @property
    def kinds(self) -> Counter[str]:
        """How many findings there are of each kind."""
        return Counter(finding.kind for finding in self.findings)
