"""The commands: each asks a service and prints what it answers."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from scorecast.archives import export_model, import_model
from scorecast.client import TrainingStopped
from scorecast.commands.asking import (
    AsJson,
    Choices,
    Columns,
    File,
    Name,
    Number,
    Url,
    asking,
    complete_model,
    read_choices,
)
from scorecast.commands.output import (
    err,
    print_import,
    print_json,
    print_models,
    print_scores,
    print_training,
    print_versions,
    training_bar,
    write_json,
)
from scorecast.commands.service import PASSED_ON, backup, check, keys, restore, serve

ARCHIVE = "archive"

app = typer.Typer(
    name="scorecast",
    help="Train and serve small neural networks on small tables.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


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
    options = {"targets": target, "ignore": ignore, "categories": categories, **read_choices(choices)}
    with asking(url) as client, training_bar(is_shown=err.is_terminal and not as_json) as bars:
        try:
            done = client.train(model, table, bars.show, **options)
        except KeyboardInterrupt:
            raise TrainingStopped("cancelled", "the training was cancelled") from None
        if as_json:
            print_json(done.version.document)
        else:
            print_training(done)


@app.command()
def predict(  # noqa: PLR0913, PLR0917 - as above
    table: File,
    model: Name,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="Where to write: .csv, .xlsx, .parquet, .arrow or .json; else a CSV to the screen."
        ),
    ] = None,
    coverage: Annotated[float, typer.Option(min=0.01, max=0.999, help="How often intervals hold the truth.")] = 0.95,
    version: Number = None,
    url: Url = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Predict with a model: the table comes back with the answers and their intervals as further columns."""
    with asking(url) as client:
        if as_json:
            answer = write_json(client.ask(model, table, version, coverage=coverage).document)
        else:
            file_type = output.suffix if output else ".csv"
            answer = client.predict_file(model, table, version, file_type=file_type, coverage=coverage)
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
    with asking(url) as client:
        judged = client.evaluate(model, table, version)
        if as_json:
            print_json(judged.document)
        else:
            print_scores(judged.scores)


@app.command()
def models(url: Url = None, as_json: AsJson = False) -> None:  # noqa: FBT002
    """List the models."""
    with asking(url) as client:
        found = client.models()
        if as_json:
            print_json([each.document for each in found])
        else:
            print_models(found)


@app.command()
def versions(model: Name, url: Url = None, as_json: AsJson = False) -> None:  # noqa: FBT002
    """List a model's versions, the newest first."""
    with asking(url) as client:
        found = client.versions(model)
        if as_json:
            print_json([each.document for each in found])
        else:
            print_versions(client.model(model), found)


@app.command()
def rollback(
    model: Name,
    version: Annotated[int, typer.Option(help="The version that answers from now on.")],
    url: Url = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Have another version of a model answer."""
    with asking(url) as client:
        changed = client.roll_back(model, version)
        if as_json:
            print_json(changed.document)
            return
        err.print(f"version {changed.default_version} of {changed.name} answers now", markup=False)


@app.command()
def export(  # noqa: PLR0913, PLR0917 - as above
    model: Annotated[str, typer.Argument(autocompletion=complete_model, help="The model's name.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where to write.")],
    version: Annotated[list[int] | None, typer.Option(help="Which version; may be given several times.")] = None,
    file_format: Annotated[
        str,
        typer.Option("--format", help="archive: all versions, for import; safetensors, onnx or txt: one version."),
    ] = ARCHIVE,
    url: Url = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Save a model with all its versions, or the weights of one version, in a file."""
    if file_format != ARCHIVE and len(version or ()) > 1:
        raise typer.BadParameter("the weights are those of one version: name one")
    with asking(url) as client:
        if file_format == ARCHIVE:
            done = asdict(export_model(client, model, output, version or ()))
        else:
            weights = client.export(model, next(iter(version or ()), None), file_format)
            done = {"file": str(output), "bytes": output.write_bytes(weights)}
        if as_json:
            print_json(done)


@app.command(name="import")
def import_(
    archive: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A file that export has written.")],
    model: Annotated[str | None, typer.Option("--model", "-m", help="Another name for the model.")] = None,
    url: Url = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Put a model with all its versions into a service; what is there already stays as it is."""
    with asking(url) as client:
        done = import_model(client, archive, model)
        if as_json:
            print_json(asdict(done))
        else:
            print_import(done)


app.command()(serve)
for _each in (keys, check, backup, restore):
    app.command(context_settings=PASSED_ON)(_each)


def main() -> None:
    """Run the command that the arguments name."""
    app(prog_name="scorecast")
