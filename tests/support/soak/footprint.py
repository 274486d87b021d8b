"""What a server takes of a machine: memory, open files, files in its store."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.support.server import Server


@dataclass(frozen=True)
class Footprint:
    """At one moment, of all processes of a server together."""

    memory_mib: float
    """Proportional set sizes: what processes share counts once."""
    descriptors: int
    processes: int
    files: int
    """In the store."""
    store_mib: float

    def __str__(self) -> str:
        return (
            f"{self.memory_mib:.0f} MiB, {self.descriptors} descriptors, {self.processes} processes,"
            f" {self.files} files of {self.store_mib:.1f} MiB"
        )

    def grows_beyond(self, earlier: "Footprint", *, is_store_full: bool) -> list[str]:
        """Return what has become more since then than it may: a tenth, and what one process more or less takes.

        The store counts once it is full: once it has as many versions, jobs and records as it keeps.
        """
        limits = {
            "memory_mib": 1.1 * earlier.memory_mib + 30,
            "descriptors": 1.1 * earlier.descriptors + 30,
            "processes": earlier.processes + 1,
        }
        of_store = {
            "files": 1.1 * earlier.files + 100,
            "store_mib": 1.1 * earlier.store_mib + 2,
        }
        limits |= of_store if is_store_full else {}
        return [f"{name}: {getattr(self, name)}" for name, limit in limits.items() if getattr(self, name) > limit]


def measure(server: Server) -> Footprint:
    """Return what a server takes now."""
    memory, descriptors, pids = 0, 0, server.processes()
    for pid in pids:
        with suppress(OSError):  # it has ended since
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            memory += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
            descriptors += len(list(Path(f"/proc/{pid}/fd").iterdir()))
    sizes = list[int]()
    for path in server.store.rglob("*"):
        with suppress(OSError):  # it has been removed since
            if path.is_file():
                sizes.append(path.stat().st_size)
    return Footprint(memory / 1024, descriptors, len(pids), len(sizes), sum(sizes) / 2**20)
