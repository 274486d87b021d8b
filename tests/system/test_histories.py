"""Whatever clients do at once, and whatever is killed or stopped meanwhile: one order explains what all of them were answered.

For each model the history of all operations is linearizable; a version answers with the same bytes for ever; and at the end all
versions are there that ought to be, and load.
"""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest

from tests.conftest import StartServer
from tests.support.dose import SEED, chance, figures, times
from tests.support.histories.clients import CSV, TRAINING, Client, Recording
from tests.support.histories.linearizability import find_violation
from tests.support.histories.specification import Model, apply
from tests.support.histories.strikes import keep_striking
from tests.support.server import Server
from tests.support.tables import QUESTION

pytestmark = pytest.mark.slow

CLIENTS, WORKERS = 8, times(2, full=4)
OPERATIONS = times(1200, full=100_000)
A_GROUP = times(400, full=2000)
"""Operations after which other models are asked for."""
EVERY = times(150, full=400)
"""Operations between two strikes, about."""
CHECKPOINTS = 6


def _checkpoints(server: Server) -> list[bytes]:
    """Return what clients publish: trained as they train."""
    for seed in range(CHECKPOINTS):
        query = TRAINING | {"seed": str(seed)}
        headers = {"Content-Type": "text/csv"}
        assert server.client.post("/models/source/train", params=query, content=CSV, headers=headers).is_success
    return [server.client.get(f"/models/source/versions/{seed + 1}/export").content for seed in range(CHECKPOINTS)]


def _check_versions(server: Server, name: str, recording: Recording) -> None:
    """Have each version that is there predict, as it ever did."""
    answer = server.client.get(f"/models/{name}/versions?limit=1000")
    for version in answer.json()["versions"] if answer.is_success else ():
        number = version["model_version"]
        predicted = server.client.post(f"/models/{name}/versions/{number}/predict", json=QUESTION)
        assert predicted.status_code == 200, predicted.text
        recording.note_answer(name, predicted.content)


@pytest.mark.timeout(times(600, full=7200))
def test_one_order_explains_all_answers(start_server: StartServer) -> None:
    dice, began = chance("histories"), time.monotonic()
    server, recording, may_end = start_server(workers=WORKERS), Recording(), threading.Event()
    checkpoints = _checkpoints(server)
    clients = [
        Client(server, recording, checkpoints, number, Random(f"{SEED} {number}"), may_end) for number in range(CLIENTS)
    ]

    with ThreadPoolExecutor(CLIENTS + 1) as pool:
        strikes = pool.submit(keep_striking, server, dice, lambda: recording.noted, EVERY, may_end)
        working = [pool.submit(client.work, OPERATIONS, A_GROUP) for client in clients]
        try:
            for each in working:
                each.result()
        finally:
            may_end.set()
    may_end.clear()
    struck = strikes.result()
    for name in list(recording.operations):
        clients[0].ask(name, "list")
        clients[0].ask(name, "read")
        _check_versions(server, name, recording)

    for client in clients:
        client.close()
    assert recording.failures == []
    violations = {name: find_violation(each, Model(), apply) for name, each in recording.operations.items()}
    assert {name: each for name, each in violations.items() if each is not None} == {}
    figures.append(
        f"histories: {dict(recording.count_results())} of {len(violations)} models, {len(recording.answers)} versions,"
        f" all linearizable; {dict(struck)}, {time.monotonic() - began:.0f} s"
    )
