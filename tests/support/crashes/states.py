"""What a power cut may leave of what was done to a folder.

What was synced is there. Of anything else each step may be there or not, whatever came after it: a file system may write
names and contents in any order (Pillai and others, "All File Systems Are Not Created Equal", OSDI 2014). The content of a
file that was not synced may be whole, cut off, empty, or zeros.
"""

import itertools
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.crashes.recording import Step

Tree = dict[str, bytes | None]
"""Files by their path, with their content; folders with None."""

PIECES: Sequence[Callable[[bytes], bytes]] = (
    lambda data: data,
    lambda data: b"",
    lambda data: data[: len(data) // 2],
    lambda data: bytes(len(data)),
)
"""What may be there of a content that was not synced."""


@dataclass(frozen=True)
class Crash:
    """A moment between two steps, and what was not synced then: `loose` groups of steps, of which each is there or not."""

    steps: Sequence[Step]
    loose: Sequence[frozenset[int]]
    torn: Sequence[int]
    """Nodes of files that may have any of the `PIECES`."""

    @staticmethod
    def after(steps: Sequence[Step], whole: str) -> "Crash":
        """Return the crash after these steps; what is done to names in the folder `whole` is one group."""
        synced: dict[int, int] = {}
        for number, step in enumerate(steps):
            if step.kind == "sync":
                synced[step.node] = number
        waiting = [
            number for number, step in enumerate(steps) if step.kind != "sync" and number > synced.get(step.node, -1)
        ]
        folder = next((step.of for step in steps if step.kind == "set" and step.name == whole), None)
        names = [number for number in waiting if steps[number].kind != "write"]
        together = frozenset(number for number in names if steps[number].node == folder)
        loose = [frozenset([number]) for number in names if number not in together]
        shown = {number: step for number, step in enumerate(steps) if step.node != folder}
        seen = _may_be_seen(shown, synced)
        torn = sorted({steps[number].node for number in waiting if steps[number].kind == "write"} & seen)
        return Crash(steps, [*loose, *([together] if together else [])], torn)

    def states(self, most: int, chance: random.Random) -> Iterator[Tree]:
        """Yield what may be there afterwards: all of it if that is no more than `most`, or else what is likeliest to harm.

        That is: everything, nothing, all but one step, one alone, the first ones alone, all but two, two alone, and chance.
        """
        count = 2 ** len(self.loose) * len(PIECES) ** len(self.torn)
        choices = self._all() if count <= most else itertools.islice(self._some(chance), most)
        for kept, pieces in choices:
            yield self._make(kept, pieces)

    def _all(self) -> Iterator[tuple[frozenset[int], tuple[int, ...]]]:
        for chosen in itertools.product((True, False), repeat=len(self.loose)):
            kept = frozenset[int]().union(*itertools.compress(self.loose, chosen))
            for pieces in itertools.product(range(len(PIECES)), repeat=len(self.torn)):
                yield kept, pieces

    def _some(self, chance: random.Random) -> Iterator[tuple[frozenset[int], tuple[int, ...]]]:
        everything = frozenset(range(len(self.loose)))
        first = [frozenset(range(count)) for count in everything]
        one, two = ([frozenset(few) for few in itertools.combinations(everything, size)] for size in (1, 2))
        chosen = [everything, frozenset[int](), *_but(everything, one), *one, *first, *_but(everything, two), *two]
        by_chance = iter(lambda: frozenset(n for n in everything if chance.random() < 0.5), None)
        for few in itertools.chain(chosen, by_chance):
            kept = frozenset[int]().union(*(self.loose[number] for number in few))
            yield kept, tuple(chance.randrange(len(PIECES)) for _ in self.torn)

    def _make(self, kept: frozenset[int], pieces: Sequence[int]) -> Tree:
        loose = frozenset[int]().union(*self.loose)
        names: dict[int, dict[str, int]] = {0: {}}
        contents: dict[int, bytes] = {}
        for number, step in enumerate(self.steps):
            if step.kind == "write":
                contents[step.node] = contents.get(step.node, b"") + step.data
            elif number in loose and number not in kept:
                continue
            elif step.kind == "set":
                names.setdefault(step.node, {})[step.name] = step.of
            elif step.kind == "unset" and names.get(step.node, {}).get(step.name) == step.of:
                del names[step.node][step.name]
        for node, piece in zip(self.torn, pieces, strict=True):
            contents[node] = PIECES[piece](contents[node])
        folders = {step.of for step in self.steps if step.is_folder}
        return dict(_walk(0, "", names, contents, folders))


def _but(everything: frozenset[int], few: Sequence[frozenset[int]]) -> list[frozenset[int]]:
    return [everything - each for each in few]


def _may_be_seen(steps: Mapping[int, Step], synced: dict[int, int]) -> set[int]:
    """Return the nodes that some name may be of after a crash: the last synced one of each, and those since then."""
    seen: dict[tuple[int, str], list[int]] = {}
    for number, step in steps.items():
        if step.kind in {"set", "unset"}:
            of = seen.setdefault((step.node, step.name), [])
            if number <= synced.get(step.node, -1):
                of.clear()
            if step.kind == "set":
                of.append(step.of)
    return {node for nodes in seen.values() for node in nodes}


def _walk(
    node: int, above: str, names: dict[int, dict[str, int]], contents: dict[int, bytes], folders: set[int]
) -> Iterator[tuple[str, bytes | None]]:
    for name, of in names.get(node, {}).items():
        path = f"{above}{name}"
        if of in folders:
            yield path, None
            yield from _walk(of, f"{path}/", names, contents, folders)
        else:
            yield path, contents.get(of, b"")


def write_tree(tree: Tree, folder: Path) -> None:
    """Make a tree in a folder."""
    for path, content in tree.items():  # folders come before what is in them
        if content is None:
            (folder / path).mkdir()
        else:
            (folder / path).write_bytes(content)
