"""What a model is to its clients, as a table of operations: each says what it answers in a state, and the state after it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tests.support.histories.linearizability import UNKNOWN, Operation

ROWS = 3
"""Rows of each table that is sent."""


@dataclass(frozen=True)
class Refused:
    """An operation was answered with this status, and has changed nothing."""

    status: int


@dataclass(frozen=True)
class Model:
    """A model's state."""

    is_there: bool = False
    versions: frozenset[tuple[int, int]] = frozenset()
    """The number of each, and the rows that it was trained with."""
    default: int | None = None
    newest: int = 0
    """The highest number that was given out: none is given out twice, not even after the model was deleted."""

    @property
    def rows(self) -> Mapping[int, int]:
        """The rows of each version."""
        return dict(self.versions)


def apply(state: Model, operation: Operation) -> Model | None:
    """Return the state after an operation; None if it cannot be answered so in this state."""
    return _EFFECTS[operation.kind](state, operation)


def _publish(state: Model, rows: int, result: Any) -> Model | None:
    """A version comes: its number is the next one, and it becomes the default."""
    if isinstance(result, Refused):
        return state
    number = state.newest + 1
    if result is not UNKNOWN and (result[0] != number or result[1] not in {None, rows}):
        return None
    return Model(is_there=True, versions=state.versions | {(number, rows)}, default=number, newest=number)


def _train(state: Model, operation: Operation) -> Model | None:
    return _publish(state, ROWS, operation.result)


def _extend(state: Model, operation: Operation) -> Model | None:
    before = 0 if state.default is None else state.rows[state.default]
    return _publish(state, before + ROWS, operation.result)


def _roll_back(state: Model, operation: Operation) -> Model | None:
    number, result = operation.argument, operation.result
    if number in state.rows:
        return replace(state, default=number) if result in {UNKNOWN, number} else None
    return state if result in {UNKNOWN, Refused(404)} else None


def _remove(state: Model, operation: Operation) -> Model | None:
    number, result = operation.argument, operation.result
    if number not in state.rows:
        return state if result in {UNKNOWN, Refused(404)} else None
    if number == state.default:
        return state if result in {UNKNOWN, Refused(409)} else None
    versions = frozenset(each for each in state.versions if each[0] != number)
    return replace(state, versions=versions) if result in {UNKNOWN, number} else None


def _delete(state: Model, operation: Operation) -> Model | None:
    if state.is_there:
        return Model(newest=state.newest) if operation.result in {UNKNOWN, True} else None
    return state if operation.result in {UNKNOWN, Refused(404)} else None


def _predict(state: Model, operation: Operation) -> Model | None:
    """It is answered by the default version."""
    return state if operation.result in {UNKNOWN, state.default if state.is_there else Refused(404)} else None


def _read(state: Model, operation: Operation) -> Model | None:
    found = (state.default, len(state.versions)) if state.is_there else Refused(404)
    return state if operation.result in {UNKNOWN, found} else None


def _list(state: Model, operation: Operation) -> Model | None:
    found = frozenset(state.rows) if state.is_there else Refused(404)
    return state if operation.result in {UNKNOWN, found} else None


_EFFECTS: dict[str, Callable[[Model, Operation], Model | None]] = {
    "train": _train,
    "publish": _train,
    "extend": _extend,
    "roll back": _roll_back,
    "remove": _remove,
    "delete": _delete,
    "predict": _predict,
    "read": _read,
    "list": _list,
}

READING = frozenset({"predict", "read", "list"})
"""Operations that change nothing: one whose response has not come says nothing."""
