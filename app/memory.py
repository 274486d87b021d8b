"""How much memory the process may still take, and what of it is spoken for.

Where it is used to the brim, Python raises `MemoryError`, but libraries end the process: those in Rust abort, OpenBLAS exits.
So what is not small looks whether there is room before it begins: in the limits of the process, and of the control groups
that it is in. A process that has none of these may take what it likes; how much the machine has is not looked at.
"""

import gc
import os
import re
import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from math import inf
from pathlib import Path
from threading import Lock
from time import monotonic

RESERVE_BYTES = 48 * 1024 * 1024
"""What has to stay free: for small requests, and for what a reckoning has left out."""

MIN_BYTES = 1024 * 1024
"""Of what is looked after; for less there is the reserve."""

COLLECT_SECONDS = 1.0
"""How often garbage is looked for where there is no room; that holds all threads up for some milliseconds."""

BODIES = 4
"""How many times its length a body takes at the most while it is read."""

_PROC, _CGROUPS = Path("/proc/self"), Path("/sys/fs/cgroup")

_LIMITS = {resource.RLIMIT_DATA: "VmData", resource.RLIMIT_AS: "VmSize"}
"""What is limited, and how Linux calls what the process has of it (proc(5))."""


@dataclass(frozen=True)
class _GroupFiles:
    """Where a version of control groups tells what a group may have, and has."""

    line: re.Pattern[str]
    """Of /proc/self/cgroup: which group the process is in."""
    root: str
    """Where its groups begin. In a container that does not see its own, the root is what it may have."""
    limit: str
    used: str
    cached: re.Pattern[str]


_GROUP_FILES = (
    _GroupFiles(
        line=re.compile(r"^0::/(.*)$", re.MULTILINE),
        root="",
        limit="memory.max",
        used="memory.current",
        cached=re.compile(r"^(?:in)?active_file (\d+)$", re.MULTILINE),
    ),
    _GroupFiles(
        line=re.compile(r"^\d+:(?:\w+,)*memory(?:,\w+)*:/(.*)$", re.MULTILINE),
        root="memory",
        limit="memory.limit_in_bytes",
        used="memory.usage_in_bytes",
        cached=re.compile(r"^total_(?:in)?active_file (\d+)$", re.MULTILINE),
    ),
)
"""Version 2, and version 1, which older machines have; some have both, and limit memory by one of them."""

_lock = Lock()
_reserved = 0
_last_collected = -inf


@contextmanager
def reserving(needed: int) -> Iterator[None]:
    """Set so much memory aside for the block. Raises `MemoryError` if there is not so much, beside what others need."""
    global _reserved  # noqa: PLW0603 - as there is one memory
    needed = needed if needed >= MIN_BYTES else 0
    with _lock:
        if needed and not (_is_free(needed) or (_collect_garbage() and _is_free(needed))):
            raise MemoryError(f"{needed} bytes")
        _reserved += needed
    try:
        yield
    finally:
        with _lock:
            _reserved -= needed


def check_room(needed: int) -> None:
    """Raise `MemoryError` if there is not so much memory, beside what others need; nothing is set aside."""
    with reserving(needed):
        pass


def _is_free(needed: int) -> bool:
    return find_room() - _reserved >= needed + RESERVE_BYTES


def _collect_garbage() -> bool:
    """Free what requests that failed have left; return whether it was time to."""
    global _last_collected  # noqa: PLW0603 - as above
    if monotonic() - _last_collected < COLLECT_SECONDS:
        return False
    _last_collected = monotonic()
    gc.collect()
    return True


def find_room() -> float:
    """Return how many bytes the process may still take; infinity, if nothing limits it."""
    return min(_find_room_of_process(), _find_room_of_group())


def find_machine_memory() -> int:
    """Return how many bytes of memory the machine has."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def give_way_to_others() -> None:
    """Have the kernel, where it finds no more memory, end this process rather than any other of ours (proc(5)); on Linux."""
    with suppress(OSError):
        (_PROC / "oom_score_adj").write_text("1000")


@contextmanager
def growing_by(most: float) -> Iterator[None]:
    """Let this process take at most so many bytes more within the block, on Linux: what asks for more gets `MemoryError`.

    What is asked for is counted, whether or not it is used (`RLIMIT_DATA`, setrlimit(2)).
    """
    before, hard = resource.getrlimit(resource.RLIMIT_DATA)
    held = re.search(r"VmData:\s+(\d+) kB", _read(_PROC / "status"))
    if held is not None and most < inf:
        allowed = 1024 * int(held[1]) + int(most)
        limits = [allowed, *(each for each in (before, hard) if each != resource.RLIM_INFINITY)]
        resource.setrlimit(resource.RLIMIT_DATA, (min(limits), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (before, hard))


def _find_room_of_process() -> float:
    limits = {name: resource.getrlimit(kind)[0] for kind, name in _LIMITS.items()}
    limits = {name: limit for name, limit in limits.items() if limit != resource.RLIM_INFINITY}
    status = _read(_PROC / "status") if limits else ""
    found = {name: re.search(rf"{name}:\s+(\d+) kB", status) for name in limits}
    return min((limits[name] - 1024 * int(size[1]) for name, size in found.items() if size), default=inf)


def _find_room_of_group() -> float:
    """Return the room in the control group that the process is in, and in those around it."""
    groups = _read(_PROC / "cgroup")
    found = [(files, files.line.search(groups)) for files in _GROUP_FILES]
    return min((_find_room_around(files, line[1]) for files, line in found if line), default=inf)


def _find_room_around(files: _GroupFiles, path: str) -> float:
    root = _CGROUPS / files.root
    group = root / path
    return min(_find_room_in(files, each) for each in [group, *group.parents][: len(Path(path).parts) + 1])


def _find_room_in(files: _GroupFiles, group: Path) -> float:
    most = _read(group / files.limit).strip()
    if not most.isdigit():  # there is none, or it says max
        return inf
    cached = files.cached.findall(_read(group / "memory.stat"))
    return int(most) - int(_read(group / files.used)) + sum(map(int, cached))  # which can be dropped


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
