"""Clients that ask a server for what chance says, and write down what they were answered and when."""

import json
import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urlencode

from tests.support.connection import BROKEN, Connection
from tests.support.histories.linearizability import UNKNOWN, Operation
from tests.support.histories.specification import READING, Refused
from tests.support.server import Server
from tests.support.tables import QUESTION

CSV = "hours_studied,hours_slept,score\n2,9,92\n1,5,86\n3,6,89\n"
BOUNDARY = b"boundary-of-parts"
TRAINING = {"targets": "score", "trainer": "gradient_descent", "max_epochs": "1"}

WEIGHTS = {
    "predict": 62, "read": 7, "list": 7, "roll back": 10, "remove": 5, "publish": 4, "train": 2, "extend": 2, "delete": 1,
}  # fmt: skip
"""How often each operation is asked for, in a hundred."""
MODELS = 4
"""Models that are asked for at a time."""


@dataclass
class Recording:
    """What all clients have recorded, by model; and what each version predicts."""

    operations: dict[str, list[Operation]] = field(default_factory=lambda: defaultdict(list))
    answers: dict[tuple[str, int], bytes] = field(default_factory=dict)
    newest: dict[str, int] = field(default_factory=dict)
    """By model, of the versions that have answered."""
    failures: list[str] = field(default_factory=list)
    noted: int = 0
    """How many operations."""
    asked: "count[int]" = field(default_factory=count)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, name: str, operation: Operation) -> None:
        """Add an operation; of one that changes nothing, and whose answer never came, nothing can be said."""
        if operation.result is not UNKNOWN or operation.kind not in READING:
            with self.lock:
                self.operations[name].append(operation)
                self.noted += 1

    def note_answer(self, name: str, answer: bytes) -> int:
        """Return the number of the version that has answered, which always answers so."""
        number: int = json.loads(answer)["model_version"]
        with self.lock:
            self.newest[name] = max(self.newest.get(name, 0), number)
            if self.answers.setdefault((name, number), answer) != answer:
                self.failures.append(f"version {number} of {name} has answered {answer!r}")
        return number

    def count_results(self) -> Counter[str]:
        """Return how many operations there were of each kind, and how many without an answer."""
        counts: Counter[str] = Counter()
        for operation in (each for operations in self.operations.values() for each in operations):
            counts[operation.kind] += 1
            counts["unknown"] += operation.result is UNKNOWN
            counts["refused"] += isinstance(operation.result, Refused)
        return counts


@dataclass
class Client:
    """One client: it asks for one thing after the other."""

    server: Server
    recording: Recording
    checkpoints: Sequence[bytes]
    """What it publishes."""
    number: int
    chance: random.Random
    may_end: threading.Event
    """Set when the server does not come back."""

    def __post_init__(self) -> None:
        self._connection = Connection(self.server)
        self.send, self.close = self._connection.send, self._connection.close

    def work(self, operations: int, a_group: int) -> None:
        """Ask for things until there are so many operations of all clients; after `a_group` of them other models have their turn."""
        while (asked := next(self.recording.asked)) < operations and not self.may_end.is_set():
            name = f"h{asked // a_group}-{self.chance.randrange(MODELS)}"
            newest = self.recording.newest.get(name, 0)
            weights = WEIGHTS if newest else WEIGHTS | {"publish": WEIGHTS["predict"]}
            kind = self.chance.choices(list(weights), list(weights.values()))[0]
            argument = self.chance.randint(1, 1 + newest) if kind in {"roll back", "remove"} else None
            self.ask(name, kind, argument)

    def ask(self, name: str, kind: str, argument: Any = None) -> None:
        """Ask for one thing, as soon as there is someone to ask, and record what came of it."""
        while not self._connection.open():
            if self.may_end.wait(0.05):
                return
        began = time.monotonic()
        try:
            result = _ASK[kind](self, name, argument)
        except BROKEN:
            self.recording.note(name, Operation(kind, argument, began, client=self.number))
        else:
            self.recording.note(name, Operation(kind, argument, began, time.monotonic(), result, self.number))

    def settle(self, answer: tuple[int, bytes]) -> Any:
        """Return what came of a training, once it has ended: the version's number, and its rows if that is answered."""
        if answer[0] not in {200, 202}:
            return self.refuse(answer)
        job = json.loads(answer[1])
        while job["status"] in {"queued", "running"}:
            time.sleep(0.05)
            status, body = self.send("GET", f"/jobs/{job['job_id']}")
            if status != 200:
                raise ConnectionError(f"nothing is known of the job: {status}")
            job = json.loads(body)
        return (job["model_version"], job.get("rows")) if job["status"] == "succeeded" else Refused(503)

    def refuse(self, answer: tuple[int, bytes]) -> Refused:
        """Return a refusal; anything but one that may come is a failure of the server."""
        if answer[0] not in {404, 409, 429, 503}:
            self.recording.failures.append(f"{answer[0]}: {answer[1][:500]!r}")
        return Refused(answer[0])


def _train(client: Client, name: str, _: Any, **query: str) -> Any:
    asked = TRAINING | {"seed": str(client.chance.randrange(10**6))} | query
    return client.settle(client.send("POST", f"/models/{name}/train?{urlencode(asked)}", CSV, "text/csv"))


def _extend(client: Client, name: str, _: Any) -> Any:
    return _train(client, name, None, extend="true")


def _publish(client: Client, name: str, _: Any) -> Any:
    parts = {b"checkpoint": client.chance.choice(client.checkpoints), b"table": CSV.encode()}
    body = b"".join(
        b'--%s\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n\r\n%s\r\n' % (BOUNDARY, part, part, data)
        for part, data in parts.items()
    )
    kind = f"multipart/form-data; boundary={BOUNDARY.decode()}"
    answer = client.send("POST", f"/models/{name}/versions", body + b"--%s--\r\n" % BOUNDARY, kind)
    return (json.loads(answer[1])["model_version"], None) if answer[0] == 201 else client.refuse(answer)


def _roll_back(client: Client, name: str, number: int) -> Any:
    answer = client.send("PUT", f"/models/{name}/default-version", json.dumps({"model_version": number}))
    return json.loads(answer[1])["default_version"] if answer[0] == 200 else client.refuse(answer)


def _remove(client: Client, name: str, number: int) -> Any:
    answer = client.send("DELETE", f"/models/{name}/versions/{number}")
    return number if answer[0] == 204 else client.refuse(answer)


def _delete(client: Client, name: str, _: Any) -> Any:
    answer = client.send("DELETE", f"/models/{name}")
    return True if answer[0] == 204 else client.refuse(answer)


def _predict(client: Client, name: str, _: Any) -> Any:
    answer = client.send("POST", f"/models/{name}/predict", json.dumps(QUESTION))
    return client.recording.note_answer(name, answer[1]) if answer[0] == 200 else client.refuse(answer)


def _read(client: Client, name: str, _: Any) -> Any:
    answer = client.send("GET", f"/models/{name}")
    model = json.loads(answer[1])
    return (model["default_version"], model["versions"]) if answer[0] == 200 else client.refuse(answer)


def _list(client: Client, name: str, _: Any) -> Any:
    answer = client.send("GET", f"/models/{name}/versions?limit=1000")
    if answer[0] != 200:
        return client.refuse(answer)
    return frozenset(version["model_version"] for version in json.loads(answer[1])["versions"])


_ASK: Mapping[str, Callable[[Client, str, Any], Any]] = {
    "train": _train,
    "extend": _extend,
    "publish": _publish,
    "roll back": _roll_back,
    "remove": _remove,
    "delete": _delete,
    "predict": _predict,
    "read": _read,
    "list": _list,
}
