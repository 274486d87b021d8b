"""Jobs, with the real process runner: how each ends, whatever its worker and its server go through."""

import asyncio
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from app.bootstrap import Connection
from app.errors import IdempotencyKeyReused, JobInterrupted, QueueFull, UnknownJob
from app.jobs.idempotency import IdempotencyKey
from app.jobs.job import Job
from app.jobs.jobs import Jobs
from app.jobs.liveness import ServerProcess
from app.jobs.queue import Limits
from app.jobs.records import JobRecords
from app.jobs.spool import Spool
from app.jobs.task import Policy, Task
from app.jobs.training_process import RUNNERS
from app.logs import now
from app.registry import EXAM_SCORE
from app.registry.registry import Registry
from model.fitting.spec import TrainingSpec
from tests.support.disks import fill, small_disk
from tests.support.server import low_priority
from tests.support.trained import ENDLESS, diverging, publish, spec
from tests.support.waiting import until

QUEUED = 5
"""Jobs that are taken at a time."""

CLAIM = IdempotencyKey("key", b"request")


def training_process() -> int:
    """Return the id of the process that trains."""
    return until(lambda: next(iter(_training_processes()), None), "there is a training process")


def kill_training_processes() -> None:
    for pid in _training_processes():
        os.kill(pid, signal.SIGKILL)


def _training_processes() -> list[int]:
    return low_priority(process.pid for process in multiprocessing.active_children() if process.pid)


@dataclass
class Server:
    """As much of a server as there is to jobs."""

    folder: str
    limits: Limits

    def __post_init__(self) -> None:
        self.connect = Connection(self.folder)
        self.records, self.registry = self.connect()
        spool = Spool(self.records._store, lambda: self.connect, self.policy())
        self.ended_jobs: list[Job] = []
        runner = replace(RUNNERS["process"], on_end=self.ended_jobs.append)
        self.jobs = Jobs(self.records, self.registry, spool, runner, self.limits)

    def policy(self, seconds: float = 3600) -> Policy:
        return Policy(seconds, keep_versions=None, keep_tables=False, lock_name=ServerProcess.with_its_siblings(1).key)

    def task(self, wanted: TrainingSpec | None = None, seconds: float = 3600) -> Task:
        return Task(wanted or spec(), self.connect, self.policy(seconds), EXAM_SCORE)

    def submit(self, wanted: TrainingSpec | None = None) -> str:
        return self.jobs.submit(self.task(wanted)).job_id

    def begin(self) -> str:
        """Submit a training without end, and return once it runs."""
        job_id = self.submit(spec(ENDLESS))
        self.wait_for(job_id, "running")
        return job_id

    def wait_for(self, job_id: str, status: str) -> Job:
        return until(lambda: self._if(job_id, status), f"job {job_id} is {status}")

    def ended(self, job_id: str) -> Job:
        return until(lambda: found if (found := self.jobs.job(job_id)).is_finished else None, f"job {job_id} ends")

    def _if(self, job_id: str, status: str) -> Job | None:
        job = self.jobs.job(job_id)
        assert job.status == status or not job.is_finished, f"{job} is not {status}"
        return job if job.status == status else None


StartServer = Callable[..., Server]


@pytest.fixture
def start(folder: str) -> Iterator[StartServer]:
    """Starts servers over one store, and stops them; no thread of theirs may be left behind."""
    servers: list[Server] = []
    before = set(threading.enumerate())

    def start(queued: int = QUEUED, kept: int = 1000, store: str = folder, **limits: Any) -> Server:
        seconds = limits.pop("seconds", 3600)
        servers.append(Server(store, Limits(queued, seconds, kept, **limits)))
        return servers[-1]

    yield start
    for server in servers:
        server.jobs.close(kill_training_processes)
    until(lambda: set(threading.enumerate()) <= before, "the servers' threads have ended")


@pytest.fixture
def server(start: StartServer) -> Server:
    return start()


def test_a_training_is_queued_runs_and_succeeds_with_its_version(server: Server) -> None:
    job = server.jobs.submit(server.task())

    assert (job.status, job.model_name, job.is_finished) == ("queued", EXAM_SCORE, False)
    done = server.ended(job.job_id)
    assert (done.status, done.model_version, done.epoch, done.error) == ("succeeded", 1, 10, None)
    assert done.loss is not None
    assert done.started is not None
    assert done.finished is not None
    assert done.created == job.created <= done.started <= done.finished
    assert server.registry.published_by(EXAM_SCORE, job.job_id) == 1


def test_a_training_that_diverges_fails_with_its_reason_and_publishes_nothing(server: Server) -> None:
    failed = server.ended(server.submit(diverging()))

    assert (failed.status, failed.model_version) == ("failed", None)
    assert failed.error is not None
    assert failed.error.kind == "TrainingFailed"
    assert "diverged" in failed.error.detail
    assert server.registry.model(EXAM_SCORE).newest == 0


def test_the_runner_is_told_once_of_each_job_that_has_been_its_turn(server: Server) -> None:
    succeeded, failed = server.submit(), server.submit(diverging())
    server.ended(failed)
    until(lambda: len(server.ended_jobs) == 2, "it is told")

    assert [(job.job_id, job.status) for job in server.ended_jobs] == [(succeeded, "succeeded"), (failed, "failed")]
    assert server.ended_jobs[0].duration_seconds is not None
    assert server.ended_jobs[1].error is not None


def test_it_is_told_too_of_one_whose_process_was_killed(server: Server) -> None:
    job_id = server.begin()
    kill_training_processes()
    server.ended(job_id)
    (told,) = until(lambda: server.ended_jobs, "it is told")

    assert told.error is not None
    assert (told.job_id, told.status, told.error.kind) == (job_id, "failed", "JobInterrupted")


def test_a_training_that_takes_longer_than_it_may_fails_with_that_reason(server: Server) -> None:
    job = server.jobs.submit(server.task(spec(ENDLESS), seconds=0.2))

    failed = server.ended(job.job_id)

    assert failed.error is not None
    assert "longer than the 0.2 seconds allowed" in failed.error.detail
    assert server.registry.model(EXAM_SCORE).newest == 0


def test_a_running_job_that_is_cancelled_stops_and_publishes_nothing(server: Server) -> None:
    job_id = server.begin()

    server.jobs.cancel(job_id)

    assert server.ended(job_id).status == "cancelled"
    assert server.registry.model(EXAM_SCORE).newest == 0
    assert server.ended(server.submit()).status == "succeeded"


def test_a_queued_job_is_cancelled_at_once_wherever_it_stands_in_the_queue(server: Server) -> None:
    running = server.begin()
    queued = [server.submit() for _ in range(3)]

    assert [server.jobs.cancel(job_id).status for job_id in queued] == ["cancelled"] * 3

    server.jobs.cancel(running)
    after = server.ended(server.submit())
    assert (after.status, after.model_version) == ("succeeded", 1)
    assert [server.jobs.job(job_id).status for job_id in queued] == ["cancelled"] * 3


def test_a_running_job_that_is_cancelled_is_not_called_so_before_its_worker_has_stopped(server: Server) -> None:
    for job_id in ("queued", "running"):
        server.records.submit(Job(job_id, EXAM_SCORE, now()), ServerProcess.this_process())
    server.records.progress("running", now(), 7, 0.5)

    assert server.jobs.cancel("queued").status == "cancelled"
    assert server.jobs.cancel("running").status == "running"


def test_a_finished_job_cannot_be_cancelled_any_more(server: Server) -> None:
    job_id = server.submit()
    server.ended(job_id)

    assert server.jobs.cancel(job_id).status == "succeeded"


@pytest.mark.parametrize("job_id", ["absent", "", "..", "a/b", "/etc/passwd", "\0", "é", "x" * 300, "_staging"])
def test_an_id_that_was_not_given_out_is_an_unknown_job(server: Server, job_id: str) -> None:
    with pytest.raises(UnknownJob):
        server.jobs.job(job_id)
    with pytest.raises(UnknownJob):
        server.jobs.cancel(job_id)


def test_a_job_whose_worker_is_killed_fails_with_that_reason_and_those_behind_it_run(server: Server) -> None:
    killed = server.begin()
    queued = [server.submit() for _ in range(3)]

    os.kill(training_process(), signal.SIGKILL)

    failed = server.ended(killed)
    assert failed.status == "failed"
    assert failed.error is not None
    assert (failed.error.kind, failed.error.detail) == ("JobInterrupted", "the training process died")
    assert [server.ended(job_id).model_version for job_id in queued] == [1, 2, 3]
    assert server.ended(server.submit()).model_version == 4


def test_a_job_runs_however_many_workers_have_died_before_its_turn(server: Server) -> None:
    doomed = [server.begin()]
    doomed += [server.submit(spec(ENDLESS)) for _ in range(3)]
    last = server.submit()

    for job_id in doomed:
        server.wait_for(job_id, "running")
        os.kill(training_process(), signal.SIGKILL)
        assert server.ended(job_id).status == "failed"

    assert server.ended(last).status == "succeeded"


def _die() -> tuple[JobRecords, Registry]:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("has been killed")


@pytest.mark.slow
def test_a_job_that_kills_every_worker_fails_and_those_behind_it_run(server: Server) -> None:
    poison = server.jobs.submit(replace(server.task(), connect=_die)).job_id
    behind = [server.submit() for _ in range(2)]

    assert server.ended(poison).status == "failed"
    assert [server.ended(job_id).status for job_id in behind] == ["succeeded"] * 2


def test_a_worker_that_dies_at_leisure_is_replaced(server: Server) -> None:
    server.jobs.prepare()
    os.kill(training_process(), signal.SIGKILL)

    assert server.ended(server.submit()).status == "succeeded"


@pytest.mark.slow
def test_a_training_process_that_is_stopped_is_ended_and_the_next_training_runs(server: Server) -> None:
    server.jobs.prepare()
    stopped, waiting = server.begin(), server.submit()

    os.kill(training_process(), signal.SIGSTOP)

    failed = server.ended(stopped)
    assert failed.error is not None
    assert (failed.status, failed.error.kind) == ("failed", "JobInterrupted")
    assert "stopped by a signal" in failed.error.detail
    assert server.ended(waiting).model_version == 1
    idle = training_process()
    os.kill(idle, signal.SIGSTOP)
    assert server.ended(server.submit()).model_version == 2


@pytest.mark.slow
def test_a_training_that_is_overdue_and_does_not_end_by_itself_is_ended(
    start: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.jobs.queue.watchdog.OVERDUE_SECONDS", 0.5)
    monkeypatch.setattr("app.jobs.jobs.HEARTBEAT_SECONDS", 0.1)
    server = start(seconds=1)
    server.jobs.prepare()
    overdue, waiting = server.begin(), server.submit()  # whose worker does not know of the limit

    failed = server.ended(overdue)

    assert failed.error is not None
    assert (failed.status, failed.error.kind) == ("failed", "TrainingFailed")
    assert "longer than the 1 seconds allowed" in failed.error.detail
    assert server.ended(waiting).status == "succeeded"


def _refuse() -> tuple[JobRecords, Registry]:
    raise OSError("no way to the store")


def test_a_job_whose_worker_cannot_even_begin_fails_with_what_stopped_it(server: Server) -> None:
    failed = server.ended(server.jobs.submit(replace(server.task(), connect=_refuse)).job_id)

    assert failed.error is not None
    assert failed.error.detail == "no way to the store"


class Exhausted(Executor):
    """An executor that finds no process to run anything."""

    def submit(self, work: Callable[..., Any], /, *arguments: Any, **_: Any) -> Future[Any]:
        raise OSError("no more processes")


def test_a_job_for_which_no_process_can_be_had_has_failed_of_that_and_takes_no_place(folder: str) -> None:
    records, registry = Connection(folder)()
    policy = Policy(60, None, keep_tables=False, lock_name=ServerProcess.with_its_siblings(1).key)
    spool = Spool(records._store, lambda: Connection(folder), policy)
    jobs = Jobs(records, registry, spool, replace(RUNNERS["process"], start=Exhausted), Limits(queued=1))
    task = Task(spec(), Connection(folder), policy, EXAM_SCORE)

    for _ in range(3):
        failed = jobs.job(jobs.submit(task).job_id)
        assert failed.error is not None
        assert failed.error.kind == "JobInterrupted"
        assert failed.error.detail == "no training process can be started: no more processes"
    jobs.close(lambda: None)


def test_more_jobs_than_the_queue_holds_are_refused_until_there_is_room(start: StartServer) -> None:
    server = start(queued=2)
    running, queued = server.begin(), server.submit()

    with pytest.raises(QueueFull):
        server.submit()
    assert len(server.jobs.ids()) == 2

    server.jobs.cancel(queued)
    server.jobs.cancel(running)
    server.ended(running)
    assert server.ended(until(lambda: _unless_full(server), "there is room again")).status == "succeeded"


def test_tables_that_wait_have_a_limit_together_and_one_alone_has_none(start: StartServer) -> None:
    server = start(queued_bytes=2 * server_task_bytes())
    running, queued = server.begin(), server.submit()

    with pytest.raises(QueueFull, match=r"take \d+ bytes, and this one \d+, of at most \d+ together"):
        server.submit()
    server.jobs.cancel(queued)
    server.jobs.cancel(running)
    server.ended(running)
    assert server.ended(until(lambda: _unless_full(server), "there is room again")).status == "succeeded"

    tight = start(queued_bytes=1)
    assert tight.ended(tight.submit()).status == "succeeded"


def server_task_bytes() -> int:
    """Return the bytes of the table that all tests train with."""
    dataset = spec().dataset
    return dataset.features.nbytes + dataset.targets.nbytes


def test_one_model_leaves_a_tenth_of_the_queue_to_others(start: StartServer) -> None:
    server = start(queued=10)
    of_one = [server.begin(), *(server.submit() for _ in range(8))]

    with pytest.raises(QueueFull, match="9 trainings of this model are waiting already, nine tenths of all"):
        server.submit()
    assert server.jobs.submit(replace(server.task(), model_name="other")).status == "queued"
    for job_id in reversed(of_one):
        server.jobs.cancel(job_id)


def _unless_full(server: Server) -> str | None:
    try:
        return server.submit()
    except QueueFull:
        return None


def test_requests_that_come_at_once_do_not_overfill_the_queue(server: Server) -> None:
    server.begin()
    barrier = threading.Barrier(20)

    def submit() -> str | None:
        barrier.wait(10)
        return _unless_full(server)

    with ThreadPoolExecutor(20) as threads:
        taken = [future.result() for future in [threads.submit(submit) for _ in range(20)]]

    assert len(list(filter(None, taken))) == QUEUED - 1


def test_who_waits_is_told_as_soon_as_the_job_has_ended_and_at_the_latest_when_the_time_is_up(server: Server) -> None:
    async def wait(job_id: str, seconds: float) -> Job:
        return await server.jobs.wait(job_id, seconds)

    assert asyncio.run(wait(server.submit(), 60)).status == "succeeded"
    job_id = server.begin()
    began = time.monotonic()
    assert asyncio.run(wait(job_id, 0.1)).status == "running"
    assert time.monotonic() - began < 10


def test_a_job_that_is_begun_again_is_waited_for_to_its_end(server: Server) -> None:
    server.begin()
    behind = server.submit()

    async def wait() -> Job:
        waiting = asyncio.ensure_future(server.jobs.wait(behind, 60))
        await asyncio.sleep(0)  # it has begun to wait
        os.kill(training_process(), signal.SIGKILL)
        return await waiting

    assert asyncio.run(wait()).status == "succeeded"


def dead_owner() -> ServerProcess:
    """A server that has been killed, and whose number another process has by now."""
    return replace(ServerProcess.this_process(), birth="1")


def test_a_job_of_a_server_that_died_has_failed_with_that_reason(server: Server) -> None:
    server.records.submit(Job("left-behind", EXAM_SCORE, now()), dead_owner())
    server.records.progress("left-behind", now(), 7, 0.5)

    job = server.jobs.job("left-behind")

    assert (job.status, job.epoch) == ("failed", 7)
    assert job.error is not None
    assert (job.error.kind, job.error.detail) == ("JobInterrupted", "the server that ran it stopped")
    assert server.jobs.job("left-behind") == job


def test_a_job_of_a_server_that_died_has_succeeded_if_it_had_published(server: Server) -> None:
    server.records.submit(Job("left-behind", EXAM_SCORE, now()), dead_owner())
    server.records.ask_to_cancel("left-behind")  # too late
    publish(server.registry, job_id="another")
    publish(server.registry, job_id="left-behind")

    job = server.jobs.job("left-behind")

    assert (job.status, job.model_version) == ("succeeded", 2)


def test_a_job_of_a_server_that_died_is_cancelled_if_that_had_been_asked_for(server: Server) -> None:
    server.records.submit(Job("left-behind", EXAM_SCORE, now()), dead_owner())
    server.records.ask_to_cancel("left-behind")

    assert server.jobs.job("left-behind").status == "cancelled"


def test_another_server_watches_and_cancels_a_job_that_runs_here(start: StartServer) -> None:
    here, there = start(), start()
    running, queued = here.begin(), here.submit()

    assert there.jobs.job(running).status == "running"
    assert there.jobs.cancel(queued).status == "cancelled"
    there.jobs.cancel(running)
    assert here.ended(running).status == "cancelled"
    assert asyncio.run(there.jobs.wait(here.submit(), 60)).status == "succeeded"


def test_a_server_that_stops_hands_over_what_runs_keeps_what_waits_and_leaves_no_process_behind(server: Server) -> None:
    succeeded = server.submit()
    server.ended(succeeded)
    running, queued = server.begin(), server.submit()

    server.jobs.close(kill_training_processes)

    job = server.jobs.job(running)
    assert (job.status, job.started, job.epoch) == ("queued", None, None)
    assert running in server.jobs._spool
    assert server.jobs.job(queued).status == "queued"
    assert server.jobs.job(succeeded).status == "succeeded"
    until(lambda: not _training_processes(), "the training process has ended")
    with pytest.raises(JobInterrupted, match="stopping"):
        server.submit()


def test_a_training_that_is_given_out_just_as_its_server_stops_is_ended_and_waits_again(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its server need not wait for it, and it is not lost."""
    server.jobs.prepare()
    training_process()
    executor, killed = server.jobs._queue._executor._executor, threading.Event()
    give = executor.submit

    def give_late(*work: Any) -> Future[Any]:
        killed.wait(30)
        return give(*work)

    def kill() -> None:
        if not killed.is_set():
            killed.set()
            until(lambda: not submitting.is_alive(), "the training is given out")
        else:
            kill_training_processes()

    monkeypatch.setattr(executor, "submit", give_late)
    submitting = threading.Thread(target=server.submit, args=[spec(ENDLESS)])
    submitting.start()
    job_id = until(lambda: server.jobs._queue._running, "its turn comes")

    server.jobs.close(kill)

    job = server.jobs.job(job_id)
    assert (job.status, job.started) == ("queued", None)
    assert job_id in server.jobs._spool


def hand_over(job_id: str, old: Server, new: Server) -> None:
    """Have a server stop, and another one begin what it has left."""
    old.jobs.close(kill_training_processes)
    assert old.jobs.job(job_id).status == "queued"
    new.jobs._queue.add(new.records.waiting(job_id))  # which it does itself when the other's process has ended


def test_a_job_is_begun_anew_once_and_fails_when_its_server_stops_again(start: StartServer) -> None:
    first, second = start(), start()
    job_id = first.begin()
    hand_over(job_id, first, second)
    second.wait_for(job_id, "running")

    second.jobs.close(kill_training_processes)

    job = second.jobs.job(job_id)
    assert job.error is not None
    assert (
        job.error.detail == "the server that ran it stopped, as one before it had: a training is begun anew only once"
    )


def test_a_job_that_is_begun_anew_makes_the_version_that_it_was_to_make(start: StartServer) -> None:
    first, second = start(), start()
    job_id = first.submit(spec(epochs=30_000))
    first.wait_for(job_id, "running")
    hand_over(job_id, first, second)

    done = second.ended(job_id)

    assert (done.status, done.model_version, done.epoch) == ("succeeded", 1, 30_000)
    assert second.registry.published_by(EXAM_SCORE, job_id) == 1
    until(lambda: job_id not in second.jobs._spool, "its task is removed")


def test_a_job_whose_request_asked_for_it_is_not_begun_anew(server: Server) -> None:
    job_id = server.jobs.submit(replace(server.task(spec(ENDLESS)), restart=False)).job_id
    server.wait_for(job_id, "running")

    server.jobs.close(kill_training_processes)

    job = server.jobs.job(job_id)
    assert job.error is not None
    assert job.error.detail == "the server that ran it stopped"


def test_a_job_that_is_cancelled_as_its_server_stops_is_not_begun_anew(server: Server) -> None:
    job_id = server.begin()
    server.records.ask_to_cancel(job_id)

    server.jobs.close(kill_training_processes)

    assert server.jobs.job(job_id).status == "cancelled"


def test_a_request_that_waits_for_its_training_is_answered_before_its_server_has_to_end(server: Server) -> None:
    job_id = server.begin()

    async def wait() -> Job:
        waiting = asyncio.ensure_future(server.jobs.wait(job_id, 600))
        await asyncio.sleep(0.1)
        server.jobs.stop(0.5)
        return await asyncio.wait_for(waiting, 30)

    assert asyncio.run(wait()).status == "running"


def begin_while_stopping(here: Server, there: Server) -> str:
    """Have a job of a server begin after that was told to stop, as another one lets go of the training lock."""
    runs, waits = here.begin(), there.submit(spec(ENDLESS))
    there.jobs.stop()
    here.jobs.cancel(runs)
    there.wait_for(waits, "running")
    return waits


def test_a_job_that_begins_while_its_server_stops_waits_again_as_if_it_had_not(start: StartServer) -> None:
    here, there = start(), start()
    job_id = begin_while_stopping(here, there)

    there.jobs.close(kill_training_processes)

    job = here.jobs.job(job_id)
    assert (job.status, job.started, job.epoch) == ("queued", None, None)
    assert job_id in there.jobs._spool


def test_a_job_that_begins_while_its_server_stops_and_is_cancelled_does_not_wait_again(start: StartServer) -> None:
    here, there = start(), start()
    job_id = begin_while_stopping(here, there)

    there.records.ask_to_cancel(job_id)
    there.jobs.close(kill_training_processes)

    assert here.jobs.job(job_id).status == "cancelled"


def test_a_job_that_begins_and_publishes_while_its_server_stops_has_succeeded(server: Server) -> None:
    server.jobs.stop()
    job_id = server.submit(spec(epochs=3000))

    def end_late() -> None:
        until(lambda: server.registry.published_by(EXAM_SCORE, job_id), "it publishes")
        kill_training_processes()

    server.jobs.close(end_late)

    assert server.jobs.job(job_id).status == "succeeded"


def test_a_job_that_waits_survives_any_number_of_servers_that_stop(start: StartServer) -> None:
    """Each has given it to its training process, which has not died of it."""
    job_id = "0" * 12 + "-00000000"
    first = start()
    first.jobs._spool.write(replace(first.task(), job_id=job_id), is_durable=False)
    first.records.submit(Job(job_id, EXAM_SCORE, now()), ServerProcess.this_process())

    with first.records.lock(first.policy().lock_name):
        for _ in range(4):
            server = start()
            server.jobs._queue.add(server.records.waiting(job_id))
            training_process()
            server.jobs.close(kill_training_processes)
            assert server.jobs.job(job_id).status == "queued"
    first.jobs._queue.add(first.records.waiting(job_id))

    assert first.ended(job_id).status == "succeeded"


def test_a_job_that_publishes_while_its_server_stops_has_succeeded(server: Server) -> None:
    job_id = server.submit(spec(epochs=3000))
    server.wait_for(job_id, "running")

    def end_late() -> None:
        until(lambda: server.registry.published_by(EXAM_SCORE, job_id), "it publishes")
        kill_training_processes()

    server.jobs.close(end_late)

    assert server.jobs.job(job_id).status == "succeeded"


def test_finished_jobs_beyond_those_kept_are_forgotten_and_unfinished_ones_never(start: StartServer) -> None:
    server, elsewhere = start(kept=2), start()
    running, running_elsewhere = server.begin(), elsewhere.submit()
    others = []
    for _ in range(7):
        others.append(server.submit())
        server.jobs.cancel(others[-1])

    left = server.jobs.find(others)
    assert {running, running_elsewhere} <= set(server.jobs.ids())
    assert others[-1] in {job.job_id for job in left}
    assert len(left) <= 2 + 2  # those kept, and two that are with the worker already, which has yet to find out
    assert {job.status for job in left} == {"cancelled"}


def test_a_trace_of_a_job_stands_in_nobodys_way(start: StartServer, folder: str) -> None:
    """Such as a folder that is left where a server was killed while it made a job known."""
    server = start(kept=1)
    for trace in ("0" * 12 + "-00000000", "0" * 12 + "-00000001"):
        Path(folder, "jobs", trace).mkdir(parents=True)
    Path(folder, "jobs", "0" * 12 + "-00000000", "submitted.json").write_text("{")

    done = server.ended(server.submit())

    assert [job.job_id for job in server.jobs.find(server.jobs.ids())] == [done.job_id]
    assert server.jobs.ids() == [done.job_id]  # the traces are the oldest, and so are the first to be forgotten


def submit_at_once(*servers: Server) -> set[str]:
    """Send the same request ten times at once, to these servers in turn; returns the ids of the jobs."""
    barrier = threading.Barrier(10)

    def submit(number: int) -> str:
        barrier.wait(10)
        taker = servers[number % len(servers)]
        return taker.jobs.submit(taker.task(), CLAIM).job_id

    with ThreadPoolExecutor(10) as threads:
        return {future.result() for future in [threads.submit(submit, number) for number in range(10)]}


def test_a_claimed_request_is_carried_out_once_however_often_it_comes(start: StartServer) -> None:
    server, elsewhere = start(), start()
    ids = submit_at_once(server, elsewhere)

    assert len(ids) == 1
    assert server.ended(ids.pop()).model_version == 1
    assert len(server.jobs.ids()) == 1
    assert server.ended(server.submit()).model_version == 2
    with pytest.raises(IdempotencyKeyReused):
        server.jobs.submit(server.task(), replace(CLAIM, request=b"another"))


def interrupted(server: Server, key: IdempotencyKey = CLAIM) -> str:
    """Submit a job whose training process is killed."""
    job_id = server.jobs.submit(server.task(spec(ENDLESS)), key).job_id
    server.wait_for(job_id, "running")
    os.kill(training_process(), signal.SIGKILL)
    assert server.ended(job_id).status == "failed"
    return job_id


def test_a_claimed_request_that_was_interrupted_is_carried_out_once_more_however_often_it_comes(
    start: StartServer,
) -> None:
    server, elsewhere = start(queued=20), start(queued=20)
    lost = interrupted(server)
    lost_again = interrupted(server)
    (again,) = submit_at_once(server, elsewhere)

    assert len({lost, lost_again, again}) == 3
    assert server.ended(again).model_version == 1
    assert len(server.jobs.ids()) == 3
    assert server.jobs.submit(server.task(), CLAIM).job_id == again
    with pytest.raises(IdempotencyKeyReused):
        server.jobs.submit(server.task(), replace(CLAIM, request=b"another"))


def test_a_claimed_request_whose_server_stopped_after_it_had_published_is_not_carried_out_again(server: Server) -> None:
    job_id = server.records.reserve(CLAIM, server.records.new_id(), lambda _: False)
    server.records.submit(Job(job_id, EXAM_SCORE, now()), dead_owner(), CLAIM)
    publish(server.registry, job_id=job_id)
    Path(server.folder, "jobs", job_id, "finished.json").write_bytes(b"")  # damaged, but the version is there

    assert server.jobs.submit(server.task(), CLAIM).job_id == job_id


def test_a_full_queue_is_said_to_be_full_to_a_request_that_was_interrupted(start: StartServer) -> None:
    server = start(queued=1)
    interrupted(server)
    until(lambda: not len(server.jobs._queue), "the queue is empty")
    running = server.begin()

    with pytest.raises(QueueFull):
        server.jobs.submit(server.task(), CLAIM)
    server.jobs.cancel(running)


def test_a_claim_is_forgotten_with_the_last_of_its_jobs(start: StartServer) -> None:
    server = start(kept=2)
    lost = interrupted(server)
    again = server.jobs.submit(server.task(), CLAIM).job_id
    server.ended(again)
    server.ended(server.submit())

    assert lost not in server.jobs.ids()
    assert server.jobs.submit(server.task(), CLAIM).job_id == again
    server.ended(server.submit())
    server.ended(server.submit())
    assert again not in server.jobs.ids()
    assert not list(Path(server.folder, "claims").glob("*"))


def test_a_claim_is_forgotten_with_its_job(start: StartServer) -> None:
    server = start(kept=1)
    first = server.jobs.submit(server.task(), CLAIM).job_id
    server.ended(first)
    server.ended(server.submit())
    server.ended(server.submit())

    assert server.jobs.submit(server.task(), replace(CLAIM, request=b"another")).job_id != first


def test_a_full_disk_fails_a_job_and_takes_no_place_in_the_queue(start: StartServer, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 512) as disk:
        server = start(queued=1, store=str(disk / "store"))
        job_id = server.begin()
        fill(disk)

        failed = server.ended(job_id)
        assert failed.error is not None
        assert failed.error.kind == "StoreFull"

        (disk / "ballast").unlink()
        again = until(lambda: _unless_full(server), "there is room in the queue")
        assert server.ended(again).status == "succeeded"
        assert server.jobs.job(job_id).error == failed.error
        assert server.records.read(job_id)[0].error == failed.error
        server.jobs.close(kill_training_processes)


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folders that hold what this process has made sure to be on disk."""
    synced: list[str] = []
    fsync = os.fsync

    def logging_fsync(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink().parent.name)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", logging_fsync)
    return synced


def test_a_task_is_safely_on_disk_if_it_waits_and_nothing_but_the_record_is_waited_for_if_not(
    server: Server, synced: list[str]
) -> None:
    server.ended(server.submit())
    until(lambda: not server.jobs._queue, "the queue is empty")  # and the task is removed
    synced.clear()
    endless = server.begin()
    store = Path(server.folder).name

    assert synced == ["_staging", store, "jobs"]  # the record, `jobs` for a new folder, and the name in that

    server.submit()
    assert synced[3:] == ["_staging", store, "jobs", "_staging", store]  # the last for the name in `spool`
    server.jobs.cancel(endless)


def test_a_job_that_had_published_before_it_seemed_to_wait_has_succeeded(server: Server) -> None:
    """A power cut may take the progress, which is not waited for, but not the version."""
    job_id = server.records.new_id()
    server.jobs._spool.write(replace(server.task(), job_id=job_id), is_durable=False)
    server.records.submit(Job(job_id, EXAM_SCORE, now()), dead_owner())
    publish(server.registry, job_id=job_id)

    server.jobs.prepare()

    job = server.ended(job_id)
    assert (job.status, job.model_version) == ("succeeded", 1)
