"""Models made ready: what could not be loaded is loaded again, alone, by one thread, and not at every probe."""

from pathlib import Path
from typing import Any

import pytest

from app.bootstrap import bootstrap
from app.registry import BUILT_IN, EXAM_SCORE, Registry, checkpoint_cache
from app.settings import Settings
from app.store import DiskStore
from app.upkeep import ReadyModels, ready_models
from tests.support.trained import publish


class Counting(Registry):
    """A registry that notes which models are looked at."""

    def __init__(self, folder: str) -> None:
        super().__init__(DiskStore(folder), BUILT_IN)
        self.looked_at: list[str] = []

    def serving(self, name: str) -> Any:
        self.looked_at.append(name)
        return super().serving(name)


def spoil(folder: str) -> tuple[Path, bytes]:
    """Make a store of a model that can answer and one that cannot; return the file that is damaged, and what it was."""
    registry = Registry(DiskStore(folder), BUILT_IN)
    publish(registry)
    registry.declare("spoilt", BUILT_IN[EXAM_SCORE])
    path = Path(folder, publish(registry, name="spoilt").checkpoint)
    kept = path.read_bytes()
    path.unlink()
    return path, kept


def test_only_what_could_not_be_loaded_is_loaded_again_and_not_at_once(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint_cache, "MISSING_SECONDS", 0.0)
    path, kept = spoil(folder)
    registry = Counting(folder)
    models = ReadyModels(registry)
    models.load()
    assert (list(models.unusable), models.not_ready_because) == (["spoilt"], "")
    assert set(registry.looked_at) == {EXAM_SCORE, "spoilt"}

    registry.looked_at.clear()
    models.load_again()
    assert registry.looked_at == []

    monkeypatch.setattr(ready_models, "AGAIN_SECONDS", 0.0)
    with models._loading:
        models.load_again()
    assert registry.looked_at == []

    models.load_again()
    assert registry.looked_at == ["spoilt"]
    assert (list(models.unusable), models.not_ready_because) == (["spoilt"], "")

    path.write_bytes(kept)
    models.load_again()
    assert models.unusable == {}


def test_a_service_that_is_told_to_stop_while_models_are_loaded_is_not_ready_afterwards(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = bootstrap(Settings(store=folder))
    load_all = services.registry.load_all

    def stop_and_load() -> dict[str, str]:
        services.stop()
        return load_all()

    monkeypatch.setattr(services.registry, "load_all", stop_and_load)
    try:
        services.look_again()
        assert services.not_ready_because == "the service is stopping"
    finally:
        services.close()
