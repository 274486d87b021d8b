"""The check of all that belongs to trainings: records of jobs, tasks that wait, idempotency keys, heartbeats."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from app.jobs import JOB_ID, RECORDS, is_task
from app.store import FoundFile, MissingKey, Store
from app.upkeep.findings import Finding

_OF_JOB = re.compile(f"jobs/({JOB_ID.pattern})/({'|'.join(RECORDS)}|owner-[0-9]+)[.]json")
_HEARTBEAT = re.compile("owners/[0-9A-Za-z-]+[.]json")
PLACES: Mapping[re.Pattern[str], tuple[str, ...]] = {
    _OF_JOB: (),
    re.compile("claims/[0-9a-f]{64}(-[0-9]+)?[.]json"): ("request", "job_id"),
    _HEARTBEAT: ("at",),
}
"""Where records are, and the members that each must have."""
TASK = re.compile(f"spool/({JOB_ID.pattern})")


def check_jobs(store: Store, files: Iterable[FoundFile], is_old: Callable[[FoundFile], bool]) -> Iterator[Finding]:
    """Yield what is wrong with records and tasks, and those that belong to no job any more."""
    for file in files:
        key = file.path
        if match := TASK.fullmatch(key):
            yield from _check_task(store, key, is_orphaned=is_old(file) and not _is_submitted(store, match[1]))
        if (match := _OF_JOB.fullmatch(key)) and is_old(file) and not _is_submitted(store, match[1]):
            yield Finding("orphaned", key, "there is no such job any more")
            continue
        if _HEARTBEAT.fullmatch(key) and is_old(file):
            yield Finding("orphaned", key, "the heartbeat of a dead server")
        for place, members in PLACES.items():
            if place.fullmatch(key):
                yield from _check_record(store, key, members)


def _check_record(store: Store, key: str, members: tuple[str, ...]) -> Iterator[Finding]:
    facts = _load(partial(store.get, key))
    if facts is not None and not (isinstance(facts, dict) and facts.keys() >= set(members)):
        yield Finding("damaged", key, "not a valid record")


def _check_task(store: Store, key: str, *, is_orphaned: bool) -> Iterator[Finding]:
    try:
        data = store.get(key)
    except MissingKey:  # it has begun, or ended
        return
    if is_orphaned:
        yield Finding("orphaned", key, "a task without a job")
    elif not is_task(data):
        yield Finding("damaged", key, "the table is not the one that was sent: the job will fail with that reason")


def _load(read: Callable[[], bytes]) -> Any:
    """Return what JSON says; None: it is not there any more; a text: it is none."""
    try:
        return json.loads(read())
    except MissingKey:
        return None
    except ValueError:
        return "no JSON"


def _is_submitted(store: Store, job_id: str) -> bool:
    """Whether a job's first record is there, readable or damaged: the others belong to it. Raises `StoreError`."""
    is_there = store.look(f"jobs/{job_id}/submitted.json") is not None
    store.check()  # without the store there would be none either
    return is_there
