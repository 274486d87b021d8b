"""10,000 rows of 10 numbers through `/v2/models/{name}/infer`, beside the NumPy prediction of the same matrix in this process.

    python -m benchmarks.inference

All take turns; each ratio is the median of the ratios within a round.
"""

from tests.support.server import Server  # before NumPy: BLAS has one thread then, as in the service

# isort: split
import json
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from statistics import median
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import numpy as np

from app.registry import BUILT_IN, Registry
from app.store import open_store
from benchmarks.problems import Problem, friedman_1
from benchmarks.trained import address, ours
from model.arrays import FloatArray
from model.predictors import Regressor
from tests.support.tables import TABLE

ROWS, COLUMNS, ROUNDS = 10_000, 10, 15
TARGET = 1.5
MODEL = "ten"
PLAIN, PLAIN_MEANS = "NumPy, in process", "NumPy, in process, without intervals"


class Way(NamedTuple):
    """A way to have the matrix predicted, what it is compared with, and the most times that it may cost."""

    ask: Callable[[], object]
    beside: str = ""
    target: float | None = None


def train(server: Server, problem: Problem) -> Regressor:
    """Train a model of ten features by the default trainer; return what predicts for it."""
    drawn = problem.draw(problem.rows, 0)
    names = [*(f"x{place}" for place in range(COLUMNS)), "y"]
    rows = [dict(zip(names, row, strict=True)) for row in np.hstack((drawn.features, drawn.targets)).tolist()]
    path, wait = f"/models/{MODEL}/train?targets=y", {"Prefer": "wait=240"}
    server.client.post(path, json={"rows": rows}, headers=wait, timeout=300).raise_for_status()
    found: Regressor = Registry(open_store(str(server.store)), BUILT_IN).serving(MODEL)[1].predictor
    return found


def write(matrix: FloatArray, *, is_binary: bool, **members: Any) -> tuple[bytes, dict[str, str]]:
    """Return a request's body and headers."""
    tensor: dict[str, Any] = {"name": "features", "shape": list(matrix.shape), "datatype": "FP64"}
    if not is_binary:
        return json.dumps({"inputs": [{**tensor, "data": matrix.ravel().tolist()}], **members}).encode(), {}
    tensor["parameters"] = {"binary_data_size": matrix.nbytes}
    head = json.dumps({"inputs": [tensor], "parameters": {"binary_data_output": True}, **members}).encode()
    return head + matrix.tobytes(), {"Inference-Header-Content-Length": str(len(head))}


def asking(url: str, body: bytes, headers: dict[str, str]) -> Callable[[], bytes]:
    """Return what sends a request over a connection of its own, which stays open."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc)

    def ask() -> bytes:
        connection.request("POST", parts.path, body, headers)
        answer = connection.getresponse()
        said = answer.read()
        assert answer.status == 200, said
        return said

    return ask


def ways(server: Server, predictor: Regressor, matrix: FloatArray) -> dict[str, Way]:
    """Return all that is compared."""
    url, means = address(server, f"/v2/models/{MODEL}/infer"), [{"name": "y"}]
    binary, text = write(matrix, is_binary=True), write(matrix, is_binary=False)
    without, none = write(matrix, is_binary=True, outputs=means), write(matrix[:1], is_binary=True)
    return {
        PLAIN: Way(lambda: predictor.predict(matrix)),
        "/v2, bytes both ways": Way(asking(url, *binary), PLAIN, TARGET),
        "/v2, JSON both ways": Way(asking(url, *text), PLAIN),
        PLAIN_MEANS: Way(lambda: predictor.predict(matrix, None)),
        "/v2, bytes both ways, the target alone": Way(asking(url, *without), PLAIN_MEANS),
        "/v2, one row": Way(asking(url, *none)),
    }


def measure(compared: dict[str, Way]) -> dict[str, list[float]]:
    """Return how many milliseconds each took, in rounds in which all take turns; the first is not counted."""
    took: dict[str, list[float]] = {name: [] for name in compared}
    for _ in range(1 + ROUNDS):
        for name, way in compared.items():
            began = time.perf_counter()
            way.ask()
            took[name].append((time.perf_counter() - began) * 1000)
    return {name: rounds[1:] for name, rounds in took.items()}


def lines(compared: dict[str, Way], took: dict[str, list[float]]) -> Iterator[str]:
    """Yield the table."""
    yield f"| {ROWS:,} rows of {COLUMNS} | ms | times NumPy's | target |\n|---|---|---|---|"
    for name, way in compared.items():
        beside = took.get(way.beside, [])
        ratio = f"{median(a / b for a, b in zip(took[name], beside, strict=True)):.2f}" if beside else ""
        target = f"at most {way.target:g}" if way.target else ""
        yield f"| {name} | {median(took[name]):.1f} | {ratio} | {target} |"


def main() -> None:
    """Print the table."""
    problem = Problem("", friedman_1, COLUMNS, 1000, 0.2)
    with ours(TABLE) as server:
        predictor = train(server, problem)
        compared = ways(server, predictor, problem.draw(ROWS, 1).features)
        print("\n".join(lines(compared, measure(compared))))


if __name__ == "__main__":
    main()
