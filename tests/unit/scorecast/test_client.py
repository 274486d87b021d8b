"""The client, over a real server: what it sends, what it gives back, and what it does where a request fails."""

import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from app.frames import ARROW_FILE
from scorecast.client import Client, Progress, Refused, TrainingStopped, Unreachable
from tests.conftest import StartServer
from tests.support.forms import as_arrow, as_csv, as_parquet, as_xlsx, frame, lines
from tests.support.server import Server
from tests.support.tables import QUESTION, TABLE

QUICK: dict[str, Any] = {"trainer": "gradient_descent", "max_epochs": 10}
ROWS = [{"width": x, "wood": "oak" if x % 2 else "pine", "price": 2.5 * x} for x in range(1, 9)]


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[Client]:
    with Client(str(server.client.base_url)) as client:
        yield client


def test_a_model_is_trained_asked_and_rolled_back(client: Client) -> None:
    first, second = (client.train("client-story", ROWS, targets="price", seed=seed, **QUICK) for seed in (1, 2))

    assert (first.model_name, first.version.number, second.version.number) == ("client-story", 1, 2)
    assert first.version.rows == 8
    assert [each.number for each in client.versions("client-story")] == [2, 1]
    model = client.model("client-story")
    assert (list(model.features), list(model.targets), model.default_version) == (["width", "wood"], ["price"], 2)
    assert "client-story" in [each.name for each in client.models()]

    asked = [{"width": 3, "wood": "oak"}, {"width": 50, "wood": "pine"}]
    newest, oldest = client.predict("client-story", asked), client.predict("client-story", asked, version=1)
    assert newest.predictions != oldest.predictions
    assert [list(each) for each in newest.extrapolated] == [[], ["width"]]
    assert client.roll_back("client-story", 1).default_version == 1
    assert client.predict("client-story", asked).predictions == oldest.predictions


def test_one_row_is_answered_like_many(client: Client) -> None:
    client.train("exam-score", TABLE)

    one, many = client.predict("exam-score", QUESTION), client.predict("exam-score", [QUESTION])

    assert one.predictions == many.predictions
    assert one.intervals == many.intervals
    assert one.extrapolated == many.extrapolated == [["hours_studied"]]


FORMS: dict[str, Callable[[Path], Any]] = {
    "rows": lambda _: ROWS,
    "columns": lambda _: {name: [row[name] for row in ROWS] for name in ROWS[0]},
    "columns of arrays": lambda _: {
        "width": np.array([row["width"] for row in ROWS]),
        "wood": [row["wood"] for row in ROWS],
        "price": np.array([row["price"] for row in ROWS]),
    },
    "bytes": lambda _: as_csv(ROWS),
    "pandas": lambda _: pd.DataFrame(ROWS),
    "polars": lambda _: pl.DataFrame(ROWS),
    "table.csv": lambda path: write(path, as_csv(ROWS)),
    "table.xlsx": lambda path: write(path, as_xlsx(ROWS)),
    "table.parquet": lambda path: write(path, as_parquet(frame(ROWS))),
    "table.feather": lambda path: write(path, as_arrow(frame(ROWS), ARROW_FILE)),
    "table.jsonl": lambda path: write(path, lines(ROWS)),
}


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("form", FORMS)
def test_tables_may_have_any_form(client: Client, tmp_path: Path, form: str) -> None:
    table = FORMS[form](tmp_path / form)

    trained = client.train("client-forms", table, targets=["price"], **QUICK)

    assert trained.version.rows == 8
    assert client.evaluate("client-forms", table).rows == 8
    answer = client.predict_file("client-forms", table).decode().splitlines()
    assert answer[0].split(",")[:3] == ["width", "wood", "price"]
    assert len(answer) == 9


def test_what_is_no_table_is_told(client: Client) -> None:
    for table in ("width,price\n1,2\n", 7, None):
        with pytest.raises(TypeError, match="a table is a Path"):
            client.train("client-forms", table, targets="price")


def test_progress_is_told_while_a_training_runs_and_it_can_be_cancelled(client: Client) -> None:
    seen: list[Progress] = []

    def stop_soon(progress: Progress) -> None:
        seen.append(progress)
        if progress.epoch and len(seen) > 2:
            client.cancel(progress.job_id)

    with pytest.raises(TrainingStopped, match="cancelled") as stopped:
        client.train("exam-score", TABLE, stop_soon, trainer="gradient_descent", max_epochs=10_000_000)

    assert stopped.value.status == "cancelled"
    shares = [each.share for each in seen if each.status == "running" and each.epoch]
    assert shares
    assert all(share is not None and 0 < share < 1 for share in shares)
    assert seen[-1].status == "cancelled"


def test_a_training_that_fails_says_why(client: Client) -> None:
    with pytest.raises((TrainingStopped, Refused), match="sigmoid outputs"):
        client.train("exam-score", TABLE, scaling="standard", **QUICK)


def test_what_the_service_refuses_comes_with_its_reasons(client: Client) -> None:
    with pytest.raises(Refused, match="hours_slept") as refused:
        client.predict("exam-score", {"hours_studied": 4})
    assert refused.value.status == 422
    assert refused.value.errors[0]["pointer"] == "/hours_slept"
    with pytest.raises(Refused, match="there is no model called 'nothing'") as missing:
        client.model("nothing")
    error = pickle.loads(pickle.dumps(missing.value))  # noqa: S301 - as it comes from another process
    assert (error.status, error.title, error.instance) == (404, "Not Found", "/models/nothing")
    assert error.detail == str(missing.value)


def test_a_model_is_removed(client: Client) -> None:
    client.train("client-removed", ROWS, targets="price", **QUICK)

    client.delete("client-removed")

    assert "client-removed" not in [each.name for each in client.models()]
    with pytest.raises(Refused, match="no model called"):
        client.delete("client-removed")


def test_gaps_and_infinite_numbers_are_told_apart(client: Client) -> None:
    rows = [{"width": float("nan") if x == 3 else x, "price": 2.5 * x} for x in range(1, 9)]

    client.train("client-gaps", rows, targets="price", missing="mean", **QUICK)

    assert client.predict("client-gaps", {"width": [float("nan")]}).predictions
    for table in ([{"width": float("inf")}], {"width": [float("inf")]}):
        with pytest.raises(ValueError, match="infinite"):
            client.predict("client-gaps", table)


def test_a_service_that_is_not_there_is_told_by_its_address() -> None:
    with Client("http://127.0.0.1:9", retries=0) as nowhere, pytest.raises(Unreachable, match=r"127\.0\.0\.1:9"):
        nowhere.models()


@pytest.mark.slow
def test_a_service_that_restarts_is_waited_for(start_server: StartServer) -> None:
    server = start_server()
    port = server.client.base_url.port
    with Client(str(server.client.base_url)) as client:
        client.train("exam-score", TABLE, **QUICK)
        before = client.predict("exam-score", QUESTION)
        server.stop()
        server._settings["PORT"] = str(port)
        server.start()

        assert client.predict("exam-score", QUESTION).predictions == before.predictions


def test_names_with_commas_are_sent_as_one(client: Client) -> None:
    rows = [{"a, b": x, 'say "c"': 2 * x, "d": 3 * x} for x in range(1, 6)]

    client.train("client-names", rows, targets=['say "c"'], ignore=["a, b"], **QUICK)

    model = client.model("client-names")
    assert (list(model.features), list(model.targets)) == (["d"], ['say "c"'])


def test_it_needs_neither_numpy_nor_the_service(client: Client) -> None:
    """With nothing installed but httpx it trains and predicts: rows, columns and files need no more."""
    blocked = ("numpy", "pandas", "polars", "pyarrow", "sklearn", "fastapi", "pydantic", "app", "model")
    script = f"""
import sys
sys.modules.update(dict.fromkeys({blocked}))  # None: importing it fails
from scorecast.client import Client
with Client({client.url!r}) as client:
    client.train("client-alone", {ROWS}, targets="price", trainer="gradient_descent", max_epochs=5)
    print(len(client.predict("client-alone", {{"width": [1, 2], "wood": ["oak", "pine"]}}).predictions))
"""

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert done.stdout.strip() == "2", done.stderr
