"""Counts: numbers by name, which other processes read, and which a successor goes on with."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.counts.counts import COUNTS_BYTES, MAX_NUMBERS, NAMES_BYTES, Counts
from app.counts.shared import SharedCounts, counts_bytes


def add(counts: Counts, *name: str, number: float = 1) -> None:
    place = counts.place(*name)
    assert place is not None
    with counts.lock:
        counts.numbers[place] += number


def memory(places: int = 1) -> memoryview:
    return memoryview(bytearray(counts_bytes(places)))


def test_numbers_begin_at_0_and_are_read_by_their_names() -> None:
    counts = Counts.private()
    counts.place("a")
    add(counts, "b", "x", number=2.5)
    add(counts, "b", "x")

    assert counts.read() == {("a",): 0, ("b", "x"): 3.5}


@pytest.mark.parametrize("name", ["two\nlines", 'quo"te', "üñí", "\u2028", "\x85", "", "[]", "\\", "{%d}"])
def test_a_name_may_hold_anything(name: str) -> None:
    counts = Counts.private()
    add(counts, "a", name)
    add(counts, "b")

    assert counts.read() == {("a", name): 1, ("b",): 1}


def test_a_metric_has_no_more_series_than_its_limit_and_keeps_those_it_has() -> None:
    counts = Counts.private()
    assert [counts.place("a", str(each), limit=2) is None for each in range(4)] == [False, False, True, True]
    assert counts.place("a", "1", limit=2) is not None
    assert counts.place("b", limit=2) is not None


def test_names_that_find_no_room_have_no_place_and_harm_no_other() -> None:
    counts = Counts.private()
    add(counts, "first")
    assert counts.place("x" * NAMES_BYTES) is None
    long = [counts.place("x" * 1000, str(each)) for each in range(NAMES_BYTES // 1000)]
    assert long[0] is not None
    assert long[-1] is None
    add(counts, "first")
    assert counts.read()["first",] == 2


def test_there_is_no_place_beyond_the_last() -> None:
    counts = Counts.private()
    assert all(counts.place(str(each)) is not None for each in range(MAX_NUMBERS))
    assert counts.place("one more") is None


def test_a_successor_goes_on_where_the_process_before_ended() -> None:
    shared = memory()
    before = Counts(shared)
    before.begin()
    add(before, "a", number=3)
    before.end()
    assert before.process == 0

    after = Counts(shared)
    after.begin()
    add(after, "b")
    add(after, "a")
    assert after.read() == Counts(shared).read() == {("a",): 4, ("b",): 1}
    assert after.process > 0


def test_a_successor_keeps_to_the_limit_that_was_reached_before() -> None:
    shared = memory()
    before = Counts(shared)
    before.begin()
    before.place("a", "1", limit=1)

    after = Counts(shared)
    after.begin()
    assert after.place("a", "2", limit=1) is None


def test_threads_lose_nothing() -> None:
    counts = Counts.private()

    def work(number: int) -> None:
        for _ in range(200):
            add(counts, "all")
            add(counts, "of", str(number % 3))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert counts.read()["all",] == 1600
    assert sum(counts.read().values()) == 3200


def test_what_several_have_counted_is_summed_also_of_those_that_have_gone() -> None:
    shared = memory(3)
    one, other = (SharedCounts.of_several(shared, place) for place in (0, 2))
    add(one.own, "a", number=2)
    add(other.own, "a", number=3)
    add(other.own, "b")
    one.own.end()

    assert one.read() == other.read() == {("a",): 5, ("b",): 1}
    assert len(set(other.processes())) == 1
    assert not other.is_single


def test_one_without_a_place_counts_for_no_one_and_reads_what_others_have_counted() -> None:
    shared = memory(2)
    one, none = SharedCounts.of_several(shared, 0), SharedCounts.of_several(shared, None)
    add(one.own, "a")
    add(none.own, "a", number=100)

    assert one.read() == none.read() == {("a",): 1}


def test_a_process_that_serves_alone_reads_its_own() -> None:
    alone = SharedCounts.of_one()
    add(alone.own, "a")
    assert alone.is_single
    assert alone.read() == {("a",): 1}


def test_the_counts_of_a_process_are_small() -> None:
    assert COUNTS_BYTES < 200_000
