"""A model's log: records numbered 1, 2, 3, ... that say what changed.

A record is made by create-if-absent under the next number and never changed, so two who change a model
at once cannot undo each other, and what a model is now is what its log adds up to. Whether another
process has changed it takes one look: is there a next record?
"""

import json
from collections.abc import Callable, Container, Mapping
from typing import Any

from app.errors import ChangedMeanwhile, StoreError, UnknownModel
from app.registry.declaration import NAME, Declaration
from app.registry.state import ModelState
from app.store import MissingKey, Store


class ModelLog:
    """The logs of all models in a store, with what they have added up to so far."""

    def __init__(self, store: Store, built_in: Mapping[str, Declaration]) -> None:
        self._store = store
        self._states = {name: ModelState(name, declaration) for name, declaration in built_in.items()}

    def names(self) -> set[str]:
        """Return the names of all models that there are or have been."""
        return {*self._states, *filter(NAME.fullmatch, self._store.keys("models"))}

    def state(self, name: str) -> ModelState:
        """Return what a model is; where the store cannot be read, what is known of it goes on serving."""
        try:
            return self._read(name)
        except StoreError:
            if name in self._states:
                return self._states[name]
            raise

    def change(
        self, name: str, record: Callable[[ModelState], dict[str, Any]], expected: Container[str] | None = None
    ) -> ModelState:
        """Add the record that the model's present state calls for, again if another writer was first.

        `expected` are the tags of which the state must have one (None: any). Raises `ChangedMeanwhile`,
        `UnknownModel`, and what `record` raises.
        """
        while True:
            state = self._read(name)
            if expected is not None and state.tag not in expected:
                raise ChangedMeanwhile(f"model {name!r} has been changed meanwhile: read it again")
            made = record(state)
            if state.declaration is None and made["change"] != "declared":
                raise UnknownModel(f"there is no model called {name!r}")
            data = json.dumps(made).encode()
            if self._store.create(_key(name, state.sequence + 1), data):
                return state.after(data)

    def _read(self, name: str) -> ModelState:
        """Return the sum of a model's log, reading what has been added since it was last asked for."""
        state = self._states.get(name)
        if state is None:
            if not NAME.fullmatch(name):
                raise UnknownModel(f"there is no model called {name!r}")
            state = ModelState(name)
        while True:
            try:
                data = self._store.get(_key(name, state.sequence + 1))
            except MissingKey:
                return state
            state = self._states[name] = state.after(data)


def _key(name: str, number: int) -> str:
    return f"models/{name}/records/{number:08d}.json"
