"""A lock that one process at a time holds: a file that the kernel locks (flock(2)), and frees when the process ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_FOR_THE_OWNER_ONLY = 0o600


@contextmanager
def hold_file_lock(path: str) -> Iterator[bool]:
    """Hold the lock of this path for the time of the block, unless another process has it; yield whether it is held.

    The file is there only while the lock is held, or its process was killed. It is opened to be read, which locks it as
    well, and does not keep a disk from becoming read-only.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, _FOR_THE_OWNER_ONLY)
    try:
        is_held = _lock(descriptor, path)
        yield is_held
        if is_held:
            with suppress(OSError):  # the disk may have become read-only; a file that stays does no harm
                os.unlink(path)  # noqa: PTH108 - while it is held: whoever has opened it finds that it is gone
    finally:
        os.close(descriptor)


def _lock(descriptor: int, path: str) -> bool:
    """Lock an open file, if that can be done at once, and the file is still the one of this path."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(descriptor), os.stat(path))  # noqa: PTH116
    except (BlockingIOError, FileNotFoundError):
        return False
