"""Checkpoints for requests: from memory at once, or read from the store in a thread, so that no one waits for that."""

from typing import Any

from app.logs import note_model
from app.registry import Registry
from app.rest.work.threads import run_loading
from model.checkpoint import Checkpoint


async def load(registry: Registry, name: str, number: int | None = None) -> tuple[int, Checkpoint[Any]]:
    """Return a version's number and checkpoint; None: of what serves the model.

    Raises what `Registry.serving` and `Registry.checkpoint` raise.
    """
    if registry.is_in_memory(name, number):
        found = _find(registry, name, number)
    else:
        found = await run_loading(lambda: _find(registry, name, number))
    note_model(name, found[0])
    return found


def _find(registry: Registry, name: str, number: int | None) -> tuple[int, Checkpoint[Any]]:
    return registry.serving(name) if number is None else (number, registry.checkpoint(name, number))
