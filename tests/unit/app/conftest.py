"""What the service's tests may ask for: stores of each kind, a registry, and processes that race."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.registry import BUILT_IN
from app.registry.registry import Registry
from app.store.contract import Store
from app.store.disk import DiskStore
from tests.support.memory_store import MemoryStore
from tests.support.racing import Racetrack


@pytest.fixture(params=["disk", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A store of each kind, empty."""
    return DiskStore(str(tmp_path / "store")) if request.param == "disk" else MemoryStore()


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """The folder of a store on disk that is not there yet."""
    return str(tmp_path / "store")


@pytest.fixture
def registry(folder: str) -> Registry:
    """A registry over an empty store on disk."""
    return Registry(DiskStore(folder), BUILT_IN)


@pytest.fixture(scope="module")
def racetrack() -> Iterator[Racetrack]:
    """Processes that do the same at the same moment; each file has its own, since a server that stops ends all children."""
    racetrack = Racetrack()
    yield racetrack
    racetrack.close()
