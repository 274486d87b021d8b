"""The commands: each asks a service and prints what it answers.

Exit codes: 0 done, 1 the service refused it, 2 the command line is wrong, 3 the service cannot be reached, 4 the training
failed, 130 it was cancelled.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from scorecast.client import Client, Refused, ScorecastError, TrainingStopped, Unreachable
from scorecast.commands.output import (
    err,
    print_json,
    print_models,
    print_scores,
    print_training,
    print_versions,
    training_bar,
)

REFUSED, UNREACHABLE, FAILED, CANCELLED = 1, 3, 4, 130

app = typer.Typer(
    name="scorecast",
    help="Train and serve small neural networks on small tables.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

Url = Annotated[str | None, typer.Option("--url", envvar="SCORECAST_URL", help="Where the service is.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print what the service answers, for scripts.")]
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A CSV, JSON, JSON lines or .xlsx file.")]
Name = Annotated[str, typer.Option("--model", "-m", help="The model's name.")]
Number = Annotated[int | None, typer.Option("--version", help="Which version; else the default one.")]
Columns = Annotated[str | None, typer.Option(help="Columns, separated by commas.")]
Choices = Annotated[list[str] | None, typer.Option("--set", "-s", help="Any other option of the API, as name=value.")]


@contextmanager
def _asking(url: str | None) -> Iterator[Client]:
    """Give a client; what goes wrong with it is told in a sentence, and ends the command with its exit code."""
    try:
        with Client(url) as client:
            yield client
    except Refused as error:
        _tell(str(error), [each["detail"] for each in error.errors[1:]])
        code = REFUSED
    except Unreachable as error:
        _tell(str(error))
        code = UNREACHABLE
    except TrainingStopped as error:
        _tell(str(error))
        code = CANCELLED if error.status == "cancelled" else FAILED
    except (ScorecastError, OSError) as error:
        _tell(str(error))
        code = REFUSED
    else:
        return
    raise typer.Exit(code)


def _tell(sentence: str, more: list[str] | None = None) -> None:
    for each in (f"scorecast: {sentence}", *(more or [])):
        err.print(each, markup=False, soft_wrap=True)


def _read_choices(choices: list[str] | None) -> dict[str, Any]:
    pairs = [choice.partition("=") for choice in choices or []]
    if wrong := [name for name, equals, _ in pairs if not equals]:
        raise typer.BadParameter(f"{wrong[0]!r} should be name=value")
    return {name: value for name, _, value in pairs}


@app.command()
def train(  # noqa: PLR0913, PLR0917 - each is an option of the command
    table: File,
    model: Name,
    target: Annotated[str | None, typer.Option(help="The column to predict, or several, separated by commas.")] = None,
    ignore: Columns = None,
    categories: Columns = None,
    choices: Choices = None,
    url: Url = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Train a new version of a model with a table; Ctrl-C cancels it."""
    options = {"targets": target, "ignore": ignore, "categories": categories, **_read_choices(choices)}
    with _asking(url) as client, training_bar(is_shown=err.is_terminal and not as_json) as bars:
        try:
            done = client.train(model, table, bars.show, **options)
        except KeyboardInterrupt:
            if bars.job_id is not None:
                client.cancel(bars.job_id)
            raise TrainingStopped("cancelled", "the training was cancelled") from None
        if as_json:
            print_json(done.version.document)
        else:
            print_training(done)


@app.command()
def predict(  # noqa: PLR0913, PLR0917 - as above
    table: File,
    model: Name,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Where to write; else to the screen.")] = None,
    coverage: Annotated[float, typer.Option(min=0.01, max=0.999, help="How often intervals hold the truth.")] = 0.95,
    version: Number = None,
    url: Url = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Predict with a model: the table comes back with the answers and their intervals as further columns."""
    with _asking(url) as client:
        if as_json:
            print_json(client.predict(model, table, version, coverage=coverage).document)
            return
        answer = client.predict_csv(model, table, version, coverage=coverage)
        if output is None:
            sys.stdout.buffer.write(answer)
        else:
            output.write_bytes(answer)


@app.command()
def evaluate(
    table: File,
    model: Name,
    version: Number = None,
    url: Url = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Judge a model by a table whose targets are known."""
    with _asking(url) as client:
        judged = client.evaluate(model, table, version)
        if as_json:
            print_json(judged.document)
        else:
            print_scores(judged.scores)


@app.command()
def models(url: Url = None, as_json: AsJson = False) -> None:  # noqa: FBT002
    """List the models."""
    with _asking(url) as client:
        found = client.models()
        if as_json:
            print_json([each.document for each in found])
        else:
            print_models(found)


@app.command()
def versions(model: Name, url: Url = None, as_json: AsJson = False) -> None:  # noqa: FBT002
    """List a model's versions, the newest first."""
    with _asking(url) as client:
        found = client.versions(model)
        if as_json:
            print_json([each.document for each in found])
        else:
            print_versions(client.model(model), found)


@app.command()
def rollback(
    model: Name, version: Annotated[int, typer.Option(help="The version that answers from now on.")], url: Url = None
) -> None:
    """Have another version of a model answer."""
    with _asking(url) as client:
        changed = client.roll_back(model, version)
        err.print(f"version {changed.default_version} of {changed.name} answers now", markup=False)


@app.command()
def export(
    model: Name,
    output: Annotated[Path, typer.Option("--output", "-o", help="Where to write.")],
    version: Number = None,
    file_format: Annotated[str, typer.Option("--format", help="safetensors or txt.")] = "safetensors",
    url: Url = None,
) -> None:
    """Save the weights of a version."""
    with _asking(url) as client:
        output.write_bytes(client.export(model, version, file_format))


@app.command()
def serve() -> None:
    """Run the service; settings come from the environment."""
    from app.cli import serve as run  # noqa: PLC0415 - the other commands need nothing of the service

    run()


def main() -> None:
    """Run the command that the arguments name."""
    app(prog_name="scorecast")
