"""Every state that a power cut may leave: nothing acknowledged is lost, nothing half is seen, and the service starts."""

import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.registry import BUILT_IN, EXAM_SCORE, Registry
from model.checkpoint import Checkpoint
from tests.support.crashes.recording import Step
from tests.support.crashes.states import Crash, Tree, write_tree
from tests.support.crashes.story import KEY, Acknowledged, Service, record, shorten_logs, view
from tests.support.dose import figures, times
from tests.support.trained import spec

STATES_A_CRASH = times(12, 300)
TRAINED_AFTERWARDS = 10
"""In one of so many states the service also trains what waits."""


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_every_state_after_a_power_cut_keeps_what_was_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shorten_logs(monkeypatch)
    (tmp_path / "recorded").mkdir()
    steps, acknowledged = record(tmp_path / "recorded")
    checker = _Checker(tmp_path / "crashed")
    for crash, before, after in _crashes(steps, acknowledged):
        for tree in crash.states(STATES_A_CRASH, random.Random(len(crash.steps))):
            checker.check(tree, before, after)
    figures.append(
        f"power cuts: {len(steps)} steps, {checker.count} different states after a crash between two of them"
    )
    assert checker.count > len(steps)


def _crashes(steps: list[Step], acknowledged: list[Acknowledged]) -> Iterator[tuple[Crash, Acknowledged, Acknowledged]]:
    """Yield a crash before each sync and after each act, with what had been acknowledged by then, and what would have been next.

    At other moments no more can be left than what these leave.
    """
    syncs = {number for number, step in enumerate(steps) if step.kind == "sync"}
    for count in sorted(syncs | {each.steps for each in acknowledged}):
        before = [each for each in acknowledged if each.steps <= count][-1]
        after = next((each for each in acknowledged if each.steps > count), before)
        yield Crash.after(steps[:count], "_staging"), before, after


@dataclass
class _Checker:
    """Starts a service over what a crash has left, and looks at what it says."""

    folder: Path
    seen: set[int] = field(default_factory=set)

    @property
    def count(self) -> int:
        return len(self.seen)

    def check(self, tree: Tree, before: Acknowledged, after: Acknowledged) -> None:
        shown = {path: data for path, data in tree.items() if "/_staging/" not in path}
        state = hash((before.name, frozenset(shown.items())))
        if state in self.seen:
            return
        self.seen.add(state)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        write_tree(tree, self.folder)
        try:
            self._look(before, after)
        except Exception as error:
            error.add_note(f"after {before.name!r}, in {after.name!r}; left: {sorted(shown)}")
            raise

    def _look(self, before: Acknowledged, after: Acknowledged) -> None:
        service = Service(f"{self.folder}/store")
        assert service.registry.load_all() == {}
        service.registry.tidy()
        service.jobs._take_over()
        _check_models(service.registry, before, after)
        _check_jobs(service, before, after)
        _check_next_number(service.registry, before, after)
        if self.count % TRAINED_AFTERWARDS == 0:
            service.executor.run_all()
            _check_jobs(service, before, after)
            service.submit(spec(seed=9), "afterwards", declaration=BUILT_IN[EXAM_SCORE])
            service.executor.run_all()
            assert service.registry.serving("afterwards")[0] == 1


def _check_models(registry: Registry, before: Acknowledged, after: Acknowledged) -> None:
    """Each model is as it was acknowledged, or as the act that was cut off would have made it; all of it can be read."""
    now = view(registry)
    for name in {*before.models, *after.models, *now}:
        assert now.get(name) in (before.models.get(name), after.models.get(name)), name
    for name, model in now.items():
        for number, (_, table, _) in model.versions.items():
            assert isinstance(registry.checkpoint(name, number), Checkpoint)
            registry.unseen(name, number)
            if table is not None:
                registry.table(name, number)


def _check_jobs(service: Service, before: Acknowledged, after: Acknowledged) -> None:
    """A job that had finished has; any other is known, and either waits or has ended, as what it published says."""
    forgotten = {*before.finished, *before.unfinished} - {*after.finished, *after.unfinished}
    for job_id, (status, version) in before.finished.items():
        if job_id not in forgotten:
            job = service.jobs.job(job_id)
            assert (job.status, job.model_version) == (status, version)
    for job_id in before.unfinished - forgotten:
        job = service.jobs.job(job_id)
        published = service.registry.published_by(job.model_name, job_id)
        assert job.status != "cancelled" or job_id in after.cancelled
        assert (job.status == "succeeded") == (published is not None)
        assert job.status != "queued" or job_id in service.spool
    for job_id in before.keys.values():
        if job_id not in forgotten:
            assert service.records.existing_job(KEY) == job_id


def _check_next_number(registry: Registry, before: Acknowledged, after: Acknowledged) -> None:
    for name, model in before.models.items():
        assert registry.state(name).newest in (model.newest, after.models.get(name, model).newest)
