"""What a service does to its store in a short life, recorded on a simulated disk; and what it had acknowledged at each point.

It runs in a process of its own, so that afterwards the server that did all this is gone.
"""

import hashlib
import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from app.bootstrap import Connection
from app.jobs.idempotency import IdempotencyKey
from app.jobs.jobs import Jobs
from app.jobs.queue import Limits
from app.jobs.spool import Spool
from app.jobs.task import Policy, Task
from app.jobs.training_process import Runner
from app.registry import BUILT_IN, EXAM_SCORE, Registry
from app.registry import log as model_log
from model.fitting.spec import TrainingSpec
from tests.support.crashes.recording import Recorder, Step
from tests.support.trained import diverging, spec

OTHER = "other"
KEY = IdempotencyKey("key", b"request")


@dataclass(frozen=True)
class ModelView:
    """What a model is to its clients: what it is declared, its versions by the digests of their bytes, which one answers."""

    declaration: str
    versions: Mapping[int, tuple[str, str | None, str | None]]
    default: int | None
    newest: int


@dataclass(frozen=True)
class Acknowledged:
    """What clients had been told at one point."""

    name: str
    steps: int
    """Steps that the disk had seen by then."""
    models: Mapping[str, ModelView]
    finished: Mapping[str, tuple[str, int | None]]
    """By job: how it ended, and with which version."""
    unfinished: frozenset[str]
    keys: Mapping[str, str]
    """The job of each idempotency key."""
    cancelled: frozenset[str] = frozenset()
    """Jobs that were asked to stop."""


@dataclass
class HeldBack(Executor):
    """An executor whose tasks are done when the test says so."""

    calls: list[tuple[Future[Any], Callable[..., Any], tuple[Any, ...]]] = field(default_factory=list)

    def submit(self, call: Callable[..., Any], /, *given: Any, **_: Any) -> Future[Any]:
        self.calls.append((Future(), call, given))
        return self.calls[-1][0]

    def run_next(self) -> None:
        """Do what has been asked for first, here and now."""
        future, call, given = self.calls.pop(0)
        try:
            future.set_result(call(*given))
        except Exception as error:
            future.set_exception(error)

    def run_all(self) -> None:
        """Do all that has been asked for."""
        while self.calls:
            self.run_next()


class Service:
    """As much of a service as works on the store, over a folder."""

    def __init__(self, folder: str) -> None:
        self.executor = HeldBack()
        connect = Connection(folder)
        self.records, self.registry = connect()
        self.policy = Policy(3600, keep_versions=None, keep_tables=True, lock_name="training")
        self.spool = Spool(self.records._store, lambda: connect, self.policy)
        runner = Runner(lambda: self.executor, lambda: None, lambda: False)
        limits = Limits(100, 3600, 1000, 1e9, 1 << 30)
        self.jobs = Jobs(self.records, self.registry, self.spool, runner, limits)
        self.connect = connect

    def submit(
        self, wanted: TrainingSpec, name: str = EXAM_SCORE, key: IdempotencyKey | None = None, **more: Any
    ) -> str:
        """Submit a training, as the route does."""
        deletions = self.registry.state(name).deletions
        task = Task(wanted, self.connect, self.policy, name, deletions=deletions, **more)
        return self.jobs.submit(task, key).job_id


def view(registry: Registry) -> dict[str, ModelView]:
    """Return what clients can see of all models."""
    seen = {}
    for name in registry.names():
        state = registry.model(name)
        versions = {
            number: (made.sha256, made.table_sha256, made.job_id) for number, made in sorted(state.versions.items())
        }
        declared = hashlib.sha256(repr(state.declared.to_dict()).encode()).hexdigest()
        seen[name] = ModelView(declared, versions, state.default_version, state.newest)
    return seen


@dataclass
class _Story:
    """A service, and what its clients know."""

    service: Service
    recorder: Recorder
    acknowledged: list[Acknowledged] = field(default_factory=list)
    submitted: list[str] = field(default_factory=list)
    forgotten: set[str] = field(default_factory=set)
    cancelled: set[str] = field(default_factory=set)

    def note(self, name: str) -> None:
        """Note what clients know now."""
        known = [job_id for job_id in self.submitted if job_id not in self.forgotten]
        jobs = {job_id: self.service.records.read(job_id)[0] for job_id in known}
        finished = {name: (job.status, job.model_version) for name, job in jobs.items() if job.is_finished}
        keyed = self.service.records.existing_job(KEY)
        self.acknowledged.append(
            Acknowledged(
                name,
                len(self.recorder.steps),
                view(self.service.registry),
                finished,
                frozenset(jobs) - frozenset(finished),
                {"key": keyed} if keyed else {},
                frozenset(self.cancelled),
            )
        )

    def submit(self, *given: Any, **options: Any) -> str:
        self.submitted.append(self.service.submit(*given, **options))
        return self.submitted[-1]

    def cancel(self, job_id: str) -> None:
        self.cancelled.add(job_id)
        self.service.records.ask_to_cancel(job_id)

    def forget(self, job_id: str) -> None:
        self.forgotten.add(job_id)
        self.service.records.forget(job_id)


def _acts(story: _Story) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield what the service does, one act after the other."""
    service, registry = story.service, story.service.registry
    run = service.executor.run_next
    other = BUILT_IN[EXAM_SCORE]
    yield "open", registry.load_all
    yield "submit", lambda: story.submit(spec(seed=1))
    yield "train", run
    yield "submit with a key", lambda: story.submit(spec(seed=2), key=KEY)
    yield "train for the key", run
    yield "roll back", lambda: registry.move_default(EXAM_SCORE, 1)
    yield "submit an extension", lambda: story.submit(spec(seed=3), extend=True)
    yield "submit behind it", lambda: story.submit(spec(seed=4))
    yield "extend", run
    yield "train what waited", run
    yield "remove a version", lambda: registry.remove_version(EXAM_SCORE, 2)
    yield "submit what diverges", lambda: story.submit(diverging())
    yield "fail", run
    yield "submit what is cancelled", lambda: story.submit(spec(seed=5))
    yield "ask to cancel", lambda: story.cancel(story.submitted[-1])
    yield "cancel", run
    yield "submit for another model", lambda: story.submit(spec(seed=6), OTHER, declaration=other)
    yield "declare and train it", run
    yield "declare a model", lambda: registry.declare("third", other)
    yield "remove it", lambda: registry.delete(OTHER)
    yield "submit for it again", lambda: story.submit(spec(seed=7), OTHER, declaration=other)
    yield "train it again", run
    yield "forget a job", lambda: story.forget(story.submitted[0])
    for number in (4, 3, 1):
        yield f"move the default to {number}", partial(registry.move_default, EXAM_SCORE, number)
    yield "tidy", registry.tidy
    yield "remove a model that a key is of", lambda: registry.delete(EXAM_SCORE)
    yield "submit at the end", lambda: story.submit(spec(seed=8))


def _record(folder: str, sending: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        shorten_logs(patch)
        recorder = Recorder(Path(folder))
        recorder.recording(patch)
        story = _Story(Service(f"{folder}/store"), recorder)
        story.acknowledged.append(Acknowledged("nothing", 0, {}, {}, frozenset(), {}))
        for name, act in _acts(story):
            act()
            story.note(name)
    sending.send((recorder.steps, story.acknowledged))
    sending.close()


def shorten_logs(patch: pytest.MonkeyPatch) -> None:
    """Have logs folded after a few records, and few kept."""
    patch.setattr(model_log, "FOLD_AFTER", 3)
    patch.setattr(model_log, "KEPT", 1)


def record(folder: Path) -> tuple[list[Step], list[Acknowledged]]:
    """Return what the disk saw, and what had been acknowledged at which point."""
    context = multiprocessing.get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=_record, args=(os.fspath(folder), sending))
    with ExitStack() as stack:
        stack.callback(process.join)
        stack.enter_context(receiving)
        process.start()
        sending.close()
        recorded: tuple[list[Step], list[Acknowledged]] = receiving.recv()
    return recorded
