"""The memory that a process may still take: found out from limits and control groups, and set aside before it is used."""

import subprocess
import sys
from math import inf
from pathlib import Path

import pytest

from app import memory
from app.memory import RESERVE_BYTES, find_room, reserving

LIMITED = """
import resource
from app.memory import RESERVE_BYTES, find_room, reserving
assert find_room() == float("inf") or find_room() > 1 << 30, find_room()
resource.setrlimit(resource.RLIMIT_{kind}, (1 << 29, 1 << 29))
room = find_room()
assert 1 << 26 < room < 1 << 29, room
taken = bytearray(1 << 26)
assert abs(room - find_room() - (1 << 26)) < 1 << 22, find_room()
half = int(find_room() - RESERVE_BYTES) // 2
with reserving(half):
    try:
        with reserving(half + (1 << 22)):
            print("the second was not refused")
    except MemoryError:
        print("refused")
with reserving(half + (1 << 22)):
    print("free again")
"""


@pytest.mark.parametrize("kind", ["DATA", "AS"])
def test_what_others_have_set_aside_is_not_given_out_twice(kind: str) -> None:
    code = LIMITED.format(kind=kind)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.stdout.split("\n") == ["refused", "free again", ""], done.stderr


def test_the_smallest_control_group_decides_and_files_in_memory_do_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process, groups = tmp_path / "self", tmp_path / "cgroup"
    for folder in (process, groups / "outer" / "inner"):
        folder.mkdir(parents=True)
    (process / "cgroup").write_text("4:memory:/elsewhere\n0::/outer/inner\n")
    monkeypatch.setattr(memory, "_PROC", process)
    monkeypatch.setattr(memory, "_CGROUPS", groups)
    assert find_room() == inf

    for group, most in [(groups / "outer", "300000000"), (groups / "outer" / "inner", "max")]:
        (group / "memory.max").write_text(f"{most}\n")
        (group / "memory.current").write_text("200000000\n")
        (group / "memory.stat").write_text("anon 1\ninactive_file 30000000\nactive_file 20000000\nshmem 1\n")
    assert find_room() == 150_000_000

    with reserving(150_000_000 - RESERVE_BYTES):
        pass
    with pytest.raises(MemoryError), reserving(150_000_001 - RESERVE_BYTES):
        pytest.fail("there is no room")
    with reserving(1000):  # small things do not look
        pass


@pytest.mark.parametrize("path", ["docker/inner", "not/seen/in/a/container"])
def test_control_groups_of_version_1_limit_it_too(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    process, root = tmp_path / "self", tmp_path / "cgroup" / "memory"
    for folder in (process, root / "docker" / "inner"):
        folder.mkdir(parents=True)
    (process / "cgroup").write_text(f"9:name=systemd:/elsewhere\n4:hugetlb,memory:/{path}\n0::/\n")
    monkeypatch.setattr(memory, "_PROC", process)
    monkeypatch.setattr(memory, "_CGROUPS", tmp_path / "cgroup")
    unlimited = 9_223_372_036_854_771_712
    for group, most in [(root, 268435456), (root / "docker", unlimited), (root / "docker" / "inner", unlimited)]:
        (group / "memory.limit_in_bytes").write_text(f"{most}\n")
        (group / "memory.usage_in_bytes").write_text("200000000\n")
        (group / "memory.stat").write_text("cache 1\ntotal_inactive_file 30000000\ntotal_active_file 20000000\n")

    assert find_room() == 118_435_456
