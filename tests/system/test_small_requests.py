"""Requests of a few KB cost no gigabytes, and keep nobody waiting: errors are not all made before 20 are kept."""

import json
from collections.abc import Iterator

import pytest

from tests.support.memory import peak_memory, reset_peak_memory
from tests.support.problems import problem
from tests.support.server import Server

NAMES = [f"x{number}" for number in range(1000)]
JSON = {"Content-Type": "application/json"}


def rows(number: int) -> bytes:
    """Return a body of so many rows without cells."""
    return b'{"rows":[' + b"{}," * (number - 1) + b"{}]}"


@pytest.fixture
def wide(server: Server) -> Iterator[str]:
    """The path of a model of 1,000 features."""
    path = "/models/of-1000-features"
    declared = {"features": [{"name": name} for name in NAMES], "targets": [{"name": "y"}]}
    server.client.put(path, json=declared).raise_for_status()
    server.client.post(f"{path}/train", content=rows(1), headers=JSON)  # builds what is built once
    yield path
    server.client.delete(path).raise_for_status()


BODIES: dict[str, tuple[str, bytes, int]] = {
    "6 KB, before 1.6 GB": ("{wide}/train", rows(2000), 40),
    "60 KB": ("{wide}/train", rows(20_000), 40),
    "0.9 MB, before 490 MB": ("/predict", rows(300_000), 100),
}


@pytest.mark.parametrize(("path", "body", "most"), BODIES.values(), ids=BODIES)
def test_rows_without_cells_are_refused_at_the_first(
    server: Server, wide: str, path: str, body: bytes, most: int
) -> None:
    before = reset_peak_memory(server.process.pid)

    errors = problem(server.client.post(path.format(wide=wide), content=body, headers=JSON), 422)["errors"]

    assert len(errors) == 20
    assert errors[0]["pointer"].startswith("/rows/0/")
    assert peak_memory(server.process.pid) - before < most  # MiB


def test_a_declaration_of_wrong_categories_is_refused_at_the_first(server: Server) -> None:
    column = {"name": "x", "kind": "category", "categories": [1] * 1000}
    body = json.dumps({"features": [column] * 50, "targets": [{"name": "y"}]}).encode()  # 20 times as many: before 1 GB
    before = reset_peak_memory(server.process.pid)

    problem(server.client.put("/models/many-categories", content=body, headers=JSON), 422)

    assert peak_memory(server.process.pid) - before < 100
