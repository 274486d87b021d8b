"""The check of histories is checked itself: what one order explains is found right, and each violation is found."""

import random
from collections.abc import Sequence
from dataclasses import replace
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.histories.linearizability import UNKNOWN, Operation, UndecidedError, find_violation
from tests.support.histories.specification import Model, Refused, apply

KINDS = ("train", "extend", "publish", "roll back", "remove", "delete", "predict", "read", "list")


def told(kind: str, began: float, result: object, argument: int | None = None, ended: float | None = None) -> Operation:
    """An operation that took one second, unless it took longer."""
    return Operation(kind, argument, began, began + 1 if ended is None else ended, result)


TRAINED = [told("train", 0, (1, 3)), told("train", 2, (2, 3))]

VIOLATIONS = {
    "a stale read": [*TRAINED, told("predict", 4, 1)],
    "a stale read after a rollback": [*TRAINED, told("roll back", 4, 1, 1), told("predict", 6, 2)],
    "two reads that go back": [
        TRAINED[0],
        told("train", 2, (2, 3), ended=9),
        told("predict", 3, 2),
        told("predict", 5, 1),
    ],
    "a lost version": [*TRAINED, told("list", 4, frozenset({2}))],
    "a lost version, by their number": [*TRAINED, told("read", 4, (2, 1))],
    "a version that nobody made": [*TRAINED, told("list", 4, frozenset({1, 2, 3}))],
    "a number given out twice": [*TRAINED, told("train", 4, (2, 3))],
    "a number given out twice at once": [told("train", 0, (1, 3)), told("publish", 0, (1, None))],
    "a number that was left out": [*TRAINED, told("train", 4, (4, 3))],
    "a number given out again after a deletion": [*TRAINED, told("delete", 4, True), told("train", 6, (1, 3))],
    "a model that has come back": [*TRAINED, told("delete", 4, True), told("predict", 6, 2)],
    "a version that has come back": [*TRAINED, told("remove", 4, 1, 1), told("roll back", 6, 1, 1)],
    "a model deleted twice": [*TRAINED, told("delete", 4, True), told("delete", 6, True)],
    "a model that is gone": [*TRAINED, told("predict", 4, Refused(404))],
    "rows that were lost": [*TRAINED, told("extend", 4, (3, 6)), told("extend", 6, (4, 6))],
    "a default version removed": [*TRAINED, told("remove", 4, 2, 2)],
    "a refused training that was carried out": [*TRAINED, told("train", 4, Refused(503)), told("predict", 6, 3)],
    "what was never asked for": [told("predict", 0, 1), told("train", 5, UNKNOWN, ended=inf)],
    "an unknown training that has happened twice": [
        told("train", 0, UNKNOWN, ended=inf),
        told("list", 1, frozenset({1, 2})),
    ],
}


@pytest.mark.parametrize("name", VIOLATIONS)
def test_a_violation_is_found(name: str) -> None:
    assert find_violation(VIOLATIONS[name], Model(), apply)


def test_it_is_told_what_cannot_come_next() -> None:
    stale = told("predict", 4, 1)

    assert find_violation([*TRAINED, stale, told("predict", 6, 2)], Model(), apply) == [stale]


@pytest.mark.parametrize(
    "history",
    [
        [],
        [told("predict", 0, Refused(404))],
        [*TRAINED, told("predict", 4, 2)],
        [TRAINED[0], told("train", 2, (2, 3), ended=9), told("predict", 3, 1), told("predict", 5, 2)],
        [told("train", 0, UNKNOWN, ended=inf), told("predict", 1, Refused(404)), told("predict", 3, 1)],
        [told("train", 0, UNKNOWN, ended=inf), told("train", 5, (1, 3)), told("train", 7, (3, 3))],
        [*TRAINED, told("delete", 4, UNKNOWN, ended=inf), told("predict", 9, 2), told("predict", 11, Refused(404))],
        [*TRAINED, told("extend", 4, (3, 6)), told("roll back", 6, 1, 1), told("extend", 8, (4, None)), told("read", 10, (4, 4))],
        [*TRAINED, told("delete", 4, True), told("extend", 6, (3, 3)), told("list", 8, frozenset({3}))],
    ],
)  # fmt: skip
def test_what_one_order_explains_is_no_violation(history: Sequence[Operation]) -> None:
    assert find_violation(history, Model(), apply) is None


def draw_history(seed: int, length: int = 120, clients: int = 8) -> list[Operation]:
    """A history as clients of a model that keeps its promises would record it; some never hear of what they asked for."""
    chance = random.Random(seed)
    state, free, history = Model(), [0.0] * clients, list[Operation]()
    moment = 0.0
    for _ in range(length):
        client = min(range(clients), key=free.__getitem__)
        moment = max(moment + 1, free[client])  # when the operation happens
        kind, argument = chance.choice(KINDS), chance.randint(1, 1 + state.newest)
        asked = Operation(kind, argument if kind in {"roll back", "remove"} else None, free[client])
        state, result = _answer(state, asked)
        ended = moment + chance.uniform(0, 4)
        asked = replace(asked, began=chance.uniform(free[client], moment), client=client)
        free[client] = ended
        is_known = chance.random() > 0.1
        history.append(replace(asked, ended=ended, result=result) if is_known else asked)
    return history


def _answer(state: Model, asked: Operation) -> tuple[Model, object]:
    """Return what a model that keeps its promises does."""
    results = [
        *((number, rows) for number in [state.newest + 1] for rows in range(0, 400, 3)),
        *map(Refused, (404, 409)),
    ]
    results += [True, state.default, asked.argument, (state.default, len(state.versions)), frozenset(state.rows)]
    if asked.kind in {"predict", "roll back", "remove", "read", "list", "delete"}:
        results = results[::-1]
    for result in results:
        if result is not UNKNOWN and (after := apply(state, replace(asked, result=result))) is not None:
            return after, result
    raise AssertionError(asked)


@given(st.integers(0, 2**32))
def test_what_a_right_model_answers_is_linearizable(seed: int) -> None:
    assert find_violation(draw_history(seed), Model(), apply) is None


@given(st.integers(0, 2**32))
def test_a_prediction_of_a_version_that_nobody_made_is_found_in_any_history(seed: int) -> None:
    history = draw_history(seed)
    predictions = [place for place, each in enumerate(history) if each.kind == "predict" and each.result is not UNKNOWN]
    for place in predictions[:1]:
        history[place] = replace(history[place], result=len(history) + 1)
        assert find_violation(history, Model(), apply)


def test_a_search_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.support.histories.linearizability.MAX_CONFIGURATIONS", 10)
    at_once = [Operation("roll back", number, 0, 9, Refused(404)) for number in range(20)]

    with pytest.raises(UndecidedError):
        find_violation([*at_once, told("predict", 10, 1)], Model(), apply)
