"""Beats: whether a server lives whose process cannot be seen from here."""

import time
from dataclasses import replace

import pytest

from app.jobs.liveness import DEAD_AFTER, Beats, Owner
from app.store.contract import Store

ELSEWHERE = Owner("elsewhere", 7, "11")


@pytest.fixture
def beats(store: Store) -> Beats:
    return Beats(store)


def test_a_server_elsewhere_lives_while_it_beats(beats: Beats) -> None:
    assert not beats.is_alive(ELSEWHERE)

    beats.beat(ELSEWHERE)

    assert beats.is_alive(ELSEWHERE)
    assert not beats.is_alive(replace(ELSEWHERE, pid=8))


def test_a_server_elsewhere_that_has_stopped_is_dead_at_once(beats: Beats) -> None:
    beats.beat(ELSEWHERE)
    beats.end(ELSEWHERE)
    beats.end(ELSEWHERE)

    assert not beats.is_alive(ELSEWHERE)


def test_a_server_elsewhere_that_has_not_beaten_for_long_is_dead(beats: Beats, monkeypatch: pytest.MonkeyPatch) -> None:
    beats.beat(ELSEWHERE)
    later = time.time() + DEAD_AFTER + 1

    monkeypatch.setattr(time, "time", lambda: later)

    assert not beats.is_alive(ELSEWHERE)


@pytest.mark.parametrize("damaged", [b"", b"{", b"7", b"{}", b'{"at": null}', b"\xff"])
def test_a_damaged_beat_is_none(beats: Beats, store: Store, damaged: bytes) -> None:
    beats.beat(ELSEWHERE)
    (name,) = store.keys("owners")
    store.put(f"owners/{name}", damaged)

    assert not beats.is_alive(ELSEWHERE)


def test_a_server_that_can_be_seen_needs_no_beat(beats: Beats) -> None:
    ours = Owner.this_process()

    assert beats.is_alive(ours)
    dead = replace(ours, birth="1")
    beats.beat(dead)
    assert not beats.is_alive(dead)
