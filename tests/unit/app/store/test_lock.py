"""The lock of a store: one process holds it, and the kernel frees it."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from app.store.contract import Store
from app.store.disk import DiskStore
from app.store.strange import remove_free_locks
from tests.support.racing import Racetrack
from tests.support.waiting import until

HOLD = """
import sys, time
from app.store.disk import DiskStore
with DiskStore(sys.argv[1]).lock("locks/one") as is_held:
    print(is_held, flush=True)
    time.sleep(600)
"""


def is_free(store: Store) -> bool:
    with store.lock("locks/one") as is_held:
        return is_held


def test_a_lock_is_held_by_one_at_a_time_and_leaves_nothing_behind(store: Store) -> None:
    with store.lock("locks/one") as first, store.lock("locks/one") as second, store.lock("locks/two") as other:
        assert (first, second, other) == (True, False, True)

    assert is_free(store)
    assert store.keys("locks") == []


def test_a_process_that_is_killed_frees_its_lock_and_what_it_left_is_removed(folder: str) -> None:
    store = DiskStore(folder)
    with subprocess.Popen([sys.executable, "-c", HOLD, folder], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"True\n"
        remove_free_locks(store, "locks")
        assert not is_free(store)
        assert Path(folder, "locks", "one").stat().st_mode & 0o077 == 0  # no other user can open it

        process.send_signal(signal.SIGKILL)

    remove_free_locks(store, "locks")
    assert store.keys("locks") == []
    assert until(lambda: is_free(store), "the lock is free")


def _count(folder: str) -> bool:
    """Add 1 to a number in a file, under the lock."""
    store, number = DiskStore(folder), Path(folder, "number")
    for _ in range(30):
        while True:
            with store.lock("locks/one") as is_held:
                if is_held:
                    number.write_text(str(int(number.read_text()) + 1))
                    break
    return True


def test_many_processes_take_it_in_turn(racetrack: Racetrack, folder: str) -> None:
    Path(folder).mkdir()
    Path(folder, "number").write_text("0")

    done = racetrack.race(_count, folder)

    assert int(Path(folder, "number").read_text()) == 30 * len(done)


def test_nobody_in_the_network_namespace_can_take_it(folder: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
        other.bind(f"\0scorecast-{os.getpid()}")
        assert is_free(DiskStore(folder))
