"""The exam's tables: made ones, and real ones that come with packages; some for development, some for confirmation."""

from benchmarks.accuracy.tables.catalogue import BY_NAME, TABLES, chosen
from benchmarks.accuracy.tables.table import Split, Table

__all__ = ["BY_NAME", "TABLES", "Split", "Table", "chosen"]
