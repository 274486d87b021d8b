"""Numbers by name that the processes of a server share; no more than that, since the process that supervises them loads it."""

from app.counts.counts import Counts, Name
from app.counts.shared import SharedCounts, counts_bytes

__all__ = ["Counts", "Name", "SharedCounts", "counts_bytes"]
