"""Retention: which jobs are so old, or so many, that their records are removed once they have finished."""

import time
from collections.abc import Sequence

from app.jobs.records import id_at


def find_surplus(ids: Sequence[str], kept: int, kept_seconds: float) -> list[str]:
    """Return the ids, of those sorted from the oldest, that are not among the newest `kept`, or are too old."""
    oldest = id_at(time.time() - kept_seconds)
    return [job_id for number, job_id in enumerate(ids) if number < len(ids) - kept or job_id < oldest]
