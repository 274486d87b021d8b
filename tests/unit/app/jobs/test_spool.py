"""Tasks that wait in the store: there and back whatever is asked for, and clear errors for what cannot be read."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from hashlib import sha256
from typing import Any

import numpy as np
import pytest

from app.errors import JobInterrupted
from app.jobs import Policy, Task
from app.jobs.records import JobRecords
from app.jobs.spool import Spool
from app.registry import Declaration, Registry
from model.fitting import TrainingSpec
from model.table import Column, Dataset, Signature
from model.trainers import TRAINERS
from tests.support.memory_store import MemoryStore
from tests.support.trained import spec

JOB = "01a21c578b5a-fb93c107"
POLICY = Policy(60, None, keep_tables=True, lock_name="lock")


def connect() -> tuple[JobRecords, Registry]:
    raise NotImplementedError


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def spool(store: MemoryStore) -> Spool:
    return Spool(store, lambda: connect, POLICY)


def mixed() -> TrainingSpec:
    """A classification with gaps, words, dates and a column that is left out."""
    signature = Signature(
        (
            Column("a", "kg", -1.5, 10.0, may_be_missing=True, marks=("?",)),
            Column("größe", kind="category", categories=("S", "L", "ß")),
            Column("day", kind="date", reading="31.01.2024"),
        ),
        (Column("kind", kind="category", categories=("no", "yes")),),
        ("id",),
    )
    features = np.array([[1.25, 0, 19000.5], [np.nan, 2, 19001.0], [-1.0, 1, 19002.25]])
    trainer = TRAINERS["lbfgs"](alpha=0.25, members=2)  # type: ignore[call-arg]
    return TrainingSpec(
        signature, Dataset(features, np.array([[0.0], [1.0], [1.0]])), trainer.default_network, trainer, 7
    )


DECLARED: dict[str, Any] = {
    "declaration": Declaration(mixed().signature, {"activation": "tanh"}, {"name": "lbfgs"}),
    "deletions": 3,
}
EXTENDING: dict[str, Any] = {
    "extend": True,
    "keep_table": False,
    "read": ("a: numbers", "größe: codes"),
    "client": "10.0.0.7",
    "request_id": "abc",
    "trace": {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
}


def shown(task: Task) -> dict[str, Any]:
    """All that a task is, in a form that can be compared."""
    spec = task.spec
    table = [array.tobytes() for array in (spec.dataset.features, spec.dataset.targets)]
    plain = {name: value for name, value in vars(task).items() if name != "spec"}
    return plain | {"spec": (spec.signature, spec.network, spec.trainer, spec.seed, table, spec.dataset.loss)}


@pytest.mark.parametrize("more", [{}, DECLARED, EXTENDING])
@pytest.mark.parametrize("make", [spec, mixed])
def test_a_task_comes_back_as_it_was(spool: Spool, make: Callable[[], TrainingSpec], more: dict[str, Any]) -> None:
    task = Task(make(), connect, POLICY, "model", job_id=JOB, **more)
    spool.write(task, is_durable=True)

    assert spool.ids() == [JOB]
    assert JOB in spool
    assert shown(spool.read(JOB)) == shown(task)


@pytest.mark.parametrize("name", sorted(TRAINERS))
def test_the_options_of_every_trainer_come_back(spool: Spool, name: str) -> None:
    trainer = TRAINERS[name]()
    asked = replace(spec(), trainer=trainer, network=trainer.default_network)
    spool.write(Task(asked, connect, POLICY, "model", job_id=JOB), is_durable=False)

    assert asdict(spool.read(JOB).spec.trainer) == asdict(trainer)  # type: ignore[call-overload]
    assert spool.read(JOB).spec.network == trainer.default_network


def test_a_table_comes_back_to_the_last_bit_however_it_lies_in_memory(spool: Spool) -> None:
    whole = np.random.default_rng(0).random((9, 6))
    dataset = Dataset(whole[::2, [0, 3]], np.asfortranarray(whole)[::2, 4:5])
    spool.write(Task(replace(spec(), dataset=dataset), connect, POLICY, "model", job_id=JOB), is_durable=False)
    back = spool.read(JOB).spec.dataset

    np.testing.assert_array_equal(back.features, dataset.features)
    np.testing.assert_array_equal(back.targets, dataset.targets)


def test_what_is_missing_or_damaged_says_so(spool: Spool, store: MemoryStore) -> None:
    with pytest.raises(JobInterrupted, match="not in the store any more: send it again"):
        spool.read(JOB)

    spool.write(Task(mixed(), connect, POLICY, "model", job_id=JOB, **DECLARED), is_durable=True)
    data = store.get(f"spool/{JOB}")
    for length in [*range(0, len(data) - 1, 7), len(data) - 1]:
        store.put(f"spool/{JOB}", data[:length])
        with pytest.raises(JobInterrupted, match="damaged: send it again"):
            spool.read(JOB)
    for place in range(0, len(data), 5):
        store.put(f"spool/{JOB}", data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        with pytest.raises(JobInterrupted, match="damaged: send it again"):
            spool.read(JOB)


def test_a_task_of_another_version_is_refused_or_read(spool: Spool, store: MemoryStore) -> None:
    """Its digest is right, but any of its header's bytes may be another."""
    spool.write(Task(mixed(), connect, POLICY, "model", job_id=JOB, **DECLARED), is_durable=True)
    file = store.get(f"spool/{JOB}")[32:]
    for place in range(0, len(file), 5):
        other = file[:place] + bytes([file[place] ^ 1]) + file[place + 1 :]
        store.put(f"spool/{JOB}", sha256(other).digest() + other)
        with suppress(JobInterrupted):
            assert spool.read(JOB).job_id


def test_removed_is_removed(spool: Spool) -> None:
    spool.write(Task(spec(), connect, POLICY, "model", job_id=JOB), is_durable=True)
    spool.remove(JOB)
    spool.remove(JOB)

    assert spool.ids() == []
    assert JOB not in spool
