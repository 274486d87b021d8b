"""The commands that look after a store: what they print, and their exit codes."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.errors import StoreError
from app.store import DAMAGED, open_existing
from app.upkeep.backup import Backup, back_up
from app.upkeep.backup_file import BackupError
from app.upkeep.check import check_store
from app.upkeep.mend import mend_store
from app.upkeep.restore import Restored, restore

CLEAN, DAMAGE, FAILED = range(3)
"""Exit codes: all is well; something in the store is damaged; the command could not do its work."""


def run_command(command: str, location: str, options: Mapping[str, Any]) -> int:
    """Run a command on the store at a location, print what it tells, and return its exit code."""
    try:
        code, facts, lines = COMMANDS[command](location, options)
    except (StoreError, BackupError) as error:
        print(f"scorecast: {location}: {error}", file=sys.stderr)  # noqa: T201
        return FAILED
    except OSError as error:
        print(f"scorecast: {error.filename or location}: {error.strerror}", file=sys.stderr)  # noqa: T201
        return FAILED
    print(json.dumps(facts, indent=1) if options["json"] else "\n".join(lines))  # noqa: T201
    return code


Told = tuple[int, dict[str, Any], list[str]]


def _check(location: str, options: Mapping[str, Any]) -> Told:
    store = open_existing(location)
    report = check_store(store, location)
    mended: list[str] = []
    if options["mend"] and report.findings:
        mended = mend_store(store, report)
        report = check_store(store, location)
    facts = {**asdict(report), "kinds": dict(report.kinds), "mended": mended}
    lines = [*mended, *(f"{each.kind}: {each.key}: {each.reason}" for each in report.findings)]
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(report.kinds.items())) or "all is well"
    holds = ", ".join(_count(getattr(report, f"{noun}s"), noun) for noun in ("model", "version", "job", "file", "byte"))
    were = "was" if report.put_aside == 1 else "were"
    aside = f" ({_count(report.put_aside, 'file')} {were} moved aside to {DAMAGED}/)" if report.put_aside else ""
    return DAMAGE if report.kinds["damaged"] else CLEAN, facts, [*lines, f"{location}: {holds}: {told}{aside}"]


def _back_up(location: str, options: Mapping[str, Any]) -> Told:
    made = back_up(open_existing(location), Path(options["archive"]))
    lines = [_tell_model(model) for model in made.models]
    lines += [f"damaged, and so left out: {each}" for each in made.damaged]
    lines.append(f"{options['archive']}: {_tell_files(made)}, {_count(made.bytes, 'byte')}")
    return DAMAGE if made.damaged else CLEAN, asdict(made), lines


def _restore(location: str, options: Mapping[str, Any]) -> Told:
    made = restore(Path(options["archive"]), location)
    lines = [*map(_tell_model, made.models), f"{location}: {_tell_files(made)}"]
    return CLEAN, asdict(made), lines


def _tell_files(made: Backup | Restored) -> str:
    return f"{_count(len(made.models), 'model')}, {_count(made.files, 'file')}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _tell_model(model: Mapping[str, Any]) -> str:
    answers = f"version {model['default_version']} answers" if model["default_version"] else "no version"
    return f"{model['name']}: {answers}, {len(model['versions'])} in all"


COMMANDS: Mapping[str, Callable[[str, Mapping[str, Any]], Told]] = {
    "check": _check,
    "backup": _back_up,
    "restore": _restore,
}
