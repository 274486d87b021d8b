"""Heartbeats: whether a server lives whose process cannot be seen from here."""

import time
from dataclasses import replace

import pytest

from app.jobs.liveness import DEAD_AFTER_SECONDS, Heartbeats, ServerProcess
from app.store.contract import Store

ELSEWHERE = ServerProcess("elsewhere", 7, "11")


@pytest.fixture
def heartbeats(store: Store) -> Heartbeats:
    return Heartbeats(store)


def test_a_server_elsewhere_lives_while_it_beats(heartbeats: Heartbeats) -> None:
    assert not heartbeats.is_alive(ELSEWHERE)

    heartbeats.heartbeat(ELSEWHERE)

    assert heartbeats.is_alive(ELSEWHERE)
    assert not heartbeats.is_alive(replace(ELSEWHERE, pid=8))


def test_a_server_elsewhere_that_has_stopped_is_dead_at_once(heartbeats: Heartbeats) -> None:
    heartbeats.heartbeat(ELSEWHERE)
    heartbeats.end(ELSEWHERE)
    heartbeats.end(ELSEWHERE)

    assert not heartbeats.is_alive(ELSEWHERE)


def test_a_server_elsewhere_that_has_not_beaten_for_long_is_dead(
    heartbeats: Heartbeats, monkeypatch: pytest.MonkeyPatch
) -> None:
    heartbeats.heartbeat(ELSEWHERE)
    later = time.time() + DEAD_AFTER_SECONDS + 1

    monkeypatch.setattr(time, "time", lambda: later)

    assert not heartbeats.is_alive(ELSEWHERE)


@pytest.mark.parametrize("damaged", [b"", b"{", b"7", b"{}", b'{"at": null}', b"\xff"])
def test_a_damaged_beat_is_none(heartbeats: Heartbeats, store: Store, damaged: bytes) -> None:
    heartbeats.heartbeat(ELSEWHERE)
    (name,) = store.keys("owners")
    store.put(f"owners/{name}", damaged)

    assert not heartbeats.is_alive(ELSEWHERE)


def test_a_server_that_can_be_seen_needs_no_beat(heartbeats: Heartbeats) -> None:
    ours = ServerProcess.this_process()

    assert heartbeats.is_alive(ours)
    dead = replace(ours, birth="1")
    heartbeats.heartbeat(dead)
    assert not heartbeats.is_alive(dead)
