"""Trainings that wait, and whose turn it is: fair queueing between clients, and between the models of one client.

The next training is of the client that has been served longest ago; of its trainings, of the model that has. Those of one
client and model keep their order.
"""

from collections.abc import Iterator

from app.jobs.job import Waiting


class FairQueue:
    """Trainings that wait; the caller sees to it that one thread at a time uses it."""

    def __init__(self) -> None:
        self._waiting: dict[str, Waiting] = {}
        self._turn = 0
        self._clients: dict[str, int] = {}
        """The last turn of each client that has trainings here, and of the one before."""
        self._models: dict[tuple[str, str], int] = {}
        """The same for each client's models."""

    def __iter__(self) -> Iterator[Waiting]:
        return iter(self._waiting.values())

    def add(self, waiting: Waiting) -> None:
        """Add a training."""
        self._waiting[waiting.job_id] = waiting

    def remove(self, job_id: str) -> bool:
        """Remove a training; return whether it was there."""
        return self._waiting.pop(job_id, None) is not None

    def take(self) -> Waiting | None:
        """Remove and return the training whose turn it is; None if none waits."""
        if not self._waiting:
            return None
        chosen = min(self, key=self._last_turns)
        del self._waiting[chosen.job_id]
        self._turn += 1
        here = {each.client for each in self} | {chosen.client}
        self._clients = {client: turn for client, turn in self._clients.items() if client in here}
        self._models = {pair: turn for pair, turn in self._models.items() if pair[0] in here}
        self._clients[chosen.client] = self._models[chosen.client, chosen.model_name] = self._turn
        return chosen

    def _last_turns(self, waiting: Waiting) -> tuple[int, int, str]:
        model = waiting.client, waiting.model_name
        # Ids are in the order in which they were made.
        return self._clients.get(waiting.client, 0), self._models.get(model, 0), waiting.job_id
