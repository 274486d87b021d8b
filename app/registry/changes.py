"""Changes of a model: the record that each calls for, given what the model is; None where nothing would change."""

import json
from collections.abc import Callable
from typing import Any

from app.errors import UnknownVersion, VersionInUse
from app.registry.declaration import Declaration
from app.registry.state import ModelState, Version

Record = dict[str, Any]


def declare(declaration: Declaration) -> Callable[[ModelState], Record | None]:
    """Declare the model to be this."""
    wanted = declaration.to_dict()

    def record(state: ModelState) -> Record | None:
        is_so = state.declaration is not None and json.dumps(state.declaration.to_dict()) == json.dumps(wanted)
        return None if is_so else {"change": "declared", "declaration": wanted}

    return record


def move_default(number: int) -> Callable[[ModelState], Record | None]:
    """Have a version answer. Raises `UnknownVersion`."""

    def record(state: ModelState) -> Record | None:
        moved = {"change": "default-moved", "model_version": find_version(state, number).number}
        return None if state.default_version == number else moved

    return record


def remove_version(number: int) -> Callable[[ModelState], Record | None]:
    """Remove a version. Raises `UnknownVersion`, `VersionInUse`."""

    def record(state: ModelState) -> Record:
        if state.default_version == number:
            raise VersionInUse(f"version {number} of model {state.name!r} is its default: move the default first")
        return {"change": "version-removed", "model_version": find_version(state, number).number}

    return record


def find_version(state: ModelState, number: int) -> Version:
    """Return a version of a model. Raises `UnknownVersion`."""
    try:
        return state.versions[number]
    except KeyError:
        raise UnknownVersion(f"model {state.name!r} has no version {number}") from None
