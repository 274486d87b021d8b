"""The command line: `scorecast serve`, `scorecast keys`, those that look after a store, and the commands that ask a service where these are installed."""

import argparse
import logging
import resource
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from app.access import add_keys_command
from app.cli.starting import check_start, find_store
from app.settings import (
    Settings,
    find_misspelt,
    import_nothing_from_here,
    read_settings,
    trusted_proxies,
    use_one_blas_thread,
)

log = logging.getLogger("scorecast.settings")

KEEP_ALIVE_SECONDS = 75
"""An idle connection is kept so long: longer than clients (often 5) and load balancers (often 60) keep theirs. The
client must close first, so that no request is sent into a connection that the server is just closing."""


WORKER_SECONDS = 20
"""One of several workers that does not answer its supervisor for so long is replaced. A start takes some seconds where the
processors have more to do: with uvicorn's five, workers were ended while they started, again and again."""


HEADERS = [("X-Content-Type-Options", "nosniff"), ("Cross-Origin-Resource-Policy", "same-origin")]
"""Of every answer: browsers take it for what it says it is, and no page of another site shows or runs it. Here they cost nothing,
and no answer is without them."""


SWITCH_SECONDS = 0.001
"""The longest time, in seconds, that a thread at work on a large table keeps the interpreter from the event loop."""


MAX_FILES = 65_536
"""That a process may have open."""


CLIENT_COMMANDS = ("train", "predict", "evaluate", "models", "versions", "rollback", "export", "import")
HERE = ("serve", "keys", "check", "backup", "restore")
"""Commands that need nothing but the service's own code."""
PLACES = {"store": "the folder of the store", "archive": "the file of the backup"}
CLIENT_PACKAGES = "pip install 'scorecast[cli]'"


def main() -> None:
    """Run the command that the arguments name."""
    if not set(sys.argv[1:2]) & set(HERE):
        _run_commands()
    run_here(sys.argv[1:])


def run_here(arguments: Sequence[str]) -> None:
    """Run one of the commands that need nothing but the service's own code."""
    parser = argparse.ArgumentParser(
        prog="scorecast",
        description="Train and serve small neural networks over HTTP.",
        epilog=f"{', '.join(CLIENT_COMMANDS)} ask a service: they come with {CLIENT_PACKAGES}",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    commands.add_parser("serve", help="run the service; settings come from the environment").set_defaults(
        run=lambda _: serve()
    )
    add_keys_command(commands.add_parser)
    _add_upkeep_commands(commands.add_parser)
    given = parser.parse_args(arguments)
    given.run(given)


def _add_upkeep_commands(add_parser: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the commands that look after a store."""
    checking = add_parser("check", help="read all of a store, and report what is damaged, orphaned or unknown in it")
    checking.add_argument("store", nargs="?", help="the folder of the store (default: SCORECAST_STORE)")
    checking.add_argument("--mend", action="store_true", help="mend what can be mended; damaged files are moved aside")
    checking.add_argument("--json", action="store_true", help="print the result as JSON")
    checking.set_defaults(run=_look_after, command="check")
    backing_up = add_parser("backup", help="write all models of a store into a file, while servers use it")
    restoring = add_parser("restore", help="restore a backup into an empty folder")
    for parser, places in ((backing_up, ("store", "archive")), (restoring, ("archive", "store"))):
        for place in places:
            parser.add_argument(place, help=PLACES[place])
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
    backing_up.set_defaults(run=_look_after, command="backup")
    restoring.set_defaults(run=_look_after, command="restore")


def _look_after(given: argparse.Namespace) -> None:
    """Run a command that looks after a store, and end with its exit code."""
    use_one_blas_thread()
    from app.upkeep import run_command  # noqa: PLC0415 - after the threads are set, and not for --help

    raise SystemExit(run_command(given.command, given.store or read_settings().store, vars(given)))


def _run_commands() -> None:
    """Run one of the commands that ask a service, and exit; return where they are not installed and none was named."""
    try:
        from scorecast.commands import main as run  # noqa: PLC0415 - they are an extra
    except ImportError:
        if sys.argv[1:2] and sys.argv[1] in CLIENT_COMMANDS:
            raise SystemExit(
                f"scorecast: {sys.argv[1]!r} needs packages that are not installed: {CLIENT_PACKAGES}"
            ) from None
    else:
        run()


def serve() -> None:
    """Run the service until it is told to stop."""
    _prepare_process()
    from uvicorn import Config  # noqa: PLC0415 - after the threads are set, and not for --help

    from app.server import make_application, run  # noqa: PLC0415 - as above

    check_start(settings := read_settings())
    logs = _begin_log(settings)
    config = Config(
        partial(make_application, find_store(settings), logs),
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
        loop="uvloop",
        http="app.server.protocol:LimitedHttpProtocol",
        access_log=False,  # the application has one of its own
        log_config=logs,
        headers=HEADERS,
        server_header=False,
        forwarded_allow_ips=trusted_proxies(),  # else uvicorn would trust this machine
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_worker_healthcheck=WORKER_SECONDS,
        timeout_graceful_shutdown=settings.grace_seconds,
    )
    run(config)


def _prepare_process() -> None:
    use_one_blas_thread()
    import_nothing_from_here()
    _open_many_files()
    sys.setswitchinterval(SWITCH_SECONDS)


def _begin_log(settings: Settings) -> dict[str, Any]:
    """Return how all is logged from now on; what looks like a setting and is none is logged first."""
    from app.logs import choose_form, configure, set_up  # noqa: PLC0415 - not for --help

    set_up(logs := configure(choose_form(settings.log_format), settings.log_level))
    for each in find_misspelt():
        log.warning("%s", each)
    return logs


def _open_many_files() -> None:
    """Let this process, and those that it starts, have as many connections and files open as the system lets it.

    Where a shell or a container starts it, that is often 1,024 unless it asks for more.
    """
    soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_FILES if most == resource.RLIM_INFINITY else min(most, MAX_FILES)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), most))


if __name__ == "__main__":
    main()
