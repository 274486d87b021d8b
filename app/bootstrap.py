"""Wires the service together, once: nothing is built at import, and no other file chooses what is used."""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any

from app.access import Keys, open_keys
from app.counts import SharedCounts
from app.errors import StoreError
from app.jobs import (
    RUNNERS,
    Job,
    JobRecords,
    Jobs,
    Limits,
    Policy,
    ServerProcess,
    Spool,
    StatusCounts,
    Task,
    end_with_parent,
    kill_training_processes,
)
from app.limits import find_limits
from app.logs import choose_form, configure, current, note_model, set_up
from app.metrics import MAX_MODELS, Condition, Metrics
from app.registry import BUILT_IN, Registry
from app.settings import Settings, asks_for_traces
from app.store import DiskStore, StoreIdentity, open_store
from app.tracing import Traces, carry_context
from app.train import Training
from app.upkeep import ReadyModels, RegularTidying

log = logging.getLogger("scorecast.jobs")

MAX_TOLD = 3
"""Models that cannot answer that a warning names."""
ANSWER_SECONDS = 2.0
"""Of the time that requests have when the service is told to stop: in it those are answered that wait for a training."""


@dataclass(frozen=True)
class Connection:
    """What a server and its workers both have open."""

    location: str
    identity: StoreIdentity | None = None
    """Which store has to be there; None: whichever is, or a new one."""

    def __call__(self) -> tuple[JobRecords, Registry]:
        """Open the store, and what stands on it."""
        store = open_store(self.location, self.identity)
        return JobRecords(store), Registry(store, BUILT_IN)


@dataclass
class Services:
    """All that routes need."""

    settings: Settings
    store: DiskStore
    registry: Registry
    jobs: Jobs
    policy: Policy
    metrics: Metrics
    statuses: StatusCounts
    traces: Traces
    tidying: RegularTidying
    models: ReadyModels
    keys: Callable[[], Keys] | None = None
    """The keys that there are now; None: none is needed."""
    is_stopping: bool = False

    def start(self) -> None:
        """Get ready to predict."""
        end_with_parent()  # each of several workers has one; a single server has none
        self.traces.start()
        self.warm_up()

    def task(self, name: str, training: Training, client: str = "") -> Task:
        """Return what a worker has to do to train a model, as a client has asked for."""
        options, deletions = training.options, self.registry.state(name).deletions
        connect = Connection(self.settings.store, self.store.identity)
        note_model(name)
        request = current()
        return Task(
            training.spec, connect, self.policy, name,
            extend=options.extend, keep_table=options.keep_table, restart=options.restart,
            deletions=deletions, declaration=training.declaration, read=training.read, client=client, request_id=request.request_id if request else "",
            trace=carry_context(),
        )  # fmt: skip

    def warm_up(self) -> None:
        """Load every model's serving version; from then on the service is ready, whatever happens to the store."""
        if not self.is_stopping:
            self.models.load()

    def look_again(self) -> None:
        """Load again what could not be loaded, now and then."""
        if not self.is_stopping and (self.models.not_ready_because or self.models.unusable):
            self.models.load_again()

    @property
    def not_ready_because(self) -> str:
        """Why no requests should be sent; nothing: they may be. While stopping it is that, whatever is loaded meanwhile."""
        return "the service is stopping" if self.is_stopping else self.models.not_ready_because

    def prepare(self) -> None:
        """Do what the first training finds done, and have the store tidied; predictions are answered meanwhile."""
        self.jobs.prepare()
        self.tidying.start()

    def find_warning(self) -> str | None:
        """Return what an operator should know though the service is ready; None: there is nothing."""
        try:
            self.store.check()
        except StoreError as error:
            return f"predictions are answered from memory, and everything else is answered 503: {error}"
        unusable = self.models.unusable
        named = ", ".join(islice(unusable, MAX_TOLD))
        if len(unusable) == 1:
            return f"1 model has no version that can be used: {named}"
        return f"{len(unusable)} models have no version that can be used, among them {named}" if named else None

    def observe(self) -> Condition:
        """Return how the service is now, for its metrics; what only the store can tell is missing while it cannot be read."""
        jobs: dict[str, int] = {}
        versions: dict[str, int] = {}
        is_store_there = False
        with suppress(StoreError):
            self.store.check()
            is_store_there = True
            jobs = self.statuses.count()
            states = map(self.registry.state, self.registry.names())
            trained = ((state.name, state.default_version) for state in states if state.default_version is not None)
            versions = dict(islice(trained, MAX_MODELS))
        return Condition(not self.not_ready_because, is_store_there, jobs, versions)

    def stop(self) -> None:
        """Be no longer ready, as the service is about to stop: streams end, and other servers get the requests."""
        self.tidying.stop()
        self.is_stopping = True
        self.jobs.stop(self.settings.grace_seconds - ANSWER_SECONDS)

    def close(self) -> None:
        """Leave no training behind."""
        self.stop()
        self.jobs.close(kill_training_processes)
        self.metrics.close()
        self.traces.stop()


def bootstrap(
    settings: Settings, identity: StoreIdentity | None = None, counts: SharedCounts | None = None
) -> Services:
    """Return the services that these settings ask for; with an identity only over that store.

    `counts` are those that several processes share; None: this process serves alone.
    """
    metrics = Metrics(counts or SharedCounts.of_one())
    store = open_store(settings.store, identity)
    records, registry = JobRecords(store), Registry(store, BUILT_IN)
    lock_name = ServerProcess.with_its_siblings(settings.workers).key
    allowed = find_limits(settings)
    policy = Policy(settings.max_train_seconds, settings.keep_versions, settings.keep_tables, lock_name, allowed)
    spool = Spool(store, lambda: Connection(settings.store, store.identity), policy)
    logs, is_traced = configure(choose_form(settings.log_format), settings.log_level), asks_for_traces()
    runner = RUNNERS[settings.runner]
    start = partial(runner.start, partial(_begin_training_process, logs, is_traced=is_traced))
    runner = replace(runner, start=start, on_end=partial(_note_training, metrics))
    jobs = Jobs(records, registry, spool, runner, Limits.of(settings))
    traces = Traces(is_asked=is_traced)
    keys = open_keys(settings, begins_without=True)  # the start has read them: here a worker may take another's place
    return Services(
        settings, store, registry, jobs, policy, metrics, StatusCounts(jobs), traces, RegularTidying(registry),
        ReadyModels(registry), keys,
    )  # fmt: skip


def _note_training(metrics: Metrics, job: Job) -> None:
    kind = None if job.error is None else job.error.kind
    metrics.count_training(job.duration_seconds, kind)
    told = ("job_id", "model_name", "model_version", "status", "duration_seconds")
    facts = {name: getattr(job, name) for name in told}
    facts |= {"error": kind, "request_id": job.request_id}
    log.info("a training has ended", extra={name: value for name, value in facts.items() if value is not None})


def _begin_training_process(logs: dict[str, Any], *, is_traced: bool) -> None:
    set_up(logs)
    Traces(is_asked=is_traced).start()
