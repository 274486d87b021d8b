"""Trainings that wait, and whose turn it is: fair queueing between clients, small tables before large ones among a client's models.

The next training is of the client that has been served longest ago. Of its models, the one whose next table is smallest;
of tables of about the same size, that of the model that has been served longest ago. Trainings of one client and model keep
their order, as the last one answers. A training that has been passed over often enough by later ones of its client is next,
however large it is.
"""

from collections import Counter
from collections.abc import Iterator

from app.jobs.job import Waiting

MAX_PASSES = 4
"""So many later trainings of its client may begin before one that waits."""


class FairQueue:
    """Trainings that wait; the caller sees to it that one thread at a time uses it."""

    def __init__(self) -> None:
        self._waiting: dict[str, Waiting] = {}
        self._turn = 0
        self._clients: dict[str, tuple[int, bool]] = {}
        """Of each client that has trainings here, and of the last one: the turn in which it came or was served; whether served."""
        self._models: dict[tuple[str, str], int] = {}
        """The last turn of each client's models."""
        self._passes = Counter[str]()
        """How many later trainings of its client have begun before each."""
        self._before_last: tuple[tuple[int, bool], int, int, list[str]] = (0, False), 0, 0, []
        """What was so before the last one was taken: the turns of its client and model, its passes; and which it passed."""

    def __iter__(self) -> Iterator[Waiting]:
        return iter(self._waiting.values())

    def add(self, waiting: Waiting) -> None:
        """Add a training. A client that comes now is before those that have been served meanwhile, and behind all others."""
        self._waiting[waiting.job_id] = waiting
        self._clients.setdefault(waiting.client, (self._turn, False))

    def remove(self, job_id: str) -> bool:
        """Remove a training; return whether it was there."""
        self._passes.pop(job_id, None)
        return self._waiting.pop(job_id, None) is not None

    def take(self) -> Waiting | None:
        """Remove and return the training whose turn it is; None if none waits."""
        if not self._waiting:
            return None
        chosen = min(self._first_of_each_model(), key=self._rank)
        model, passes = (chosen.client, chosen.model_name), self._passes[chosen.job_id]
        self.remove(chosen.job_id)
        earlier = [each.job_id for each in self if each.client == chosen.client and each.job_id < chosen.job_id]
        self._before_last = self._clients[chosen.client], self._models.get(model, 0), passes, earlier
        self._passes.update(earlier)
        self._turn += 1
        here = {each.client for each in self} | {chosen.client}
        self._clients = {client: turn for client, turn in self._clients.items() if client in here}
        self._models = {pair: turn for pair, turn in self._models.items() if pair[0] in here}
        self._clients[chosen.client] = self._turn, True
        self._models[model] = self._turn
        return chosen

    def put_back(self, taken: Waiting) -> None:
        """Have the training that was taken last wait where it did: it has not begun."""
        turn, model_turn, passes, earlier = self._before_last
        self._waiting[taken.job_id] = taken
        self._clients[taken.client], self._models[taken.client, taken.model_name] = turn, model_turn
        self._passes[taken.job_id] = passes
        self._passes.subtract(job_id for job_id in earlier if job_id in self._waiting)

    def _first_of_each_model(self) -> list[Waiting]:
        # Ids are in the order in which they were made.
        last_first = sorted(self, key=lambda each: each.job_id, reverse=True)
        return [*{(each.client, each.model_name): each for each in last_first}.values()]

    def _rank(self, waiting: Waiting) -> tuple[tuple[int, bool], tuple[int, ...], str]:
        is_due = self._passes[waiting.job_id] >= MAX_PASSES
        model = waiting.client, waiting.model_name
        turn = (0,) if is_due else (1, _magnitude(waiting.table_bytes), self._models.get(model, 0))
        return self._clients[waiting.client], turn, waiting.job_id


def _magnitude(table_bytes: int) -> int:
    """Return which tables one is about as large as: in steps of a factor of four."""
    return table_bytes.bit_length() // 2
