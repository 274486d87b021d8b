"""Whether a history is linearizable: is there one order of its operations that explains each answer?

In that order each operation happens at one moment between its invocation and its response (Herlihy and Wing, 1990). The
search is that of Wing and Gong (1993) with the memory of Lowe (2017): from each set of operations that are done and the
state that they have led to, it goes on once. An operation of which no response has come may have happened at any moment
since, or never. Histories of different objects are checked separately, which is enough (their theorem of locality).
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, TypeVar

State = TypeVar("State", bound=Hashable)

MAX_CONFIGURATIONS = 2_000_000
"""Pairs of operations done and a state, after which the search is given up: then nothing is known of the history."""

UNKNOWN = None
"""The result of an operation whose response never came."""


@dataclass(frozen=True)
class Operation:
    """What one client asked for, and what came of it."""

    kind: str
    argument: Any
    began: float
    ended: float = inf
    result: Any = UNKNOWN
    client: int = 0


Step = Callable[[State, Operation], State | None]
"""Returns the state after an operation; None if it cannot be answered so in this state."""


class UndecidedError(Exception):
    """The search was given up."""


def find_violation(history: Sequence[Operation], state: State, step: Step[State]) -> list[Operation] | None:
    """Return None if the history is linearizable; else operations one of which had to come next at the longest try.

    Raises `UndecidedError`.
    """
    search = _Search(sorted(history, key=lambda each: each.began))
    stack, seen, longest = [(0, state)], {(0, state)}, 0
    while stack:
        done, state = stack.pop()
        if not search.known & ~done:
            return None
        longest = max(longest, done & search.known, key=int.bit_count)
        for place in search.candidates(done):
            after = step(state, search.operations[place])
            if after is not None and (reached := (done | 1 << place, after)) not in seen:
                seen.add(reached)
                stack.append(reached)
        if len(seen) > MAX_CONFIGURATIONS:
            raise UndecidedError(f"{len(history)} operations, {len(seen)} configurations")
    return [search.operations[place] for place in search.candidates(longest) if search.known >> place & 1]


class _Search:
    """The operations of a history in the order of their invocations; sets of them are the bits of a number."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = operations
        self._answered = [place for place, each in enumerate(operations) if each.result is not UNKNOWN]
        self._unanswered = [place for place, each in enumerate(operations) if each.result is UNKNOWN]
        self.known = sum(1 << place for place in self._answered)
        self._rank = {place: rank for rank, place in enumerate(self._answered)}

    def candidates(self, done: int) -> Iterator[int]:
        """Yield the places of what may happen next, the most likely last: it began before all that is left had ended."""
        left = self.known & ~done
        first_end, found = inf, list[int]()
        for place in self._answered[self._rank[(left & -left).bit_length() - 1] :] if left else ():
            if done >> place & 1:
                continue
            if self.operations[place].began > first_end:
                break
            first_end = min(first_end, self.operations[place].ended)
            found.append(place)
        yield from self._unanswered_before(first_end, done)
        yield from sorted(found, key=lambda place: -self.operations[place].ended)

    def _unanswered_before(self, moment: float, done: int) -> Iterator[int]:
        """Yield the first of each kind and argument: of equal ones it makes no difference which has happened."""
        met = set[Hashable]()
        for place in self._unanswered:
            each = self.operations[place]
            if each.began > moment:
                return
            if not done >> place & 1 and (each.kind, each.argument) not in met:
                met.add((each.kind, each.argument))
                yield place
