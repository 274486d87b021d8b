"""A store in memory whose users take turns, one call at a time, so that every order of their calls can come about."""

import random
import threading
from collections.abc import Callable

from app.store.contract import Stamp
from tests.support.memory_store import MemoryStore


class SteppedStore(MemoryStore):
    """A store whose users take turns at each call, in an order that is left to chance."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self._chance, self._turn = chance, threading.Condition()
        self._users: set[threading.Thread] = set()
        self._waiting: set[threading.Thread] = set()
        self._next: threading.Thread | None = None

    def run(self, acts: list[Callable[[], None]]) -> None:
        """Have all act at once, one call of one of them at a time."""
        failures: list[BaseException] = []

        def user(act: Callable[[], None]) -> None:
            try:
                act()
            except BaseException as failure:
                failures.append(failure)
            with self._turn:
                self._users.discard(threading.current_thread())
                self._turn.notify_all()

        threads = [threading.Thread(target=user, args=(act,), daemon=True) for act in acts]
        self._users = set(threads)
        for thread in threads:
            thread.start()
        while self._users and not failures:
            self._choose(threads)
        if failures:
            raise failures[0]
        for thread in threads:
            thread.join()

    def _choose(self, threads: list[threading.Thread]) -> None:
        with self._turn:
            assert self._turn.wait_for(lambda: self._next is None and self._waiting == self._users, 30)
            ready = [thread for thread in threads if thread in self._waiting]
            if ready:  # those before are favoured, so that others are held up for long
                self._next = ready[min(int(self._chance.expovariate(0.7)), len(ready) - 1)]
                if self._chance.random() < 0.02:
                    self._chance.shuffle(threads)
            self._turn.notify_all()

    def _step(self) -> None:
        thread = threading.current_thread()
        with self._turn:
            if thread in self._users:
                self._waiting.add(thread)
                self._turn.notify_all()
                assert self._turn.wait_for(lambda: self._next is thread, 30)
                self._next = None
                self._waiting.discard(thread)

    def look(self, key: str) -> Stamp | None:
        self._step()
        return super().look(key)

    def get(self, key: str) -> bytes:
        self._step()
        return super().get(key)

    def create(self, key: str, data: bytes, *, is_freeing: bool = False) -> bool:
        self._step()
        return super().create(key, data)

    def keys(self, folder: str) -> list[str]:
        self._step()
        return super().keys(folder)

    def delete(self, key: str) -> None:
        self._step()
        super().delete(key)

    def move(self, key: str, to: str) -> None:
        self._step()
        super().move(key, to)
