"""The commands of the shell, as they are run: what they print, and their exit codes."""

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread

import pandas as pd
import polars as pl
import pytest

from tests.support.forms import as_csv
from tests.support.server import COMMAND, Server
from tests.support.tables import TABLE
from tests.support.waiting import until

pytestmark = pytest.mark.slow

ROWS = [{"width": x, "price": 2.5 * x + x % 2} for x in range(1, 13)]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    path.write_bytes(as_csv(ROWS))
    return path


def _read_header(path: Path) -> list[str]:
    return path.read_text().splitlines()[0].split(",")


READ_COLUMNS: dict[str, Callable[[Path], list[str]]] = {
    ".csv": _read_header,
    ".txt": _read_header,
    ".xlsx": lambda path: pd.read_excel(path, engine="calamine").columns.tolist(),
    ".parquet": lambda path: pd.read_parquet(path).columns.tolist(),
    ".arrow": lambda path: pd.read_feather(path).columns.tolist(),
    ".arrows": lambda path: pl.read_ipc_stream(path).columns,
    ".feather": lambda path: pd.read_feather(path).columns.tolist(),
    ".json": lambda path: list(json.loads(path.read_text())["predictions"][0]),
}
"""What reads such a file elsewhere: the names of its columns."""


def run(server: Server | None, *arguments: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "160"}
    if server is not None:
        environment["SCORECAST_URL"] = str(server.client.base_url)
    command = [str(COMMAND), *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_a_table_is_trained_judged_and_predicted(server: Server, table: Path, tmp_path: Path) -> None:
    trained = run(server, "train", table, "--model", "shell", "--target", "price")
    assert trained.returncode == 0, trained.stderr
    assert "shell: version 1, trained on 12 rows" in trained.stdout
    assert "rmse" in trained.stdout

    answer = tmp_path / "answer.csv"
    predicted = run(server, "predict", table, "-m", "shell", "-o", answer, "--coverage", "0.8")
    assert (predicted.returncode, predicted.stdout) == (0, "")
    assert answer.read_text().startswith("width,price,price_predicted,price_lower,price_upper,extrapolated")
    shown = run(server, "predict", table, "-m", "shell", "--coverage", "0.8")
    assert shown.stdout.splitlines() == answer.read_text().splitlines()

    judged = run(server, "evaluate", table, "-m", "shell")
    assert judged.returncode == 0
    assert "price" in judged.stdout


@pytest.mark.parametrize("ending", [".csv", ".txt", ".xlsx", ".parquet", ".arrow", ".arrows", ".feather", ".json"])
def test_the_answer_has_the_form_that_its_file_is_named_for(
    server: Server, table: Path, tmp_path: Path, ending: str
) -> None:
    if not server.client.get("/models/forms-of-files").is_success:
        assert run(server, "train", table, "-m", "forms-of-files", "--target", "price").returncode == 0
    answer = tmp_path / f"answer{ending}"
    predicted = run(server, "predict", table, "-m", "forms-of-files", "-o", answer)
    assert (predicted.returncode, predicted.stdout) == (0, ""), predicted.stderr
    columns = READ_COLUMNS[ending](answer)
    assert ending == ".json" or columns[:3] == ["width", "price", "price_predicted"]


def test_the_help_names_the_commands() -> None:
    shown = run(None, "--help").stdout
    assert all(name in shown for name in ("train", "import", "serve", "keys"))


def test_models_and_versions_are_listed_and_rolled_back(server: Server, table: Path, tmp_path: Path) -> None:
    for seed in (1, 2):
        arguments = ("-s", f"seed={seed}", "-s", "trainer=gradient_descent", "-s", "max_epochs=5")
        assert run(server, "train", table, "-m", "listed", "--target", "price", *arguments).returncode == 0
    assert "listed" in run(server, "models").stdout
    assert "2 (default)" in run(server, "versions", "-m", "listed").stdout

    assert run(server, "rollback", "-m", "listed", "--version", 1).returncode == 0

    assert "1 (default)" in run(server, "versions", "-m", "listed").stdout
    saved = tmp_path / "weights.zip"
    assert run(server, "export", "listed", "-o", saved, "--format", "txt").returncode == 0
    assert saved.read_bytes().startswith(b"PK")
    assert run(server, "export", "listed", "-o", saved, "--format", "onnx").returncode == 0
    assert b"scorecast" in saved.read_bytes()


def test_scripts_get_json_and_nothing_else(server: Server, table: Path, tmp_path: Path) -> None:
    trained = run(server, "train", table, "-m", "script", "--target", "price", "--json")
    assert json.loads(trained.stdout)["model_version"] == 1
    assert trained.stderr == ""
    assert len(json.loads(run(server, "predict", table, "-m", "script", "--json").stdout)["predictions"]) == 12
    assert "script" in [each["name"] for each in json.loads(run(server, "models", "--json").stdout)]
    assert json.loads(run(server, "evaluate", table, "-m", "script", "--json").stdout)["rows"] == 12
    moved = run(server, "rollback", "-m", "script", "--version", 1, "--json")
    assert json.loads(moved.stdout)["default_version"] == 1
    assert moved.stderr == ""
    saved = tmp_path / "weights"
    told = json.loads(run(server, "export", "script", "-o", saved, "--format", "txt", "--json").stdout)
    assert told == {"file": str(saved), "bytes": saved.stat().st_size}
    assert json.loads(run(server, "versions", "-m", "script", "--json").stdout)[0]["model_version"] == 1
    answer = tmp_path / "answer.json"
    assert run(server, "predict", table, "-m", "script", "--json", "-o", answer).stdout == ""
    assert len(json.loads(answer.read_text())["predictions"]) == 12


def test_each_kind_of_failure_has_an_exit_code_and_a_sentence(server: Server, table: Path, tmp_path: Path) -> None:
    refused = run(server, "predict", table, "-m", "nothing")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("scorecast: there is no model called 'nothing'")
    assert run(server, "train", tmp_path / "absent.csv", "-m", "x").returncode == 2
    assert run(server, "train", table, "-m", "x", "-s", "seed").returncode == 2
    unreachable = run(None, "models", "--url", "http://127.0.0.1:9")
    assert unreachable.returncode == 3
    assert "127.0.0.1:9 cannot be reached" in unreachable.stderr
    assert "--url or SCORECAST_URL" in unreachable.stderr
    scaled = ("-s", "trainer=gradient_descent", "-s", "scaling=standard")
    exam = tmp_path / "exam.csv"
    exam.write_bytes(as_csv(TABLE))
    failed = run(server, "train", exam, "-m", "exam-score", *scaled)
    assert failed.returncode in {1, 4}
    assert "sigmoid outputs" in failed.stderr


def test_ctrl_c_cancels_the_training(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "exam.csv"
    path.write_bytes(as_csv(TABLE))
    options = ["-s", "trainer=gradient_descent", "-s", "max_epochs=10000000", "--url", str(server.client.base_url)]
    own, terminal = pty.openpty()  # as a person has it: with a bar
    as_in_a_shell = ["env", "--default-signal=INT"]  # what runs in the background may have been told to ignore it
    arguments = [*as_in_a_shell, str(COMMAND), "train", str(path), "-m", "exam-score", *options]
    with subprocess.Popen(arguments, stdout=terminal, stderr=terminal) as command:
        os.close(terminal)
        watching = Thread(target=watch, args=[own])
        watching.start()
        job = until(lambda: running(server), "the training runs")

        command.send_signal(signal.SIGINT)

        assert command.wait(60) == 130
        watching.join()
    assert server.wait_for(job, "cancelled")


def watch(terminal: int) -> None:
    """Read what is written to a terminal until it is closed, as one does who looks at it: else the writer waits for room."""
    with suppress(OSError):
        while os.read(terminal, 4096):
            pass
    os.close(terminal)


def running(server: Server) -> str | None:
    """Return the id of a job that has made an epoch and has not ended."""
    jobs = server.client.get("/jobs").json()["jobs"]
    return next((job["job_id"] for job in jobs if job["status"] == "running" and job["epoch"]), None)


def complete(words: str, **environment: str) -> list[str]:
    """Return what bash offers for the last of some words, as the completion that is installed asks for it."""
    asked = {"_SCORECAST_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
    command = subprocess.run(
        [str(COMMAND)], env={**os.environ, **asked, **environment}, capture_output=True, text=True, check=True
    )
    return command.stdout.split()


def test_shells_complete_commands_and_models(server: Server, table: Path) -> None:
    for shell in ("bash", "zsh", "fish"):
        script = subprocess.run(
            [str(COMMAND), "--show-completion", shell],
            env={**os.environ, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert "_SCORECAST_COMPLETE" in script.stdout
    assert {"serve", "train", "versions"} <= {*complete("scorecast ")}
    assert complete("scorecast eva") == ["evaluate"]
    run(server, "train", table, "-m", "completed", "--target", "price", "-s", "max_epochs=5")

    here = str(server.client.base_url)

    assert complete("scorecast predict --model compl", SCORECAST_URL=here) == ["completed"]
    assert complete(f"scorecast predict --url {here} --model compl", SCORECAST_URL="") == ["completed"]
    assert complete("scorecast predict --model compl", SCORECAST_URL="http://127.0.0.1:9") == []


def test_without_the_extra_the_commands_say_what_to_install(table: Path) -> None:
    script = (
        "import sys; sys.modules['typer'] = None; sys.argv = ['scorecast', 'models']; from app.cli import main; main()"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "pip install 'scorecast[cli]'" in done.stderr
