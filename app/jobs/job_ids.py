"""Ids of jobs: in the order in which the jobs were made, which says those that are surplus."""

import re
import secrets
import time
from collections.abc import Sequence

JOB_ID = re.compile("[0-9a-f]{12}-[0-9a-f]{8}")
"""Milliseconds since 1970, and chance."""


def make_id(ids: Sequence[str]) -> str:
    """Return an id that is greater than those of the jobs that there are (sorted), whatever clock made them."""
    newest = ids[-1].partition("-")[0] if ids else "0"
    return f"{max(id_at(time.time()), f'{int(newest, 16) + 1:012x}')}-{secrets.token_hex(4)}"


def find_surplus(ids: Sequence[str], kept: int, kept_seconds: float) -> list[str]:
    """Return the ids, of those sorted from the oldest, that are not among the newest `kept`, or are too old."""
    oldest = id_at(time.time() - kept_seconds)
    return [job_id for number, job_id in enumerate(ids) if number < len(ids) - kept or job_id < oldest]


def id_at(seconds: float) -> str:
    """Return how the ids of jobs begin that were made at this time (seconds since 1970): later ids are greater."""
    return f"{int(seconds * 1000):012x}"
