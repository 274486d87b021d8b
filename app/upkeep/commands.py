"""The commands that look after a store: what they print, and their exit codes."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.errors import StoreError
from app.store import open_existing
from app.upkeep.backup import back_up
from app.upkeep.backup_file import BackupError
from app.upkeep.restore import restore

CLEAN, DAMAGED, FAILED = range(3)
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


def _back_up(location: str, options: Mapping[str, Any]) -> Told:
    made = back_up(open_existing(location), Path(options["archive"]))
    lines = [_tell_model(model) for model in made.models]
    lines += [f"damaged, and so left out: {each}" for each in made.damaged]
    lines.append(f"{options['archive']}: {len(made.models)} models, {made.files} files, {made.bytes} bytes")
    return DAMAGED if made.damaged else CLEAN, asdict(made), lines


def _restore(location: str, options: Mapping[str, Any]) -> Told:
    made = restore(Path(options["archive"]), location)
    lines = [*map(_tell_model, made.models), f"{location}: {len(made.models)} models, {made.files} files"]
    return CLEAN, asdict(made), lines


def _tell_model(model: Mapping[str, Any]) -> str:
    answers = f"version {model['default_version']} answers" if model["default_version"] else "no version"
    return f"{model['name']}: {answers}, {len(model['versions'])} in all"


COMMANDS: Mapping[str, Callable[[str, Mapping[str, Any]], Told]] = {"backup": _back_up, "restore": _restore}
