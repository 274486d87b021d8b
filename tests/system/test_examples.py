"""The examples of the documentation: each line trains what it says, and digits are document apart."""

import csv
import io
import re
import subprocess
from pathlib import Path

import httpx
import numpy as np
import pytest
from sklearn import datasets

from tests.conftest import StartServer

EXAMPLES = (Path(__file__).parents[2] / "docs" / "examples.md").read_text()
LINES = re.findall(r"^curl .*$", EXAMPLES, re.MULTILINE)
WORDS = ("wine", "breast_cancer", "iris")


def tables(folder: Path) -> None:
    """Write the tables as the documentation's few lines do."""
    for name in ("diabetes", "linnerud", "digits", *WORDS):
        bunch = getattr(datasets, f"load_{name}")()
        targets = bunch.target.reshape(len(bunch.data), -1)
        if name in WORDS:
            targets = bunch.target_names[targets]
        names = bunch.target_names if name == "linnerud" else ["target"]
        with (folder / f"{name}.csv").open("w") as file:
            rows = [[*features, *answers] for features, answers in zip(bunch.data, targets.tolist(), strict=True)]
            csv.writer(file).writerows([[*bunch.feature_names, *names], *rows])


@pytest.mark.slow
def test_each_line_works_as_pasted(start_server: StartServer, tmp_path: Path) -> None:
    """Every line succeeds, trainings with status `succeeded`."""
    server = start_server()
    tables(tmp_path)
    assert len(LINES) == 8
    for line in LINES:
        command = line.replace("http://127.0.0.1:8000", str(server.client.base_url).rstrip("/"))
        answer = subprocess.run(
            ["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True
        ).stdout
        assert '"status":"succeeded"' in answer or "/train" not in line, answer
        assert "about:blank" not in answer


@pytest.mark.slow
def test_digits_over_http_reach_what_they_should(start_server: StartServer) -> None:
    """At least 97.5 % of digits that were held out are document apart: the tutorial's closing example."""
    server = start_server()
    bunch = datasets.load_digits()
    order = np.random.default_rng(0).permutation(len(bunch.data))
    fresh, seen = np.split(order, [360])
    query = "targets=digit&categories=digit"
    trained = _post(server.client, f"/models/digits/train?{query}", bunch, seen)
    assert trained.status_code == 200, trained.text

    scored = _post(server.client, "/models/digits/versions/1/evaluate", bunch, fresh).json()
    assert scored["scores"]["digit"]["accuracy"] >= 0.975


def _post(client: httpx.Client, path: str, bunch, rows: np.ndarray) -> httpx.Response:  # type: ignore[no-untyped-def]
    text = io.StringIO()
    table = [[*bunch.data[row], bunch.target[row]] for row in rows]
    csv.writer(text).writerows([[*bunch.feature_names, "digit"], *table])
    return client.post(path, content=text.getvalue().encode(), headers={"Content-Type": "text/csv"})
