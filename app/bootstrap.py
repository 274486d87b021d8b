"""Wires the service together, once: nothing is built at import, and no other file chooses what is used."""

from dataclasses import dataclass

from app.errors import DamagedCheckpoint, StoreError
from app.jobs import (
    RUNNERS,
    JobRecords,
    Jobs,
    Limits,
    Policy,
    Task,
    end_with_parent,
    kill_training_processes,
    training_lock_name,
)
from app.registry import BUILT_IN, Registry
from app.settings import Settings
from app.store import open_store
from app.train import Training


@dataclass(frozen=True)
class Connection:
    """What a server and its workers both have open."""

    location: str

    def __call__(self) -> tuple[JobRecords, Registry]:
        """Open the store, and what stands on it."""
        store = open_store(self.location)
        return JobRecords(store), Registry(store, BUILT_IN)


@dataclass
class Services:
    """All that routes need."""

    settings: Settings
    registry: Registry
    jobs: Jobs
    connect: Connection
    policy: Policy
    is_stopping: bool = False
    not_ready_because: str = "the store has not been read yet"

    def start(self) -> None:
        """Get ready to predict."""
        end_with_parent()  # each of several workers has one; a single server has none
        self.warm_up()

    def task(self, name: str, training: Training) -> Task:
        """Return what a worker has to do to train a model."""
        options, deletions = training.options, self.registry.model(name).deletions
        return Task(training.spec, self.connect, self.policy, name, options.extend, options.keep_table, deletions)

    def warm_up(self) -> None:
        """Load every model's serving version; from then on the service is ready, whatever happens to the store."""
        if self.is_stopping:
            return
        try:
            self.registry.load_all()
        except (StoreError, DamagedCheckpoint) as error:
            self.not_ready_because = str(error)
        else:
            self.not_ready_because = ""

    def close(self) -> None:
        """Stop: no longer ready, and no training left behind."""
        self.is_stopping, self.not_ready_because = True, "the service is stopping"
        self.jobs.close(kill_training_processes)


def bootstrap(settings: Settings) -> Services:
    """Return the services that these settings ask for."""
    connect = Connection(settings.store)
    records, registry = connect()
    limits = Limits(settings.max_queued_jobs, settings.keep_jobs, settings.keep_jobs_seconds)
    jobs = Jobs(records, registry, RUNNERS[settings.runner], limits)
    lock_name = training_lock_name(settings.workers)
    policy = Policy(settings.max_train_seconds, settings.keep_versions, settings.keep_tables, lock_name)
    return Services(settings, registry, jobs, connect, policy)
