"""All tables of the exam, by name; which belong to development and which to confirmation."""

from itertools import chain

from benchmarks.accuracy.tables.functions import functions
from benchmarks.accuracy.tables.kinds import kinds
from benchmarks.accuracy.tables.odd import odd
from benchmarks.accuracy.tables.real import classes, parts_of_real, real
from benchmarks.accuracy.tables.table import Table

TABLES: tuple[Table, ...] = tuple(chain(kinds(), parts_of_real(), odd(), real(), classes(), functions()))
BY_NAME = {table.name: table for table in TABLES}

DEVELOPMENT_SEEDS = (0, 1)
CONFIRMATION_SEEDS = (1000, 1001)
"""Nobody looks at these while developing, on any table."""


def chosen(names: str) -> list[Table]:
    """Return the tables that a comma-separated list names; `quick`, `dev`, `confirm`, a group or `all` stand for several.

    Raises `KeyError`.
    """
    found: dict[str, Table] = {}
    for name in names.split(","):
        found |= {table.name: table for table in _named(name)}
    return list(found.values())


def _named(name: str) -> list[Table]:
    if name == "quick":
        return [table for table in TABLES if table.is_quick]
    if name in {"dev", "confirm"}:
        other = "confirmation" if name == "dev" else "development"
        return [table for table in TABLES if table.phase != other]
    if name == "all":
        return list(TABLES)
    group = [table for table in TABLES if table.group == name]
    return group or [BY_NAME[name]]
