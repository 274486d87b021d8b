"""The text that Prometheus reads, of all that was counted and of the condition that the service is in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from platform import python_version

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from app.counts import Name, SharedCounts
from app.metrics.families import BUILD, COUNTED, JOBS, OBSERVED, READY, STORE, VERSION, Family, find_parts
from app.metrics.processes import observe_processes

OPENMETRICS = "application/openmetrics-text"


@dataclass(frozen=True)
class Condition:
    """How the service is when its metrics are read."""

    is_ready: bool
    has_store: bool
    jobs: Mapping[str, int]
    """By status; nothing where the store cannot tell."""
    versions: Mapping[str, int]
    """Default versions, by model."""


def expose(counts: SharedCounts, condition: Condition, accept: str = "") -> tuple[bytes, str]:
    """Return the metrics as text, and its media type: OpenMetrics where that is accepted."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(counts, condition))
    # What else the header says is left out: the library repeats it in the media type.
    encode, media_type = choose_encoder(f"{OPENMETRICS}; version=1.0.0" if OPENMETRICS in accept else "")
    return encode(registry), media_type


class _Collector(Collector):
    def __init__(self, counts: SharedCounts, condition: Condition) -> None:
        self._counts, self._condition = counts, condition

    def collect(self) -> Iterator[Metric]:
        numbers = self._counts.read()
        for metric, family in COUNTED.items():
            series = {name[1:]: number for name, number in numbers.items() if name[0] == metric}
            yield _histogram(metric, family, series) if family.kind == "histogram" else _counter(metric, family, series)
        yield from _observe(self._condition)
        yield from observe_processes(self._counts)


def _counter(metric: str, family: Family, series: Mapping[Name, float]) -> Metric:
    counter = CounterMetricFamily(metric, family.help, labels=family.labels)
    for labels, number in sorted(series.items()):
        counter.add_metric(labels, number)
    return counter


def _histogram(metric: str, family: Family, series: Mapping[Name, float]) -> Metric:
    *bounds, total = find_parts(family)
    reached, buckets = 0.0, []
    for bound in bounds:
        reached += series[(bound,)]
        buckets.append((bound, reached))
    return HistogramMetricFamily(metric, family.help, buckets, series[(total,)])


def _observe(condition: Condition) -> Iterator[Metric]:
    yield _gauge(READY, {(): condition.is_ready})
    yield _gauge(STORE, {(): condition.has_store})
    yield _gauge(JOBS, {(status,): number for status, number in condition.jobs.items()})
    yield _gauge(VERSION, {(name,): number for name, number in condition.versions.items()})
    yield _gauge(BUILD, {(version("scorecast"), python_version()): 1})


def _gauge(metric: str, series: Mapping[Name, float]) -> Metric:
    gauge = GaugeMetricFamily(metric, OBSERVED[metric].help, labels=OBSERVED[metric].labels)
    for labels, number in series.items():
        gauge.add_metric(labels, number)
    return gauge
