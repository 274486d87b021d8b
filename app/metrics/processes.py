"""The standard metrics of processes: of the one that serves, or the sums over several where a sum means something.

Processor time is told of a single process alone: of several the sum would go down when one of them ends.
"""

from collections.abc import Iterator

from prometheus_client import ProcessCollector
from prometheus_client.core import GaugeMetricFamily, Metric

from app.counts import SharedCounts

SUMMED = ("process_resident_memory_bytes", "process_virtual_memory_bytes", "process_open_fds")


def observe_processes(counts: SharedCounts) -> Iterator[Metric]:
    """Yield what the kernel tells of the processes that serve; nothing where it does not."""
    if counts.is_single:
        yield from ProcessCollector(registry=None).collect()
        return
    found = [metric for process in counts.processes() for metric in _collect(process)]
    for name in SUMMED:
        same = [metric for metric in found if metric.name == name]
        if same:
            total = sum(sample.value for metric in same for sample in metric.samples)
            yield GaugeMetricFamily(name, same[0].documentation, total)


def _collect(process: int) -> list[Metric]:
    return list(ProcessCollector(pid=lambda: process, registry=None).collect())
