"""What the commands print: tables and sentences for people, JSON for scripts."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table as Grid

from scorecast.archives import Imported
from scorecast.client import Model, Progress, Training, Version

out, err = Console(highlight=False), Console(stderr=True, highlight=False)

SCORES = ("rmse", "mae", "r2", "coverage", "accuracy", "log_loss")


def print_json(document: Any) -> None:
    """Print what the service answered, on one line."""
    out.print(write_json(document).decode(), markup=False, soft_wrap=True, end="")


def write_json(document: Any) -> bytes:
    """Return what the service answered, as a line of JSON."""
    return (json.dumps(document, ensure_ascii=False) + "\n").encode()


def print_grid(titles: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print a table."""
    grid = Grid(*titles, box=None, pad_edge=False)
    for row in rows:
        grid.add_row(*("-" if cell is None else str(cell) for cell in row))
    out.print(grid)


def print_models(models: Sequence[Model]) -> None:
    """Print models, one a line."""
    rows = [
        (each.name, ", ".join(each.targets), len(each.features), each.versions, each.default_version) for each in models
    ]
    print_grid(("model", "predicts", "features", "versions", "default"), rows)


def print_versions(model: Model, versions: Sequence[Version]) -> None:
    """Print a model's versions, one a line, with the first target's error on unseen rows."""
    target = model.targets[0]
    rows = [
        (
            f"{each.number}{' (default)' if each.number == model.default_version else ''}",
            each.created[:16].replace("T", " "),
            each.rows,
            _write(each.score(target, "rmse")),
            _write(each.score(target, "accuracy")),
            each.report["trainer"].get("name"),
        )
        for each in versions
    ]
    print_grid(("version", "trained", "rows", "rmse", "accuracy", "trainer"), rows)


def print_training(training: Training) -> None:
    """Print what came of a training: the version, its scores on unseen rows, and what to know about it."""
    version = training.version
    out.print(f"{training.model_name}: version {version.number}, trained on {version.rows:,} rows", markup=False)
    unseen = {**version.report.get("leave_one_out", {}), **version.report.get("held_out", {})}
    print_scores(unseen or version.report["scores"])
    for sentence in [*training.read, *version.report["warnings"]]:
        out.print(f"- {sentence}", markup=False)


def print_import(done: Imported) -> None:
    """Print which versions of a model are there now."""
    rows = [(each.archived_as, each.model_version, "was there" if each.was_there else "new") for each in done.versions]
    print_grid(("in the archive", f"in {done.model_name}", ""), rows)
    if done.default_version is not None:
        out.print(f"version {done.default_version} of {done.model_name} answers", markup=False)


def print_scores(scores: Mapping[str, Mapping[str, float | None]]) -> None:
    """Print scores, one target a line."""
    names = [name for name in SCORES if any(name in each for each in scores.values())]
    rows = [(target, *(_write(each.get(name)) for name in names)) for target, each in scores.items()]
    print_grid(("target", *names), rows)


def _write(value: float | None) -> str | None:
    return None if value is None else f"{value:.4g}"


class Bars:
    """A bar for a training that runs: its epoch, its loss, the time that is left where that is known."""

    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self._task = bar.add_task("queued", total=None, state="")

    def show(self, progress: Progress) -> None:
        """Show where the training stands."""
        loss = "" if progress.loss is None else f"loss {progress.loss:.4g}"
        state = f"epoch {progress.epoch or 0:,}  {loss}" if progress.status == "running" else ""
        total = None if progress.share is None else 1.0
        self._bar.update(
            self._task, description=progress.status, completed=progress.share or 0.0, total=total, state=state
        )


@contextmanager
def training_bar(*, is_shown: bool) -> Iterator[Bars]:
    """A bar on the error output, so that it never stands in what a script reads."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[state]}"))
    with Bar(
        *columns, TimeElapsedColumn(), TimeRemainingColumn(), console=err, transient=True, disable=not is_shown
    ) as bar:
        yield Bars(bar)
