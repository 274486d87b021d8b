"""For long, 16 clients predict, train, cancel and roll back while processes are killed: nothing is wrong, lost, or grows.

`make soak` does this for `MINUTES=15`, with a kill each minute; here it is seconds.
"""

import os
import random
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from tests.conftest import StartServer
from tests.support.dose import SEED, chance, figures
from tests.support.histories.strikes import find_trainers, find_workers
from tests.support.server import Server
from tests.support.soak.clients import CSV, KEPT, MODELS, TRAINING, Client, Ledger
from tests.support.soak.footprint import Footprint, measure
from tests.support.tables import QUESTION
from tests.support.waiting import until

pytestmark = pytest.mark.slow

MINUTES = float(os.environ.get("SOAK_MINUTES") or 0.15)
IS_LONG = MINUTES >= 6
CLIENTS, WORKERS = 16, 2
BETWEEN_STRIKES = 60.0 if IS_LONG else 4.0
FIRST_LOOK = 300.0 if IS_LONG else 20 * MINUTES
"""Seconds after which growth counts: caches and histories are full by then."""
KEPT_JOBS = 200

FIND: dict[str, Callable[[Server], list[int]]] = {"worker": find_workers, "trainer": find_trainers}


def _prepare(server: Server, ledger: Ledger) -> None:
    for name in MODELS:
        headers = {"Content-Type": "text/csv"}
        answer = server.client.post(f"/models/{name}/train", params=TRAINING, content=CSV, headers=headers)
        ledger.acknowledged[name].add(answer.json()["model_version"])


def _strike(server: Server, ledger: Ledger, dice: random.Random) -> None:
    kind = dice.choice(list(FIND))
    for pid in FIND[kind](server)[:1]:
        ledger.strikes.append((time.monotonic(), kind))
        ledger.count(f"killed: {kind}")
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    if kind == "worker":
        until(lambda: len(find_workers(server)) >= WORKERS, "there is another worker", 120)


def _measure(server: Server, may_ask: threading.Event) -> Footprint:
    """Measure while nobody asks for anything."""
    may_ask.clear()
    time.sleep(10 if IS_LONG else 0.5)
    found = measure(server)
    may_ask.set()
    return found


def _check_all(server: Server, ledger: Ledger) -> None:
    """Look at all versions: those that ought to be there are, and answer as ever."""
    for name in MODELS:
        listed = [each["model_version"] for each in server.client.get(f"/models/{name}/versions").json()["versions"]]
        ledger.check_versions(name, set(listed))
        for number in listed:
            answer = server.client.post(f"/models/{name}/versions/{number}/predict", json=QUESTION)
            assert answer.status_code == 200, answer.text
            ledger.note_answer(name, answer.content)


@pytest.mark.timeout(120 + 90 * MINUTES)
def test_nothing_is_wrong_or_lost_and_nothing_grows(start_server: StartServer) -> None:
    ledger, dice, may_ask, may_end = Ledger(), chance("soak"), threading.Event(), threading.Event()
    server = start_server(workers=WORKERS, keep_versions=KEPT, keep_jobs=KEPT_JOBS, max_train_seconds=20)
    _prepare(server, ledger)
    began, looks = time.monotonic(), list[Footprint]()
    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [Client(server, ledger, random.Random(f"{SEED} {number}")) for number in range(CLIENTS)]
        working = [pool.submit(client.work, may_ask, may_end) for client in clients]
        may_ask.set()
        try:
            while (passed := time.monotonic() - began) < 60 * MINUTES and not ledger.wrong:
                time.sleep(min(BETWEEN_STRIKES, max(0.0, 60 * MINUTES - passed)))
                if not looks and time.monotonic() - began >= FIRST_LOOK:
                    looks.append(_measure(server, may_ask))
                _strike(server, ledger, dice)
            looks.append(_measure(server, may_ask))
        finally:
            may_ask.set()
            may_end.set()
        for each in working:
            each.result()
    _check_all(server, ledger)
    figures.append(f"soak: {MINUTES:g} minutes, {dict(ledger.counts)}; {'; '.join(map(str, looks))}")

    assert ledger.wrong == []
    assert looks[-1].grows_beyond(looks[0], is_store_full=IS_LONG) == []
