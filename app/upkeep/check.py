"""The check of a store: all of it is read, and nothing is changed. Servers may go on using it meanwhile."""

import re
import time
from collections.abc import Iterator, Sequence

from app.jobs import JobRecords
from app.registry import NAME, OLD_SECONDS, ModelFiles, ModelState, list_blobs
from app.store import DAMAGED, FoundFile, Store, list_files
from app.upkeep.findings import CheckReport, Finding
from app.upkeep.job_check import PLACES, TASK, check_jobs
from app.upkeep.model_check import check_model

KNOWN = (
    *PLACES,
    TASK,
    re.compile("store[.]json|_reserve|_restoring|lost[+]found/.*|locks/[0-9A-Za-z-]+"),
    re.compile(f"(_leaving|{DAMAGED})/.*|_staging/[0-9a-f]+"),
    re.compile(f"models/{NAME.pattern}/records/[0-9]{{8,}}[.]json"),
    re.compile(f"models/{NAME.pattern}/snapshots/[0-9]{{8,}}-[0-9a-f]{{64}}-[ab][.]json"),
    re.compile(f"models/{NAME.pattern}/(checkpoints|tables)/[0-9a-f]{{32}}[.](safetensors|csv)"),
)
"""Where the service keeps what."""


def check_store(store: Store, location: str) -> CheckReport:
    """Read all of a store, and return what was found. Raises `StoreError`."""
    store.check()
    files = list(list_files(location))
    model_files = ModelFiles(store)
    checked = {name: check_model(store, model_files, name) for name in model_files.names()}
    findings = [finding for _, found in checked.values() for finding in found]
    for name, (state, _) in checked.items():
        findings += _find_orphans(store, name, state, files)
    findings += check_jobs(store, files, is_old)
    findings += _find_strange(files)
    states = [state for state, _ in checked.values() if state is not None and state.declaration is not None]
    return CheckReport(
        sorted(set(findings), key=lambda each: (each.kind, each.key)),
        models=len(states),
        versions=sum(len(state.versions) for state in states),
        jobs=len(JobRecords(store).ids()),
        files=len(files),
        bytes=sum(file.size for file in files),
        put_aside=sum(file.path.startswith(f"{DAMAGED}/") for file in files),
    )


def is_old(file: FoundFile) -> bool:
    """Whether a file was written so long ago that nobody is about to name it."""
    return file.written < time.time() - OLD_SECONDS


def _find_orphans(store: Store, name: str, state: ModelState | None, files: Sequence[FoundFile]) -> Iterator[Finding]:
    """Yield a model's old files that no version names; those of one with records that cannot be read are unknown."""
    named = {key for version in state.versions.values() for key in version.keys} if state else set()
    old = {file.path for file in files if is_old(file)}
    for key in list_blobs(store, name):
        if key in old and key not in named:
            if state is None or state.unread:
                yield Finding("unknown", key, "no version that can be read names it", name)
            else:
                yield Finding("orphaned", key, "no version names it", name)


def _find_strange(files: Sequence[FoundFile]) -> Iterator[Finding]:
    for file in files:
        if file.path.startswith(("_staging/", "_leaving/")) and is_old(file):
            yield Finding("orphaned", file.path, "a process was killed while it wrote or removed it")
        elif not any(place.fullmatch(file.path) for place in KNOWN):
            yield Finding("unknown", file.path, "not a file that the service writes")
