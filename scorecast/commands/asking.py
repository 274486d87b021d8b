"""What all commands share: their options, a client, and an exit code for each thing that can go wrong.

Exit codes: 0 done, 1 the service refused it, 2 the command line is wrong, 3 the service cannot be reached, 4 the training
failed, 130 it was cancelled.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

import typer

from scorecast.archives import ImportStopped
from scorecast.client import Client, NoService, Refused, ScorecastError, TrainingStopped, Unreachable
from scorecast.commands.output import err

REFUSED, UNREACHABLE, FAILED, CANCELLED = 1, 3, 4, 130

NO_KEY = "SCORECAST_KEY holds the key that is sent"
ELSEWHERE = "--url or SCORECAST_URL says where the service is"

COMPLETION_SECONDS = 1.0
"""How long a shell waits for the names of models."""


def complete_model(context: typer.Context, incomplete: str) -> list[str]:
    """Return the models whose names begin so; none if the service cannot tell."""
    try:
        with Client(context.params.get("url"), timeout=COMPLETION_SECONDS, retries=0) as client:
            return [each.name for each in client.models() if each.name.startswith(incomplete)]
    except ScorecastError:
        return []


Url = Annotated[str | None, typer.Option("--url", envvar="SCORECAST_URL", help="Where the service is.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print what the service answers, for scripts.")]
File = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="A CSV, JSON, JSON lines, .xlsx, .parquet or Arrow file.")
]
Name = Annotated[str, typer.Option("--model", "-m", autocompletion=complete_model, help="The model's name.")]
Number = Annotated[int | None, typer.Option("--version", help="Which version; else the default one.")]
Columns = Annotated[str | None, typer.Option(help="Columns, separated by commas.")]
Choices = Annotated[list[str] | None, typer.Option("--set", "-s", help="Any other option of the API, as name=value.")]


@contextmanager
def asking(url: str | None) -> Iterator[Client]:
    """Give a client; what goes wrong with it is told in a sentence, and ends the command with its exit code."""
    try:
        with Client(url) as client:
            yield client
    except Refused as error:
        more = [each["detail"] for each in error.errors[1:]]
        tell(str(error), more + [NO_KEY] * (error.status == HTTPStatus.UNAUTHORIZED))
        code = REFUSED
    except (NoService, Unreachable) as error:
        tell(str(error), [ELSEWHERE])
        code = UNREACHABLE
    except TrainingStopped as error:
        tell(str(error))
        code = CANCELLED if error.status == "cancelled" else FAILED
    except ImportStopped as error:
        tell(str(error))
        code = UNREACHABLE if isinstance(error.__cause__, NoService | Unreachable) else REFUSED
        code = CANCELLED if isinstance(error.__cause__, KeyboardInterrupt) else code
    except (ScorecastError, OSError) as error:
        tell(str(error))
        code = REFUSED
    else:
        return
    raise typer.Exit(code)


def tell(sentence: str, more: list[str] | None = None) -> None:
    """Print what went wrong, where no script reads it."""
    for each in (f"scorecast: {sentence}", *(more or [])):
        err.print(each, markup=False, soft_wrap=True)


def read_choices(choices: list[str] | None) -> dict[str, Any]:
    """Return options by name, of texts such as `seed=1`."""
    pairs = [choice.partition("=") for choice in choices or []]
    if wrong := [name for name, equals, _ in pairs if not equals]:
        raise typer.BadParameter(f"{wrong[0]!r} should be name=value")
    return {name: value for name, _, value in pairs}
