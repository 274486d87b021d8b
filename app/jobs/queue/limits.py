"""How many trainings a server takes, and how much room their tables, and why it takes no more."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.jobs.job import Waiting

if TYPE_CHECKING:  # a training process does not load it
    from app.settings import Settings


@dataclass(frozen=True)
class Limits:
    """How many jobs a server has at a time, and how many finished ones it remembers."""

    queued: int = 100
    training_seconds: float = 3600
    """How long a training may take."""
    kept: int = 1000
    kept_seconds: float = 7 * 24 * 3600.0
    queued_bytes: int = 1 << 31
    """Of the tables of all unfinished trainings: they wait in the store."""

    @staticmethod
    def of(settings: "Settings") -> "Limits":
        """Return what settings say."""
        return Limits(
            settings.max_queued_jobs,
            settings.max_train_seconds,
            settings.keep_jobs,
            settings.keep_jobs_seconds,
            settings.max_queued_bytes,
        )

    @property
    def share(self) -> int:
        """How many trainings may wait of one model, or of one client: nine tenths, so that there is room for others."""
        return self.queued - self.queued // 10


def find_lack(unfinished: Collection[Waiting], wanted: Waiting, limits: Limits) -> str | None:
    """Return why there is no room for a training beside the unfinished ones; None: there is.

    A table that is larger than all that may wait is taken if no other is there.
    """
    if len(unfinished) >= limits.queued:
        return f"{len(unfinished)} trainings are waiting already; try again later"
    of_model = sum(each.model_name == wanted.model_name for each in unfinished)
    if of_model >= limits.share:
        return f"{of_model} trainings of this model are waiting already, nine tenths of all that may; try again later"
    of_client = sum(each.client == wanted.client for each in unfinished if each.client)
    if of_client >= limits.share:
        return f"{of_client} trainings of this client are waiting already, nine tenths of all that may; try again later"
    held = sum(each.table_bytes for each in unfinished)
    if held and held + wanted.table_bytes > limits.queued_bytes:
        return (
            f"the tables of trainings that wait take {held:,} bytes, and this one {wanted.table_bytes:,}, of at most "
            f"{limits.queued_bytes:,} together; try again later"
        )
    return None
