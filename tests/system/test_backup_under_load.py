"""Backups of a store whose server is busy: what is restored answers as the server did, with what it had acknowledged."""

import subprocess
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import httpx
import pytest

from tests.conftest import StartServer
from tests.support.server import COMMAND, Server, running
from tests.support.tables import QUESTION, TABLE
from tests.support.waiting import until

QUICK = {"name": "gradient_descent", "max_epochs": 5}
BACKUPS = 2


@dataclass
class Client:
    """Changes one model without a pause, and remembers which version was acknowledged to answer, and what each answered."""

    ask: httpx.Client
    name: str
    answering: list[int] = field(default_factory=list)
    """The versions that were acknowledged as the default, in their order; 0: the model was removed."""
    answers: dict[int, str] = field(default_factory=dict)

    def train(self) -> None:
        rows = [{**row, "score": row["score"] - len(self.answering) % 7} for row in TABLE]
        self._note(self.ask.post(f"/models/{self.name}/train?targets=score", json={"rows": rows, "trainer": QUICK}))

    def roll_back(self) -> None:
        there = sorted(
            each["model_version"] for each in self.ask.get(f"/models/{self.name}/versions").json()["versions"]
        )
        chosen = there[len(self.answering) % len(there)]
        url = f"/models/{self.name}/default-version"
        moved = self.ask.put(url, json={"model_version": chosen})
        if moved.status_code == 200:  # else it was removed since: only the newest are kept
            self.answering.append(moved.json()["default_version"])

    def remove(self) -> None:
        self.ask.delete(f"/models/{self.name}").raise_for_status()
        self.answering.append(0)

    def _note(self, trained: httpx.Response) -> None:
        number = trained.json()["model_version"]
        self.answering.append(number)
        answer = self.ask.post(f"/models/{self.name}/versions/{number}/predict", json=QUESTION)
        if answer.status_code == 200:  # as above
            self.answers[number] = answer.text


def _keep_busy(client: Client, acts: Sequence[Callable[[Client], None]], is_over: threading.Event) -> threading.Thread:
    def work() -> None:
        for number in count():
            if is_over.is_set():
                return
            acts[number % len(acts)](client)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def _run(command: str, *arguments: object) -> None:
    done = subprocess.run([COMMAND, command, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _check(restored: Server, client: Client, before: int) -> None:
    """What answers was acknowledged when the backup began or later, and each version answers as it did."""
    model = restored.client.get(f"/models/{client.name}")
    default = model.json()["default_version"] if model.status_code == 200 else 0
    assert (default or 0) in client.answering[max(before - 1, 0) :], client.name
    if not default:
        return
    for each in restored.client.get(f"/models/{client.name}/versions").json()["versions"]:
        number = each["model_version"]
        answer = restored.client.post(f"/models/{client.name}/versions/{number}/predict", json=QUESTION)
        assert answer.status_code == 200
        assert answer.text == client.answers.get(number, answer.text)
    assert restored.client.post(f"/models/{client.name}/predict", json=QUESTION).json()["model_version"] == default


@pytest.mark.slow
def test_each_backup_of_a_busy_store_holds_what_was_acknowledged_when_it_began(
    start_server: StartServer, tmp_path: Path
) -> None:
    server = start_server(keep_versions=3)
    acts = {
        "trained-only": [Client.train],
        "rolled-back": [Client.train, Client.train, Client.roll_back],
        "removed": [Client.train, Client.train, Client.remove],
    }
    clients = [Client(server.new_connections(), name) for name in acts]
    is_over, begun = threading.Event(), list[list[int]]()
    threads = [_keep_busy(client, acts[client.name], is_over) for client in clients]
    try:
        until(lambda: all(len(client.answering) > 3 for client in clients), "all are busy")
        for number in range(BACKUPS):
            begun.append([len(client.answering) for client in clients])
            _run("backup", server.store, tmp_path / f"{number}.zip")
        _run("check", server.store, "--mend")  # which finds nothing damaged, and breaks nothing
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
    assert all(len(client.answering) > begun[0][place] for place, client in enumerate(clients)), "nobody was busy"

    for number, before in enumerate(begun):
        folder = tmp_path / f"restored-{number}"
        folder.mkdir()
        _run("restore", tmp_path / f"{number}.zip", folder / "store")
        _run("check", folder / "store")
        with running(folder) as restored:
            assert restored.client.get("/readyz").json() == {"status": "ready"}
            for client, length in zip(clients, before, strict=True):
                _check(restored, client, length)
            rows = {"rows": TABLE, "trainer": QUICK}
            assert restored.client.post("/models/trained-only/train", json=rows).status_code == 200
