"""Whose turn it is, how long anyone may have to wait for one, and for whom there is no room."""

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.jobs.job import Waiting
from app.jobs.queue import Limits, find_lack
from app.jobs.queue.fair_queue import MAX_PASSES, FairQueue

TRAININGS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), max_size=30)
"""The client and the model of each."""


def fill(queue: FairQueue, trainings: list[tuple[str, str]]) -> None:
    for number, (client, model) in enumerate(trainings):
        queue.add(Waiting(f"{number:03}", model, client))


def take_all(queue: FairQueue) -> list[Waiting]:
    return list(iter(queue.take, None))


@given(TRAININGS)
def test_everyone_is_served_once_and_a_client_s_model_in_order(trainings: list[tuple[str, str]]) -> None:
    queue = FairQueue()
    fill(queue, trainings)
    taken = take_all(queue)

    assert sorted(each.job_id for each in taken) == [f"{number:03}" for number in range(len(trainings))]
    for client, model in set(trainings):
        ids = [each.job_id for each in taken if (each.client, each.model_name) == (client, model)]
        assert ids == sorted(ids)


@given(TRAININGS)
def test_no_client_is_served_twice_while_another_waits(trainings: list[tuple[str, str]]) -> None:
    queue = FairQueue()
    fill(queue, trainings)
    left = Counter(client for client, _ in trainings)
    for one, next_one in pairwise(take_all(queue)):
        left[one.client] -= 1
        if next_one.client == one.client:
            assert not any(left[other] for other in left if other != one.client)


def test_one_training_does_not_wait_for_ninety_of_another_client() -> None:
    queue = FairQueue()
    fill(queue, [("many", "x")] * 90)
    assert queue.take() is not None
    queue.add(Waiting("late", "x", "one"))

    assert take_all(queue)[0].job_id == "late"


def test_one_model_does_not_wait_for_ninety_trainings_of_another() -> None:
    queue = FairQueue()
    fill(queue, [("", "x")] * 90)
    assert queue.take() is not None
    queue.add(Waiting("late", "y", ""))

    assert take_all(queue)[0].job_id == "late"


SMALL, LARGE = 72, 80_000_000
STEPS = st.lists(
    st.none() | st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.sampled_from([SMALL, LARGE])), max_size=80
)
"""What comes: a training of a client and a model, so large; None: one is begun."""


@given(STEPS)
def test_every_training_begins_after_a_bounded_number_of_others(steps: list[tuple[str, str, int] | None]) -> None:
    queue, bounds, begun = FairQueue(), dict[str, int](), list[str]()

    def begin() -> None:
        if (taken := queue.take()) is not None:
            begun.append(taken.job_id)

    for number, step in enumerate(steps):
        if step is None:
            begin()
            continue
        client, model, table_bytes = step
        before = sum(each.client == client for each in queue)
        queue.add(Waiting(f"{number:03}", model, client, table_bytes))
        turns_of_client = (before + 1) * (MAX_PASSES + 1)
        bounds[f"{number:03}"] = len(begun) + turns_of_client * len("abc")
    for _ in range(len(bounds)):
        begin()
    assert sorted(begun) == sorted(bounds)
    assert all(begun.index(job_id) < bound for job_id, bound in bounds.items())


def test_a_large_training_begins_though_small_ones_of_its_client_keep_coming() -> None:
    queue = FairQueue()
    queue.add(Waiting("000", "large", "a", LARGE))
    begun = []
    for number in range(1, 20):
        queue.add(Waiting(f"{number:03}", f"small-{number % 3}", "a", SMALL))
        taken = queue.take()
        assert taken is not None
        begun.append(taken.job_id)

    assert begun.index("000") == MAX_PASSES


def test_a_client_s_training_begins_though_new_clients_keep_coming() -> None:
    queue = FairQueue()
    fill(queue, [("old", "x"), ("old", "x")])
    begun = []
    for number in range(2, 9):
        taken = queue.take()
        assert taken is not None
        begun.append(taken.job_id)
        queue.add(Waiting(f"{number:03}", "x", f"new-{number}", SMALL))

    assert begun[:3] == ["000", "002", "001"]


def test_small_tables_are_before_large_ones_of_a_client_s_other_models_but_a_model_keeps_its_order() -> None:
    queue = FairQueue()
    for number, (model, size) in enumerate([("x", LARGE), ("x", SMALL), ("y", SMALL), ("z", 2 * SMALL // 3)]):
        queue.add(Waiting(str(number), model, "a", size))

    assert [each.job_id for each in take_all(queue)] == ["2", "3", "0", "1"]


def test_what_was_taken_over_has_turns_as_before() -> None:
    queue = FairQueue()
    for number in range(90):
        queue.add(Waiting(f"{number:03}", "x", "many", LARGE))
    queue.add(Waiting("late", "y", "one", SMALL))

    assert take_all(queue)[0].job_id == "late"


@given(STEPS, st.integers(0, 10))
def test_what_could_not_be_started_has_its_turn_as_if_it_had_not_been_tried(
    steps: list[tuple[str, str, int] | None], attempts: int
) -> None:
    """However often that is, and whatever has been before and comes later."""
    untried, tried = FairQueue(), FairQueue()

    def begin() -> None:
        for _ in range(attempts):
            if (not_started := tried.take()) is not None:
                tried.put_back(not_started)
        assert tried.take() == untried.take()

    for number, step in enumerate(steps):
        if step is None:
            begin()
            continue
        client, model, table_bytes = step
        for queue in (untried, tried):
            queue.add(Waiting(f"{number:03}", model, client, table_bytes))
    for _ in steps:
        begin()


def test_what_could_not_be_started_is_before_other_clients_and_before_what_came_meanwhile() -> None:
    queue = FairQueue()
    fill(queue, [("a", "x"), ("b", "x"), ("a", "x")])
    not_started = queue.take()
    assert not_started is not None
    queue.add(Waiting("003", "x", "c"))
    queue.remove("002")
    queue.put_back(not_started)

    assert [each.job_id for each in take_all(queue)] == ["000", "001", "003"]


def test_what_was_removed_has_no_turn() -> None:
    queue = FairQueue()
    fill(queue, [("a", "x"), ("b", "x")])

    assert queue.remove("000")
    assert not queue.remove("000")
    assert [each.job_id for each in take_all(queue)] == ["001"]


def test_nine_tenths_of_the_places_are_the_most_for_one_client_and_for_one_model() -> None:
    limits = Limits(queued=10)
    of_client = [Waiting(str(number), f"model-{number}", "greedy") for number in range(9)]
    of_model = [Waiting(str(number), "x", f"client-{number}") for number in range(9)]

    assert "9 trainings of this client" in (find_lack(of_client, Waiting("", "y", "greedy"), limits) or "")
    assert find_lack(of_client, Waiting("", "y", "modest"), limits) is None
    assert "9 trainings of this model" in (find_lack(of_model, Waiting("", "x", "modest"), limits) or "")
    assert find_lack(of_model, Waiting("", "y", "modest"), limits) is None
    assert find_lack([Waiting(str(number), f"m{number}") for number in range(9)], Waiting("", "y"), limits) is None


def test_the_bytes_of_tables_are_counted() -> None:
    limits = Limits(queued_bytes=1000)

    assert find_lack([], Waiting("", "x", "", 5000), limits) is None
    assert find_lack([Waiting("a", "x", "", 600)], Waiting("", "x", "", 400), limits) is None
    assert "600 bytes, and this one 401, of at most 1,000" in (
        find_lack([Waiting("a", "x", "", 600)], Waiting("", "x", "", 401), limits) or ""
    )
