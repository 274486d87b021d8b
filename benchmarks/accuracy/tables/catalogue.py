"""All tables of the exam, by name; which belong to development and which to confirmation."""

from collections.abc import Callable, Iterable
from itertools import chain

from benchmarks.accuracy.tables.functions import functions
from benchmarks.accuracy.tables.kinds import kinds
from benchmarks.accuracy.tables.odd import odd
from benchmarks.accuracy.tables.real import classes, parts_of_real, real
from benchmarks.accuracy.tables.table import Table

TABLES: tuple[Table, ...] = tuple(chain(kinds(), parts_of_real(), odd(), real(), classes(), functions()))
BY_NAME = {table.name: table for table in TABLES}
GROUPS = {table.group for table in TABLES}

DEVELOPMENT_SEEDS = (0, 1)
CONFIRMATION_SEEDS = (1000, 1001)
"""Nobody looks at these while developing, on any table."""


def chosen(names: Iterable[str]) -> list[Table]:
    """Return the tables of these names; `quick`, `dev`, `confirm`, a group or `all` stand for several, `real:dev` for both.

    Raises `KeyError`.
    """
    found: dict[str, Table] = {}
    for name in names:
        found |= {table.name: table for table in TABLES if all(table.name in _named(part) for part in name.split(":"))}
    return list(found.values())


def _named(name: str) -> set[str]:
    several: dict[str, Callable[[Table], bool]] = {
        "all": lambda _: True,
        "quick": lambda table: table.is_quick,
        "dev": lambda table: table.phase != "confirmation",
        "confirm": lambda table: table.phase != "development",
        **{group: lambda table, group=group: table.group == group for group in GROUPS},  # type: ignore[misc]
    }
    return {table.name for table in TABLES if several[name](table)} if name in several else {BY_NAME[name].name}
