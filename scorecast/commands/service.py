"""The commands that ask no service: they run it, make its keys, and look after its store. Their code is the service's own."""

import typer

PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
"""All that stands behind these commands is read by the service's own code."""


def serve() -> None:
    """Run the service; settings come from the environment."""
    from app.cli import serve as run  # noqa: PLC0415 - the other commands need nothing of the service

    run()


def keys(context: typer.Context) -> None:
    """Manage the keys of clients."""
    from app.cli import run_here  # noqa: PLC0415 - as above

    run_here(["keys", *context.args])


def check(context: typer.Context) -> None:
    """Read all of a store, and report what is damaged, orphaned or unknown in it."""
    from app.cli import run_here  # noqa: PLC0415 - as above

    run_here(["check", *context.args])


def backup(context: typer.Context) -> None:
    """Write all models of a store into a file, while servers use it."""
    from app.cli import run_here  # noqa: PLC0415 - as above

    run_here(["backup", *context.args])


def restore(context: typer.Context) -> None:
    """Restore a backup into an empty folder."""
    from app.cli import run_here  # noqa: PLC0415 - as above

    run_here(["restore", *context.args])
