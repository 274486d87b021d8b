"""A client may send as many requests in a time as the limit says, whichever process it asks, and is told when it may send more."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rates import Rate, RateLimit, make_buckets_memory
from app.rates.buckets import PLACES, SharedBuckets


class Clock:
    """A clock that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("text", "rate", "words"),
    [
        ("100/second", (100, 1), "100 requests a second"),
        ("1/minute", (1, 60), "1 request a minute"),
        ("10000/hour", (10000, 3600), "10000 requests an hour"),
    ],
)
def test_a_rate_is_read_and_told(text: str, rate: tuple[int, int], words: str) -> None:
    assert Rate.read(text) == rate
    assert str(Rate.read(text)) == words


@given(
    st.integers(1, 20), st.sampled_from([1, 60]), st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=60)
)
def test_never_more_come_through_than_the_rate_and_what_was_saved(
    requests: int, seconds: int, pauses: list[float]
) -> None:
    clock = Clock()
    limit = RateLimit(Rate(requests, seconds), None, clock)
    let_through = []
    for pause in pauses:
        clock.now += pause
        if limit.take("a").is_allowed:
            let_through.append(clock.now)
    for place, first in enumerate(let_through):
        for count, last in enumerate(let_through[place:], 1):
            assert count <= requests + (last - first) * requests / seconds + 1e-6


@given(st.integers(1, 50), st.sampled_from([1, 60, 3600]))
def test_what_is_told_is_true(requests: int, seconds: int) -> None:
    clock = Clock()
    limit = RateLimit(Rate(requests, seconds), None, clock)
    seen = [limit.take("a") for _ in range(requests + 2)]

    assert [each.is_allowed for each in seen] == [True] * requests + [False] * 2
    assert [each.left for each in seen[:requests]] == [*range(requests)][::-1]
    assert all(one.left >= next_one.left for one, next_one in pairwise(seen))
    refused = seen[-1]
    assert refused.left == 0
    clock.now += refused.seconds
    assert limit.take("a").is_allowed


def test_clients_have_buckets_of_their_own_and_processes_that_share_memory_the_same() -> None:
    clock, memory = Clock(), memoryview(make_buckets_memory()).cast("B")
    one, other = (RateLimit(Rate(4, 60), memory, clock) for _ in range(2))

    assert [each.take("a").is_allowed for each in (one, other, one, other, one, other)] == [True] * 4 + [False] * 2
    assert one.take("b").is_allowed


def test_more_clients_than_there_is_room_for_are_all_answered() -> None:
    clock = Clock()
    limit = RateLimit(Rate(1, 60), None, clock)
    for number in range(2 * PLACES):
        clock.now += 0.001
        assert limit.take(f"2001:db8:{number:x}::/64").is_allowed
    assert limit.take("last").is_allowed
    assert not limit.take("last").is_allowed


def test_no_number_of_addresses_takes_the_place_of_a_key() -> None:
    clock = Clock()
    limit = RateLimit(Rate(1, 3600), None, clock)
    assert limit.take("key anna").is_allowed
    for number in range(2 * PLACES):
        clock.now += 0.001
        assert limit.take(f"address 2001:db8:{number:x}::/64").is_allowed
    assert not limit.take("key anna").is_allowed


def test_where_a_client_counts_cannot_be_known_beforehand_and_is_the_same_in_all_processes() -> None:
    memory, other = (memoryview(make_buckets_memory()).cast("B") for _ in range(2))
    stores = [SharedBuckets(each) for each in (memory, memory, other)]
    for each in stores[1:]:
        each.replenish("client address 10.0.0.1", 1.0, 7)
    assert stores[0].get_token_count("client address 10.0.0.1") == 7
    taken = [
        [place for place in range(PLACES) if each[8 * place : 8 * place + 8].tobytes() != bytes(8)]
        for each in (memory, other)
    ]
    assert [len(places) for places in taken] == [1, 1]
    assert memory[: 8 * PLACES].tobytes() != other[: 8 * PLACES].tobytes()
