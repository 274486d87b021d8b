"""The check of all that belongs to trainings: records of jobs, tasks that wait, idempotency keys, heartbeats."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from app.errors import UnknownJob
from app.jobs import JobRecords, is_task
from app.store import FoundFile, MissingKey, Store
from app.upkeep.findings import Finding

_JOB = "[0-9a-f]{12}-[0-9a-f]{8}"
PLACES: Mapping[re.Pattern[str], tuple[str, ...]] = {
    re.compile(f"jobs/{_JOB}/(submitted|attempts|progress|cancel|finished|owner-[0-9]+)[.]json"): (),
    re.compile("claims/[0-9a-f]{64}(-[0-9]+)?[.]json"): ("request", "job_id"),
    re.compile("owners/[0-9A-Za-z-]+[.]json"): ("at",),
}
"""Where records are, and the members that each must have."""
TASK = re.compile(f"spool/({_JOB})")


def check_jobs(store: Store, files: Iterable[FoundFile], is_old: Callable[[FoundFile], bool]) -> Iterator[Finding]:
    """Yield what is wrong with records and tasks, and those that belong to no job any more."""
    records = JobRecords(store)
    for file in files:
        key = file.path
        if match := TASK.fullmatch(key):
            yield from _check_task(store, key, is_orphaned=is_old(file) and not _is_known(records, match[1]))
        for place, members in PLACES.items():
            if place.fullmatch(key):
                yield from _check_record(store, key, members)
        if key.startswith("owners/") and is_old(file):
            yield Finding("orphaned", key, "the heartbeat of a server that is dead")
        if key.startswith("jobs/") and is_old(file) and not _is_known(records, key.split("/")[1]):
            yield Finding("orphaned", key, "there is no such job any more")


def _check_record(store: Store, key: str, members: tuple[str, ...]) -> Iterator[Finding]:
    facts = _load(partial(store.get, key))
    if facts is not None and not (isinstance(facts, dict) and facts.keys() >= set(members)):
        yield Finding("damaged", key, "it is no such record")


def _check_task(store: Store, key: str, *, is_orphaned: bool) -> Iterator[Finding]:
    try:
        data = store.get(key)
    except MissingKey:  # it has begun, or ended
        return
    if is_orphaned:
        yield Finding("orphaned", key, "the task of no job")
    elif not is_task(data):
        yield Finding("damaged", key, "its table is not what was sent: the training will fail, with that reason")


def _load(read: Callable[[], bytes]) -> Any:
    """Return what JSON says; None: it is not there any more; a text: it is none."""
    try:
        return json.loads(read())
    except MissingKey:
        return None
    except ValueError:
        return "no JSON"


def _is_known(records: JobRecords, job_id: str) -> bool:
    try:
        records.read(job_id)
    except UnknownJob:
        return False
    return True
