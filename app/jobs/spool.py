"""The spool: the tasks of unfinished jobs, in the store, so that their tables need no memory and survive their server."""

from collections.abc import Callable

from app.errors import JobInterrupted
from app.jobs.job_ids import JOB_ID
from app.jobs.task import Connect, Policy, Task
from app.store import MissingKey, Store, list_names


class Spool:
    """Tasks by the id of their job."""

    def __init__(self, store: Store, make_connect: Callable[[], Connect], policy: Policy) -> None:
        """Tasks that are read are for workers of this server; how these connect is found out then."""
        self._store, self._make_connect, self._policy = store, make_connect, policy

    def ids(self) -> list[str]:
        """Return the ids of the jobs whose tasks are here, the oldest first."""
        return list_names(self._store, "spool", JOB_ID)

    def write(self, task: Task, *, is_durable: bool) -> None:
        """Keep a task; one that need not be durable survives its server, but not always a power cut."""
        self._store.put(_key(task.job_id), task.to_bytes(), is_durable=is_durable)

    def read(self, job_id: str) -> Task:
        """Return a job's task. Raises `JobInterrupted` if it is not here, or is damaged."""
        try:
            return Task.from_bytes(self._store.get(_key(job_id)), self._make_connect(), self._policy)
        except MissingKey:
            raise JobInterrupted("the request's table is not in the store any more: send it again") from None
        except ValueError as error:
            raise JobInterrupted(f"the request's table in the store is damaged: send it again ({error})") from None

    def __contains__(self, job_id: str) -> bool:
        return self._store.look(_key(job_id)) is not None

    def remove(self, job_id: str) -> None:
        """Remove a job's task."""
        self._store.delete(_key(job_id))


def _key(job_id: str) -> str:
    return f"spool/{job_id}"
