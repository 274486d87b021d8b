"""How much memory a process has needed, as Linux counts it."""

import re
from pathlib import Path

MEBIBYTE_KB = 1024


def reset_peak_memory(pid: int | str = "self") -> float:
    """Have the peak of a process counted from now; return its memory, in MiB."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")  # see proc(5)
    return peak_memory(pid)


def peak_memory(pid: int | str = "self") -> float:
    """Return the most memory that a process has held since its peak was reset, in MiB."""
    return _read_status(pid, "VmHWM")


def resident_memory(pid: int | str = "self") -> float:
    """Return how much memory a process holds now, in MiB."""
    return _read_status(pid, "VmRSS")


def data_memory(pid: int | str = "self") -> float:
    """Return what the kernel counts for RLIMIT_DATA, in MiB."""
    return _read_status(pid, "VmData")


def _read_status(pid: int | str, name: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(rf"{name}:\s+(\d+) kB", status)
    assert found
    return int(found[1]) / MEBIBYTE_KB
