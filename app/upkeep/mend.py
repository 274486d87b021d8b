"""Mending a store: each change is one that servers make, too, so they may go on using it meanwhile.

Nothing that cannot be made again is removed: what is damaged is moved aside (`_damaged/`, under its own key).
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress

from app.errors import ChangedMeanwhile, DamagedCheckpoint, UnknownModel, UnknownVersion, UntrainedModel
from app.registry import BUILT_IN, DamagedSnapshot, ModelFiles, Registry
from app.store import DAMAGED, MissingKey, Store
from app.upkeep.findings import CheckReport, Finding


def mend_store(store: Store, report: CheckReport) -> list[str]:
    """Mend what can be mended of what a check has found; return what was done, a sentence each. Raises `StoreError`."""
    registry = Registry(store, BUILT_IN)
    done = [
        _say_withdrawn(store, registry, finding) for finding in report.findings if _is_of_checkpoint(registry, finding)
    ]
    for finding in report.findings:
        mend = next(
            (mend for start, mend in _MENDS.items() if finding.kind + finding.key.partition("/")[0] == start), None
        )
        if mend is not None:
            done += mend(store, finding)
    if report.kinds["orphaned"]:
        removed = registry.tidy()
        done.append(f"removed {removed} files that killed processes had left" if removed else "")
    return [each for each in done if each]


def _is_of_checkpoint(registry: Registry, finding: Finding) -> bool:
    """Whether a finding says that a version cannot answer."""
    if finding.kind != "damaged" or finding.model_name is None or finding.model_version is None:
        return False
    version = registry.state(finding.model_name).versions.get(finding.model_version)
    return version is not None and version.checkpoint == finding.key


def _say_withdrawn(store: Store, registry: Registry, finding: Finding) -> str:
    """Remove a version that cannot answer, once another one answers; all its files are moved aside."""
    name, number = finding.model_name or "", finding.model_version or 0
    keys: tuple[str, ...] = ()
    try:
        with suppress(DamagedCheckpoint):
            registry.checkpoint(name, number)
            return ""  # it can be read again
        answering, _ = registry.serving(name)
        state = registry.model(name)
        if answering == number:
            return ""  # likewise, just now
        if state.default_version == number:
            state = registry.move_default(name, answering, {state.tag})
        keys = state.versions[number].keys
        for key in keys:
            _move(store, key, f"{DAMAGED}/{key}")
        registry.remove_version(name, number, {state.tag})
    except DamagedCheckpoint:
        return ""  # no other version can answer
    except (ChangedMeanwhile, UnknownModel, UnknownVersion, UntrainedModel):  # by a server: the next check looks again
        for key in keys:
            _move(store, f"{DAMAGED}/{key}", key)
        return ""
    return f"withdrew version {number} of model {name!r}: version {answering} answers; its files are in {DAMAGED}/"


def _mend_model(store: Store, finding: Finding) -> Iterator[str]:
    """Write a damaged snapshot again; move aside what was said of unseen rows, which may be missing."""
    name = finding.model_name or ""
    if "/snapshots/" in finding.key:
        yield from _write_snapshot(store, name, finding.key)
    elif _is_unseen(store, finding):
        _move(store, finding.key, f"{DAMAGED}/{finding.key}")
        yield f"moved {finding.key} aside: nothing else needs it"


def _write_snapshot(store: Store, name: str, damaged: str) -> Iterator[str]:
    """Have a snapshot, and its copy, of what the log adds up to: from the copy, or from all records, if all are there."""
    number = int(damaged.rpartition("/")[2].partition("-")[0])
    try:
        ModelFiles(store).read(name)
    except DamagedSnapshot:
        if not all(store.look(f"models/{name}/records/{each:08d}.json") for each in range(1, number + 1)):
            return  # what was removed for it cannot be made again
    _move(store, damaged, f"{DAMAGED}/{damaged}")
    with suppress(DamagedSnapshot):  # its copy is damaged, too, and comes next
        ModelFiles(store).fold(name)
        yield f"wrote the snapshot of model {name!r} again"


def _is_unseen(store: Store, finding: Finding) -> bool:
    with suppress(DamagedSnapshot):
        point = ModelFiles(store).read(finding.model_name or "")
        return point is not None and any(each.unseen == finding.key for each in point.state.versions.values())
    return False


def _mend_claim(store: Store, finding: Finding) -> Iterator[str]:
    """Move aside a damaged record of an idempotency key, which nobody can use, unless others come after it.

    Where one has come just then, the damaged record is back before long. What cannot be excluded: a request with the same
    key is carried out twice if it is sent again in the moment between, or if it found the damaged record before and makes
    its own only after the second look.
    """
    digest, _, number = finding.key.removesuffix(".json").partition("-")
    following, aside = f"{digest}-{int(number or 1) + 1}.json", f"{DAMAGED}/{finding.key}"
    if store.look(following) is not None:
        return
    _move(store, finding.key, aside)
    if store.look(following) is None:
        yield f"moved {finding.key} aside: its Idempotency-Key is free again"
    else:
        with suppress(MissingKey):
            store.create(finding.key, store.get(aside))  # unless there is one again


def _mend_heartbeat(store: Store, finding: Finding) -> Iterator[str]:
    _move(store, finding.key, f"{DAMAGED}/{finding.key}")
    yield f"moved {finding.key} aside: if its server is alive, it writes a new one"


def _remove_orphan(store: Store, finding: Finding) -> Iterator[str]:
    store.delete(finding.key)
    yield f"removed {finding.key}: there is no such job"


_MENDS: Mapping[str, Callable[[Store, Finding], Iterator[str]]] = {
    "damagedmodels": _mend_model,
    "damagedclaims": _mend_claim,
    "damagedowners": _mend_heartbeat,
    "orphanedjobs": _remove_orphan,
    "orphanedspool": _remove_orphan,
}


def _move(store: Store, key: str, to: str) -> None:
    with suppress(MissingKey):
        store.move(key, to)
