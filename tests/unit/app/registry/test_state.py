"""What a model's log adds up to, whatever its records have gone through."""

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.registry import BUILT_IN, EXAM_SCORE
from app.registry.state import ModelState, Version
from model.table.signature import Column, Signature
from tests.support.trained import checkpoint

REPORT = checkpoint().report.to_json()


def published(number: int) -> bytes:
    version = Version(number, f"key-{number}", "0" * 64, "2026-01-01T00:00:00.000Z", None, 0.1, REPORT)
    return record("published", version=asdict(version))


def record(change: str, **members: Any) -> bytes:
    return json.dumps({"change": change, **members}).encode()


def summed(records: list[bytes], state: ModelState | None = None) -> ModelState:
    state = state or ModelState(EXAM_SCORE, BUILT_IN[EXAM_SCORE])
    for data in records:
        state = state.after(data)
    return state


THREE = [published(1), published(2), published(3)]

CHANGES = [
    record("declared", declaration=BUILT_IN[EXAM_SCORE].to_dict()),
    record("default-moved", model_version=1),
    record("version-removed", model_version=1),
    record("deleted"),
    published(4),
]


def test_every_record_counts_whether_or_not_it_says_anything() -> None:
    assert summed([*THREE, b"", b"no record"]).sequence == 5


def test_a_model_is_declared_by_its_record() -> None:
    declared = summed([CHANGES[0]], ModelState("new"))

    assert declared.declaration == BUILT_IN[EXAM_SCORE]
    assert hash(declared.declared.signature) == hash(BUILT_IN[EXAM_SCORE].signature)


def test_the_newest_version_is_the_default_until_that_is_moved() -> None:
    assert summed(THREE).default_version == 3
    assert summed([*THREE, record("default-moved", model_version=2)]).default_version == 2
    assert summed([*THREE, record("default-moved", model_version=2), published(4)]).default_version == 4


def test_numbers_are_not_forgotten_with_their_versions() -> None:
    state = summed([*THREE, record("default-moved", model_version=1), record("version-removed", model_version=3)])

    assert sorted(state.versions) == [1, 2]
    assert state.newest == 3
    assert summed([*THREE, record("deleted")]).newest == 3


def perhaps_versions() -> Iterator[bytes]:
    """Records that cannot be read, and may have published a version."""
    yield from (b"", b"{", b"null", b"[]", b"7", b'"text"', b"\xff\xfe", b"\0" * 4096, b"[" * 100_000)
    yield record("no-such-change")
    yield json.dumps({"change": ["published"]}).encode()
    yield json.dumps({"version": {}}).encode()
    yield record("published")
    yield record("published", version={"number": 4})
    yield record("published", version=[1, 2])
    yield published(3)
    yield published(0)
    whole = json.loads(published(4))["version"]
    members: list[tuple[str, object]]
    members = [("checkpoint", 5), ("checkpoint", "../x"), ("table", []), ("report", None), ("created", 5)]
    for name, value in members:
        yield record("published", version={**whole, name: value})
    yield record("published", version={**whole, "of_a_later_format": 1})


def pointless() -> Iterator[bytes]:
    """Records that say nothing which could be done, and are no versions."""
    yield record("default-moved", model_version=4)
    yield record("default-moved", model_version=None)
    yield record("default-moved", model_version=[])
    yield record("declared", declaration="text")
    yield record("declared", declaration={"signature": {"features": [], "targets": []}, "network": {}, "trainer": {}})
    whole = BUILT_IN[EXAM_SCORE].to_dict()
    for member in ("network", "trainer"):
        for wrong in (None, 5, "text", [1]):
            yield record("declared", declaration={**whole, member: wrong})
    members: list[tuple[str, object]] = [("unit", 5), ("may_be_missing", "text"), ("kind", []), ("minimum", "0")]
    for member, value in members:
        features = [{"name": "x", member: value}]
        yield record("declared", declaration={**whole, "signature": {**whole["signature"], "features": features}})
    column = {"unit": None, "minimum": None, "maximum": None}
    names: list[object] = [" padded ", "rows", "", None, 7, []]
    for name in names:
        side = [{"name": name, **column}]
        signature = {"features": side, "targets": [{"name": "y", **column}]}
        yield record("declared", declaration={"signature": signature, "network": {}, "trainer": {}})


@pytest.mark.parametrize("damaged", list(pointless()))
def test_a_record_that_makes_no_sense_changes_nothing_but_the_count(damaged: bytes) -> None:
    before = summed(THREE)

    assert before.after(damaged) == replace(before, sequence=4)


@pytest.mark.parametrize("damaged", list(perhaps_versions()))
def test_a_record_that_may_have_been_a_version_takes_its_number(damaged: bytes) -> None:
    before = summed(THREE)

    after = before.after(damaged)

    assert after == replace(before, sequence=4, newest=4, unread=frozenset({4}))
    assert summed([published(5)], after).default_version == 5


def test_whoever_could_read_the_record_may_know_that_it_was_no_version() -> None:
    """Another process, which had read it before it was damaged, gives out the next number."""
    after = summed([*THREE, b"damaged, it moved the default", published(4)])

    assert (after.default_version, after.newest, after.unread) == (4, 4, frozenset())
    assert summed([published(4)], after).newest == 5  # but once only


def test_a_number_that_a_record_names_is_taken_though_the_rest_cannot_be_read() -> None:
    assert summed([*THREE, record("published", version={"number": 9})]).newest == 9


@given(st.sampled_from(CHANGES), st.data())
def test_whatever_happens_to_a_record_the_model_can_still_be_read(change: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(change) - 1))
    damaged = data.draw(
        st.one_of(
            st.just(change[:place]),
            st.integers(0, 7).map(lambda bit: change[:place] + bytes([change[place] ^ 1 << bit]) + change[place + 1 :]),
        )
    )

    state = summed(THREE).after(damaged)

    assert state.sequence == 4
    assert state.default_version is None or state.default_version in state.versions
    assert summed([published(7)], state).default_version == 7


def test_where_the_default_has_gone_the_newest_serves() -> None:
    """Which cannot be, unless the record that moved the default away is damaged."""
    assert summed([*THREE, b"damaged", record("version-removed", model_version=3)]).default_version == 2
    assert summed([published(1), b"damaged", record("version-removed", model_version=1)]).default_version is None


def test_a_changed_declaration_leaves_the_versions_as_they_are() -> None:
    other = replace(BUILT_IN[EXAM_SCORE], signature=Signature((Column("x"),), (Column("y"),)))

    state = summed([*THREE, record("declared", declaration=other.to_dict())])

    assert state.declaration == other
    assert sorted(state.versions) == [1, 2, 3]
