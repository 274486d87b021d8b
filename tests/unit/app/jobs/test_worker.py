"""The worker's side of a job, step by step: what it tells, what it publishes, what it makes of failure."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from app.errors import StoreFull
from app.jobs.job import Job
from app.jobs.liveness import ServerProcess
from app.jobs.records import JobRecords
from app.jobs.task import Policy, Task
from app.jobs.worker import run
from app.logs import now
from app.registry import BUILT_IN, EXAM_SCORE
from app.registry.registry import Registry
from model.checkpoint import UnseenAnswers
from model.fitting.spec import TrainingSpec
from tests.support.memory_store import MemoryStore
from tests.support.trained import ENDLESS, checkpoint, diverging, spec

POLICY = Policy(max_seconds=60, keep_versions=None, keep_tables=False, lock_name=ServerProcess.with_its_siblings(1).key)


@dataclass
class Office:
    """A store with one job in it, and what its worker is given."""

    store: MemoryStore

    def __post_init__(self) -> None:
        self.records, self.registry = self.connect()
        self.records.submit(Job("job", EXAM_SCORE, now()), ServerProcess.this_process())

    def connect(self) -> tuple[JobRecords, Registry]:
        return JobRecords(self.store), Registry(self.store, BUILT_IN)

    def run(self, wanted: TrainingSpec, policy: Policy = POLICY, **task: Any) -> Job:
        """Do the job, and return what it is afterwards."""
        run(Task(wanted, self.connect, policy, EXAM_SCORE, job_id="job", **task))
        return self.records.read("job")[0]


@pytest.fixture
def office() -> Office:
    return Office(MemoryStore())


def test_what_it_trains_it_publishes_as_the_job_s(office: Office) -> None:
    job = office.run(spec(seed=3))

    assert (job.status, job.model_version, job.epoch) == ("succeeded", 1, 10)
    version = office.registry.version(EXAM_SCORE, 1)
    assert version.job_id == "job"
    assert version.duration_seconds > 0
    assert office.registry.checkpoint(EXAM_SCORE, 1).to_bytes() == checkpoint(3).to_bytes()


@pytest.mark.parametrize("keeps", [True, False])
def test_what_was_said_of_unseen_rows_is_kept_if_the_table_is(office: Office, keeps: bool) -> None:
    office.run(spec(), replace(POLICY, keep_tables=keeps))

    version, unseen = office.registry.version(EXAM_SCORE, 1), office.registry.unseen(EXAM_SCORE, 1)
    assert (version.table is not None, unseen is not None) == (keeps, keeps)
    if unseen is not None:
        assert UnseenAnswers.from_bytes(unseen).rows.tolist() == [0, 1, 2]


def test_a_training_that_diverges_has_failed_of_that(office: Office) -> None:
    job = office.run(diverging())

    assert job.error is not None
    assert job.error.kind == "TrainingFailed"
    assert office.registry.model(EXAM_SCORE).newest == 0


def test_options_that_do_not_fit_each_other_are_told_as_such(office: Office) -> None:
    unfit = spec()
    job = office.run(replace(unfit, network=replace(unfit.network, scaling="standard")))

    assert job.error is not None
    assert job.error.kind == "OptionsError"


def test_it_stops_where_that_was_asked_for_before_it_began(office: Office) -> None:
    office.records.ask_to_cancel("job")

    assert office.run(spec(ENDLESS)).status == "cancelled"
    assert office.registry.model(EXAM_SCORE).newest == 0


def test_it_tells_of_itself_before_it_looks_whether_it_is_still_wanted(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that finds no progress after it has asked for a cancel may be sure that the worker will see it."""
    looked: list[int | None] = []

    class Watched(JobRecords):
        def is_cancel_asked(self, job_id: str) -> bool:
            looked.append(self.read(job_id)[0].epoch)
            return super().is_cancel_asked(job_id)

    monkeypatch.setattr(f"{__name__}.JobRecords", Watched)

    office.run(spec(epochs=1))

    assert looked == [0, 0]  # as it begins, and at its first epoch


def test_it_stops_when_its_time_is_up(office: Office) -> None:
    job = office.run(spec(ENDLESS), replace(POLICY, max_seconds=0.05))

    assert job.error is not None
    assert "longer than the 0.05 seconds allowed" in job.error.detail


class FullStore(MemoryStore):
    """A store without room for checkpoints."""

    def create(self, key: str, data: bytes, *, is_freeing: bool = False) -> bool:
        if key.endswith(".safetensors"):
            raise StoreFull("no room")
        return super().create(key, data)


def test_what_cannot_be_published_has_failed_of_that() -> None:
    office = Office(FullStore())

    job = office.run(spec())

    assert job.error is not None
    assert (job.error.kind, job.error.detail) == ("StoreFull", "no room")
    assert office.registry.model(EXAM_SCORE).newest == 0


def test_a_model_that_has_been_removed_meanwhile_is_told_as_such(office: Office) -> None:
    office.registry.delete(EXAM_SCORE)

    job = office.run(spec())

    assert job.error is not None
    assert job.error.kind == "UnknownModel"


def test_a_job_that_was_told_to_have_failed_publishes_nothing_though_its_worker_lives(office: Office) -> None:
    assert office.registry.end_job(EXAM_SCORE, "job") is None

    job = office.run(spec())

    assert job.error is not None
    assert job.error.kind == "JobInterrupted"
    assert office.registry.model(EXAM_SCORE).newest == 0
    assert office.store.keys(f"models/{EXAM_SCORE}/checkpoints") == []


def test_an_error_that_nobody_foresaw_fails_the_job_with_its_name(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.limits.training.train", _stumble)

    job = office.run(spec())

    assert job.error is not None
    assert job.error.detail == "the training failed with ZeroDivisionError: division by zero"


def _stumble(*_: object) -> Callable[..., object]:
    raise ZeroDivisionError("division by zero")


def test_a_training_for_which_there_is_no_memory_is_a_matter_of_its_options(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.limits.training.train", _exhaust)

    job = office.run(spec())

    assert job.error is not None
    assert job.error.kind == "OptionsError"
    assert "memory" in job.error.detail


def _exhaust(*_: object) -> Callable[..., object]:
    raise MemoryError("Unable to allocate 80.0 GiB")
