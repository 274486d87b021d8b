"""Beats: signs of life for those who cannot see a process."""

from dataclasses import replace

import pytest

from app.beats import DEAD_AFTER, Beats
from app.memory_store import MemoryStore
from app.owner import Owner

HERE = Owner.this_process()
ELSEWHERE = replace(HERE, table="elsewhere")


def test_an_owner_that_can_be_seen_needs_no_beat() -> None:
    beats = Beats(MemoryStore())

    assert beats.is_alive(HERE)
    assert not beats.is_alive(replace(HERE, birth="1"))


def test_an_owner_elsewhere_lives_as_long_as_it_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    beats, now = Beats(MemoryStore()), 1000.0
    monkeypatch.setattr("time.time", lambda: now)
    assert not beats.is_alive(ELSEWHERE)

    beats.beat(ELSEWHERE)
    assert beats.is_alive(ELSEWHERE)
    now += DEAD_AFTER - 1
    assert beats.is_alive(ELSEWHERE)
    now += 2
    assert not beats.is_alive(ELSEWHERE)


def test_an_owner_that_ends_its_beats_is_gone_at_once() -> None:
    beats = Beats(MemoryStore())
    beats.beat(ELSEWHERE)
    beats.end(ELSEWHERE)

    assert not beats.is_alive(ELSEWHERE)


def test_each_owner_has_beats_of_its_own() -> None:
    beats = Beats(MemoryStore())
    beats.beat(ELSEWHERE)

    assert not beats.is_alive(replace(ELSEWHERE, pid=ELSEWHERE.pid + 1))
