"""The registry: version numbers, what others see and when, and what it makes of damage."""

import resource
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from app.errors import (
    ChangedMeanwhile,
    DamagedCheckpoint,
    StoreError,
    UnknownModel,
    UnknownVersion,
    UntrainedModel,
    VersionInUse,
)
from app.registry import BUILT_IN, EXAM_SCORE
from app.registry.declaration import Declaration
from app.registry.registry import Registry
from app.store.contract import Store
from app.store.disk import DiskStore
from model.errors import SignatureError
from model.table.signature import Column, Signature
from tests.support.dose import times
from tests.support.memory_store import MemoryStore
from tests.support.racing import RACERS, Racetrack
from tests.support.trained import checkpoint, publish

PER_RACER = times(5, full=125)

OTHER = Declaration(Signature((Column("x"),), (Column("y"),)))


def open_registry(folder: str) -> Registry:
    return Registry(DiskStore(folder), BUILT_IN)


def test_a_model_that_nobody_has_trained_has_no_version_to_serve(registry: Registry) -> None:
    assert registry.names() == [EXAM_SCORE]
    assert registry.model(EXAM_SCORE).default_version is None
    with pytest.raises(UntrainedModel):
        registry.serving(EXAM_SCORE)


@pytest.mark.parametrize("name", ["absent", "", "..", "../exam-score", "UPPER", "x" * 64, "x" * 5000, "a/b", "\0", "é"])
def test_a_name_that_nobody_has_declared_is_an_unknown_model(registry: Registry, name: str) -> None:
    with pytest.raises(UnknownModel):
        registry.model(name)
    with pytest.raises(UnknownModel):
        registry.serving(name)


def test_versions_are_numbered_from_one_and_the_newest_serves(registry: Registry) -> None:
    assert [publish(registry, seed).number for seed in range(3)] == [1, 2, 3]

    number, serving = registry.serving(EXAM_SCORE)

    assert number == 3
    assert serving.to_bytes() == checkpoint(2).to_bytes()
    assert registry.checkpoint(EXAM_SCORE, 1).to_bytes() == checkpoint(0).to_bytes()


@pytest.mark.parametrize("number", [-1, 0, 2, 10**30])
def test_a_number_that_was_not_given_out_is_an_unknown_version(registry: Registry, number: int) -> None:
    publish(registry)

    with pytest.raises(UnknownVersion):
        registry.version(EXAM_SCORE, number)
    with pytest.raises(UnknownVersion):
        registry.checkpoint(EXAM_SCORE, number)


def test_a_version_tells_which_job_published_it(registry: Registry) -> None:
    publish(registry, job_id="job-1")
    publish(registry, job_id="job-2")

    assert registry.published_by(EXAM_SCORE, "job-2") == 2
    assert registry.published_by(EXAM_SCORE, "job-3") is None


def test_another_registry_over_the_same_store_sees_a_version_at_once(folder: str) -> None:
    ours, theirs = open_registry(folder), open_registry(folder)

    for number in (1, 2, 3):
        publish(ours, number)
        assert theirs.serving(EXAM_SCORE)[0] == number


def test_a_new_registry_over_the_same_store_serves_the_same_bytes(folder: str) -> None:
    ours = open_registry(folder)
    publish(ours, 0)
    publish(ours, 1)

    number, serving = open_registry(folder).serving(EXAM_SCORE)

    assert (number, serving.to_bytes()) == (2, checkpoint(1).to_bytes())


def _publish_some(folder: str) -> list[tuple[int, int]]:
    """Publish, each time another checkpoint: its number with its seed."""
    registry = open_registry(folder)
    return [(publish(registry, seed).number, seed) for seed in range(PER_RACER)]


@pytest.mark.slow
def test_racing_processes_get_every_number_once_and_lose_no_version(folder: str, racetrack: Racetrack) -> None:
    published = [one for each in racetrack.race(_publish_some, folder) for one in each]
    registry = open_registry(folder)

    assert sorted(number for number, _ in published) == list(range(1, RACERS * PER_RACER + 1))
    for number, seed in published:
        assert registry.checkpoint(EXAM_SCORE, number).report.seed == seed
    assert registry.serving(EXAM_SCORE)[0] == RACERS * PER_RACER


def _move_default(folder: str, number: int, expected: str) -> bool:
    try:
        open_registry(folder).move_default(EXAM_SCORE, number, {expected})
    except ChangedMeanwhile:
        return False
    return True


@pytest.mark.slow
def test_of_racing_processes_that_change_the_same_state_exactly_one_may(folder: str, racetrack: Racetrack) -> None:
    registry = open_registry(folder)
    publish(registry, 0)
    publish(registry, 1)
    for number in (1, 2, 1, 2, 1):
        expected = registry.model(EXAM_SCORE).tag
        changed = racetrack.race(_move_default, folder, number, expected)

        assert sorted(changed) == [False] * (RACERS - 1) + [True]


def test_the_default_moves_back_and_forth_and_a_new_version_takes_it(registry: Registry) -> None:
    publish(registry, 0)
    publish(registry, 1)

    registry.move_default(EXAM_SCORE, 1)
    assert registry.serving(EXAM_SCORE)[0] == 1

    publish(registry, 2)
    assert registry.serving(EXAM_SCORE)[0] == 3
    with pytest.raises(UnknownVersion):
        registry.move_default(EXAM_SCORE, 4)


def test_a_removed_version_is_gone_with_its_checkpoint_and_its_number_is_not_given_out_again(folder: str) -> None:
    registry = open_registry(folder)
    for seed in range(3):
        publish(registry, seed)
    registry.move_default(EXAM_SCORE, 1)

    registry.remove_version(EXAM_SCORE, 3)

    assert sorted(registry.model(EXAM_SCORE).versions) == [1, 2]
    assert len(DiskStore(folder).keys(f"models/{EXAM_SCORE}/checkpoints")) == 2
    assert publish(registry).number == 4


def test_the_default_version_cannot_be_removed(registry: Registry) -> None:
    publish(registry)

    with pytest.raises(VersionInUse):
        registry.remove_version(EXAM_SCORE, 1)
    assert registry.serving(EXAM_SCORE)[0] == 1


def test_a_declared_model_is_known_to_every_registry_until_it_is_deleted(folder: str) -> None:
    ours, theirs = open_registry(folder), open_registry(folder)

    ours.declare("other", OTHER)
    assert theirs.names() == [EXAM_SCORE, "other"]
    assert theirs.declaration("other") == OTHER
    assert publish(theirs, name="other").number == 1

    ours.delete("other")
    assert theirs.names() == [EXAM_SCORE]
    with pytest.raises(UnknownModel):
        theirs.serving("other")
    with pytest.raises(UnknownModel):
        publish(theirs, name="other")
    assert DiskStore(folder).keys("models/other/checkpoints") == []


def test_a_model_that_is_declared_anew_goes_on_counting(registry: Registry) -> None:
    registry.declare("other", OTHER)
    publish(registry, name="other")
    registry.delete("other")
    registry.declare("other", OTHER)

    with pytest.raises(UntrainedModel):
        registry.serving("other")
    assert publish(registry, name="other").number == 2


@pytest.mark.parametrize("name", ["", "UPPER", "under_score", "-dash", "x" * 64, "a/b", "..", "line\n"])
def test_a_name_that_would_not_be_safe_everywhere_cannot_be_declared(registry: Registry, name: str) -> None:
    with pytest.raises(SignatureError):
        registry.declare(name, OTHER)


def checkpoint_file(folder: str, registry: Registry, number: int) -> Path:
    return Path(folder, registry.version(EXAM_SCORE, number).checkpoint)


@pytest.mark.parametrize("kept", [0, 1, 8, 100, 0.5, -1])
def test_a_truncated_checkpoint_is_refused_and_the_version_before_it_serves_on(folder: str, kept: float) -> None:
    writer = open_registry(folder)
    publish(writer, 0)
    publish(writer, 1)
    file = checkpoint_file(folder, writer, 2)
    data = file.read_bytes()
    file.write_bytes(data[: int(kept * len(data)) if isinstance(kept, float) else int(kept)])

    registry = open_registry(folder)

    with pytest.raises(DamagedCheckpoint, match="version 2 cannot be used: its checkpoint is damaged"):
        registry.checkpoint(EXAM_SCORE, 2)
    number, serving = registry.serving(EXAM_SCORE)
    assert (number, serving.to_bytes()) == (1, checkpoint(0).to_bytes())
    assert publish(registry, 2).number == 3
    assert registry.serving(EXAM_SCORE)[0] == 3


def test_one_flipped_bit_anywhere_is_refused(folder: str) -> None:
    writer = open_registry(folder)
    publish(writer, 0)
    publish(writer, 1)
    file = checkpoint_file(folder, writer, 2)
    data = file.read_bytes()

    for place in range(0, len(data), 97):
        file.write_bytes(data[:place] + bytes([data[place] ^ 1 << place % 8]) + data[place + 1 :])
        registry = open_registry(folder)
        with pytest.raises(DamagedCheckpoint, match="damaged"):
            registry.checkpoint(EXAM_SCORE, 2)
        assert registry.serving(EXAM_SCORE)[0] == 1


def test_in_the_place_of_a_damaged_default_the_next_older_one_serves(folder: str) -> None:
    writer = open_registry(folder)
    for seed in range(4):
        publish(writer, seed)
    writer.move_default(EXAM_SCORE, 3)
    checkpoint_file(folder, writer, 3).write_bytes(b"damaged")

    assert open_registry(folder).serving(EXAM_SCORE)[0] == 2


def test_where_no_checkpoint_can_be_used_the_error_is_that_of_the_newest(folder: str) -> None:
    writer = open_registry(folder)
    publish(writer, 0)
    publish(writer, 1)
    checkpoint_file(folder, writer, 1).unlink()
    checkpoint_file(folder, writer, 2).unlink()

    with pytest.raises(DamagedCheckpoint, match="version 2 cannot be used: its checkpoint is not in the store"):
        open_registry(folder).serving(EXAM_SCORE)


def test_a_damaged_record_is_passed_over_and_the_others_count(folder: str) -> None:
    writer = open_registry(folder)
    for seed in range(3):
        publish(writer, seed)
    records = sorted(Path(folder, f"models/{EXAM_SCORE}/records").iterdir())
    records[1].write_bytes(records[1].read_bytes()[:-10])

    registry = open_registry(folder)

    assert sorted(registry.model(EXAM_SCORE).versions) == [1, 3]
    assert registry.serving(EXAM_SCORE)[0] == 3
    assert publish(registry).number == 4


def test_the_number_of_a_last_record_that_is_damaged_is_not_given_out_again(folder: str) -> None:
    writer = open_registry(folder)
    for seed in range(3):
        publish(writer, seed)
    Path(folder, f"models/{EXAM_SCORE}/records/00000003.json").write_bytes(b"")

    registry = open_registry(folder)

    assert registry.serving(EXAM_SCORE)[0] == 2
    assert publish(registry).number == 4
    assert publish(writer).number == 5


KILLED_BETWEEN = """
import os, signal, sys
from tests.unit.app.registry.test_registry import open_registry
from tests.support.trained import publish

registry = open_registry(sys.argv[1])
link, links = os.link, []

def die_at_the_second(*paths):
    links.append(link(*paths) if not links else os.kill(os.getpid(), signal.SIGKILL))

os.link = die_at_the_second
publish(registry)
"""


@pytest.mark.slow
def test_a_process_killed_between_checkpoint_and_record_has_published_nothing(folder: str) -> None:
    publish(open_registry(folder), 0)

    killed = subprocess.run([sys.executable, "-c", KILLED_BETWEEN, folder], check=False)

    assert killed.returncode == -signal.SIGKILL
    assert len(DiskStore(folder).keys(f"models/{EXAM_SCORE}/checkpoints")) == 2  # it had come that far
    registry = open_registry(folder)
    assert sorted(registry.model(EXAM_SCORE).versions) == [1]
    assert publish(registry, 1).number == 2


def make_unreadable(path: Path) -> None:
    """Have every look at the path fail, root's too: it becomes a link to itself."""
    if path.is_dir():
        path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.name)


def test_a_store_that_cannot_be_read_any_more_does_not_take_what_is_known_down(folder: str) -> None:
    registry = open_registry(folder)
    publish(registry)
    registry.serving(EXAM_SCORE)

    make_unreadable(Path(folder, "models"))

    assert registry.serving(EXAM_SCORE)[0] == 1
    with pytest.raises(StoreError):
        open_registry(folder).serving("other")


def test_without_descriptors_a_trained_model_is_unavailable_not_untrained(folder: str) -> None:
    publish(open_registry(folder))
    registry = open_registry(folder)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, limits[1]))
    try:
        with pytest.raises(StoreError, match="Too many open files"):
            registry.serving(EXAM_SCORE)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)

    assert registry.serving(EXAM_SCORE)[0] == 1


def test_a_record_that_cannot_be_read_fails_a_change_instead_of_having_it_try_for_ever(folder: str) -> None:
    registry = open_registry(folder)
    publish(registry, 0)
    make_unreadable(Path(folder, f"models/{EXAM_SCORE}/records/00000002.json"))

    with pytest.raises(StoreError):
        publish(registry, 1)


def test_what_else_lies_in_the_folder_is_no_model(folder: str) -> None:
    registry = open_registry(folder)
    registry.declare("other", OTHER)
    for stray in ("lost+found", ".DS_Store", "Upper", "empty"):
        Path(folder, "models", stray).mkdir()
    Path(folder, "models", "file").touch()

    assert registry.names() == [EXAM_SCORE, "other"]
    assert registry.load_all() == {}


def test_threads_share_a_registry(store: Store) -> None:
    registry = Registry(store, BUILT_IN)
    numbers: list[int] = []

    def publish_some() -> None:
        numbers.extend(publish(registry, seed).number for seed in range(PER_RACER))

    threads = [threading.Thread(target=publish_some) for _ in range(RACERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(numbers) == list(range(1, RACERS * PER_RACER + 1))


def test_it_needs_no_more_of_a_store_than_its_methods() -> None:
    registry = Registry(MemoryStore(), BUILT_IN)
    publish(registry)

    assert registry.serving(EXAM_SCORE)[0] == 1
