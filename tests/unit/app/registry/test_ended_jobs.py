"""A job that is told to have failed publishes nothing, whatever its process does; both are decided by one record."""

import os

import pytest

from app.errors import JobInterrupted
from app.registry import BUILT_IN, EXAM_SCORE
from app.registry.registry import Registry
from app.store.disk import DiskStore
from tests.support.racing import Racetrack
from tests.support.trained import publish


def test_a_job_that_was_ended_publishes_nothing(registry: Registry, folder: str) -> None:
    tag = registry.model(EXAM_SCORE).tag
    assert registry.end_job(EXAM_SCORE, "job") is None
    assert registry.end_job(EXAM_SCORE, "job") is None

    with pytest.raises(JobInterrupted):
        publish(registry, job_id="job")
    assert Registry(DiskStore(folder), BUILT_IN).model(EXAM_SCORE).newest == 0
    assert registry.model(EXAM_SCORE).tag == tag  # the model is as it was
    publish(registry, job_id="another")
    assert registry.model(EXAM_SCORE).newest == 1


def test_a_job_that_has_published_cannot_be_ended(registry: Registry) -> None:
    publish(registry, job_id="job")

    assert registry.end_job(EXAM_SCORE, "job") == 1


def test_a_job_publishes_once(registry: Registry, folder: str) -> None:
    publish(registry, seed=1, job_id="job")

    with pytest.raises(JobInterrupted):  # as by a second process, while the first was taken for dead
        publish(Registry(DiskStore(folder), BUILT_IN), seed=2, job_id="job")
    assert registry.model(EXAM_SCORE).newest == 1


def test_a_job_of_a_model_that_there_is_not_can_be_ended(registry: Registry) -> None:
    assert registry.end_job("other", "job") is None

    assert registry.names() == [EXAM_SCORE]
    assert registry.state("other").tag == ""


def _publish_or_end(folder: str, number: int) -> str:
    registry = Registry(DiskStore(folder), BUILT_IN)
    if os.getpid() % 2:
        return "ended" if registry.end_job(EXAM_SCORE, f"job-{number}") is None else "found published"
    try:
        publish(registry, job_id=f"job-{number}")
    except JobInterrupted:
        return "refused"
    return "published"


def test_of_a_publish_and_an_end_at_once_each_sees_the_other(racetrack: Racetrack, folder: str) -> None:
    for number in range(10):
        seen = set(racetrack.race(_publish_or_end, folder, number))
        assert not {"ended", "published"} <= seen, seen
