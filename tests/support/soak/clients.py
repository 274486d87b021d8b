"""Clients of a soak: they predict, train, cancel and roll back, and notice what is not as it was acknowledged."""

import json
import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tests.support.connection import BROKEN, Connection
from tests.support.server import Server
from tests.support.tables import QUESTION

CSV = "hours_studied,hours_slept,score\n2,9,92\n1,5,86\n3,6,89\n"
TRAINING = {"targets": "score", "trainer": "gradient_descent", "max_epochs": "1"}
ENDLESS = {"targets": "score", "trainer": "gradient_descent", "max_epochs": "10000000"}
MODELS = ("soak-a", "soak-b", "soak-c")
KEPT = 20
"""Versions that a model keeps."""
WEIGHTS = {"predict": 76, "train": 6, "cancel": 3, "roll back": 8, "look": 7}
AFTER_A_STRIKE = 20.0
"""Seconds in which connections may break after a process that serves was killed, and trainings be interrupted after any was."""


@dataclass
class Ledger:
    """What the server has acknowledged to all clients, and what was wrong."""

    answers: dict[tuple[str, int], bytes] = field(default_factory=dict)
    acknowledged: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    strikes: list[tuple[float, str]] = field(default_factory=list)
    """When there was one, and of what kind of process."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, what: str) -> None:
        """Count something that has happened."""
        with self.lock:
            self.counts[what] += 1

    def note_answer(self, name: str, answer: bytes) -> None:
        """Note what a version predicts, which is the same for ever."""
        number = json.loads(answer)["model_version"]
        with self.lock:
            if self.answers.setdefault((name, number), answer) != answer:
                self.wrong.append(f"version {number} of {name} has answered {answer!r}")

    def excuses(self, kinds: set[str]) -> bool:
        """Whether a process of such a kind was killed a moment ago."""
        return any(time.monotonic() - moment < AFTER_A_STRIKE and kind in kinds for moment, kind in self.strikes)

    def check_versions(self, name: str, listed: set[int]) -> None:
        """Have the newest versions that were acknowledged be among those that are listed."""
        oldest_kept = sorted(listed)[-KEPT:][0]
        lost = {number for number in self.acknowledged[name] if number >= oldest_kept} - listed
        if lost or max(self.acknowledged[name], default=0) > max(listed):
            self.wrong.append(f"lost of {name}: {lost or max(self.acknowledged[name])}")


@dataclass
class Client:
    """One client."""

    server: Server
    ledger: Ledger
    chance: random.Random

    def __post_init__(self) -> None:
        self._connection = Connection(self.server)
        self.send, self.close = self._connection.send, self._connection.close

    def work(self, may_ask: threading.Event, may_end: threading.Event) -> None:
        """Ask for one thing after the other."""
        try:
            while not may_end.is_set():
                if may_ask.wait(0.2):
                    self._ask(may_end)
        finally:
            self.close()

    def _ask(self, may_end: threading.Event) -> None:
        kind, name = self.chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0], self.chance.choice(MODELS)
        while not self._connection.open():
            if may_end.wait(0.05):
                return
        try:
            self.ledger.count(kind)
            ACTS[kind](self, name)
        except BROKEN as error:
            self.ledger.count("broken connections")
            if not self.ledger.excuses({"worker"}):
                self.ledger.wrong.append(f"{kind}: {error!r}")

    def expect(self, answer: tuple[int, bytes], *statuses: int) -> bool:
        """Return whether an answer is the first of these statuses; anything but these is wrong."""
        if answer[0] not in statuses:
            self.ledger.wrong.append(f"{answer[0]}: {answer[1][:300]!r}")
        return answer[0] == statuses[0]

    def train(self, name: str) -> None:
        """Train a version; that a process was killed may interrupt it."""
        query = urlencode(TRAINING | {"seed": str(self.chance.randrange(10**6))})
        answer = self.send("POST", f"/models/{name}/train?{query}", CSV, "text/csv")
        is_excused = self.ledger.excuses({"worker", "trainer"})
        if self.expect(answer, 200, 202, *((503,) if is_excused else ())):
            with self.ledger.lock:
                self.ledger.acknowledged[name].add(json.loads(answer[1])["model_version"])
        elif answer[0] == 503:
            self.ledger.count("interrupted trainings")

    def look(self, name: str) -> None:
        """Look at all versions of a model."""
        with self.ledger.lock:
            before = set(self.ledger.acknowledged[name])
        answer = self.send("GET", f"/models/{name}/versions?limit=1000")
        if self.expect(answer, 200):
            listed = {version["model_version"] for version in json.loads(answer[1])["versions"]}
            if max(before) > max(listed):
                self.ledger.wrong.append(f"version {max(before)} of {name} is not listed")

    def predict(self, name: str) -> None:
        """Predict a row."""
        answer = self.send("POST", f"/models/{name}/predict", json.dumps(QUESTION))
        if self.expect(answer, 200):
            self.ledger.note_answer(name, answer[1])


def _cancel(client: Client, name: str) -> None:
    """Cancel a training that would not end: it is cancelled, or has failed since a process was killed."""
    path = f"/models/{name}/train?{urlencode(ENDLESS)}"
    answer = client.send("POST", path, CSV, "text/csv", Prefer="respond-async")
    if not client.expect(answer, 202):
        return
    job = json.loads(answer[1])
    if client.chance.random() < 0.5:  # it may run by then
        time.sleep(0.2)
    client.expect(client.send("POST", f"/jobs/{job['job_id']}/cancel"), 200)
    while job["status"] in {"queued", "running"}:
        time.sleep(0.05)
        job = json.loads(client.send("GET", f"/jobs/{job['job_id']}")[1])
    is_excused = job["status"] == "failed" and client.ledger.excuses({"worker", "trainer"})
    if job["status"] != "cancelled" and not is_excused:
        client.ledger.wrong.append(f"a cancelled job: {job}")


def _roll_back(client: Client, name: str) -> None:
    with client.ledger.lock:
        number = max(1, max(client.ledger.acknowledged[name]) - client.chance.randrange(3))
    answer = client.send("PUT", f"/models/{name}/default-version", json.dumps({"model_version": number}))
    client.expect(answer, 200, 404)


ACTS: Mapping[str, Callable[[Client, str], None]] = {
    "predict": Client.predict,
    "train": Client.train,
    "cancel": _cancel,
    "roll back": _roll_back,
    "look": Client.look,
}
