"""The text that Prometheus reads."""

import pytest

from app.counts import SharedCounts, counts_bytes
from app.metrics import Condition, Metrics, expose
from app.metrics.families import COUNTED, OBSERVED, TRAINING_PROBLEMS, UNEXPECTED
from app.rest.statuses import STATUSES
from tests.support.metrics import complaints, families, openmetrics_families
from tests.support.needs import needs
from tests.support.trained import checkpoint
from tests.unit.app.metrics.test_answers import outcome

CONDITION = Condition(is_ready=True, has_store=True, jobs={"queued": 2, "failed": 0}, versions={"a": 3})


def counted() -> SharedCounts:
    counts = SharedCounts.of_one()
    metrics = Metrics(counts)
    metrics.expect_problems(["NotFound"])
    metrics.of_version('a "quoted"\nname\\', checkpoint()).record([0.01, 0.02], outcome(2, outside=True))
    metrics.count_error("NotFound")
    metrics.count_training(1.5, None)
    return counts


def text(accept: str = "") -> str:
    return expose(counted(), CONDITION, accept)[0].decode()


def samples(shown: str) -> dict[str, float]:
    return {
        f"{sample.name}{sorted(sample.labels.items())}": sample.value
        for family in families(shown)
        for sample in family.samples
    }


def test_every_metric_is_told_with_its_kind_and_its_labels() -> None:
    told = {family.name: family for family in families(text()) if not family.name.startswith("process_")}
    expected = {**COUNTED, **OBSERVED}

    assert {name.removesuffix("_total") for name in expected} == told.keys()
    for name, family in expected.items():
        found = told[name.removesuffix("_total")]
        assert (found.type, found.documentation) == (family.kind, family.help)
        labels = {frozenset(sample.labels) - {"le"} for sample in found.samples}
        assert labels == {frozenset(family.labels)}, name


def test_buckets_add_up() -> None:
    found = samples(text())
    name = "scorecast_prediction_duration_seconds"
    assert found[f"{name}_bucket[('le', '0.005')]"] == 0
    assert found[f"{name}_bucket[('le', '0.01')]"] == 1
    assert found[f"{name}_bucket[('le', '0.025')]"] == 2
    assert found[f"{name}_bucket[('le', '+Inf')]"] == found[f"{name}_count[]"] == 2
    assert found[f"{name}_sum[]"] == pytest.approx(0.03)


def test_labels_are_quoted() -> None:
    assert samples(text())["scorecast_model_predictions_total[('model_name', 'a \"quoted\"\\nname\\\\')]"] == 2


@needs("promtool")
def test_promtool_finds_no_fault() -> None:
    assert not complaints(text())


@needs("promtool")
def test_nor_where_nothing_has_happened_yet() -> None:
    told, _ = expose(
        Metrics(SharedCounts.of_one()).counts, Condition(is_ready=False, has_store=False, jobs={}, versions={})
    )
    assert not complaints(told.decode())


@needs("promtool")
def test_promtool_would_find_one() -> None:
    assert "_total" in complaints("# HELP a_b Help.\n# TYPE a_b counter\na_b 1\n")


@pytest.mark.parametrize(
    "accept",
    [
        "application/openmetrics-text",
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;q=0.5",
        "application/openmetrics-text;version=x;escaping=\xff,*/*",
    ],
)
def test_openmetrics_is_told_where_it_is_accepted(accept: str) -> None:
    told, media_type = expose(counted(), CONDITION, accept)

    assert media_type.startswith("application/openmetrics-text; version=1.0.0; charset=utf-8")
    assert told.endswith(b"# EOF\n")
    names = {family.name for family in openmetrics_families(told.decode())}
    assert {name.removesuffix("_total") for name in (*COUNTED, *OBSERVED)} <= names


@pytest.mark.parametrize("accept", ["", "*/*", "text/html", "text/plain; version=1.0.0; escaping=x", "\xff", ";;,="])
def test_anyone_else_gets_plain_text(accept: str) -> None:
    _, media_type = expose(counted(), CONDITION, accept)
    assert media_type == "text/plain; version=0.0.4; charset=utf-8"


def test_what_the_store_cannot_tell_is_left_out() -> None:
    told = expose(counted(), Condition(is_ready=False, has_store=False, jobs={}, versions={}))[0].decode()
    found = samples(told)
    assert found["scorecast_ready[]"] == found["scorecast_store_available[]"] == 0
    assert "scorecast_training_jobs{" not in told


def test_problems_that_nobody_expects_are_counted_together() -> None:
    """Labels are from closed sets only."""
    counts = SharedCounts.of_one()
    metrics = Metrics(counts)
    metrics.expect_problems(["NotFound"])
    for problem in ("NotFound", "Invented", "InventedToo"):
        metrics.count_error(problem)
        metrics.count_training(None, problem)
    metrics.count_training(None, "StoreFull")

    told = {name: number for name, number in counts.read().items() if number}
    assert told == {
        ("scorecast_request_errors_total", "NotFound"): 1,
        ("scorecast_request_errors_total", UNEXPECTED): 2,
        ("scorecast_training_failures_total", UNEXPECTED): 3,
        ("scorecast_training_failures_total", "StoreFull"): 1,
    }


def test_problems_of_trainings_are_named_as_those_of_requests() -> None:
    assert set(TRAINING_PROBLEMS) - {UNEXPECTED} <= {kind.__name__ for kind in STATUSES}


def test_of_one_process_all_is_told_and_of_several_what_can_be_summed() -> None:
    alone = {name for name in samples(text()) if name.startswith("process_")}
    assert {"process_cpu_seconds_total[]", "process_resident_memory_bytes[]", "process_start_time_seconds[]"} <= alone

    shared = SharedCounts.of_several(memoryview(bytearray(counts_bytes(3))), 1)
    Metrics(shared)
    told = samples(expose(shared, CONDITION)[0].decode())
    summed = {name for name in told if name.startswith("process_")}
    assert summed == {f"process_{what}[]" for what in ("resident_memory_bytes", "virtual_memory_bytes", "open_fds")}
    assert told["process_resident_memory_bytes[]"] > 10e6
