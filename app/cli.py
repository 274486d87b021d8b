"""The command line: `scorecast serve`, and the commands that ask a service where these are installed."""

import argparse
import sys
from functools import partial

from pydantic import ValidationError

from app.errors import MissingExtra, StoreError
from app.extras import check_extra
from app.settings import Settings, use_one_blas_thread
from app.store import StoreIdentity, open_store

KEEP_ALIVE_SECONDS = 75
"""An idle connection is kept so long: longer than clients (often 5) and load balancers (often 60) keep theirs. The
client must close first, so that no request is sent into a connection that the server is just closing."""


HEADERS = [("X-Content-Type-Options", "nosniff")]
"""Of every answer: browsers take it for what it says it is. Here they cost nothing, and no answer is without them."""


SWITCH_SECONDS = 0.001
"""The longest time, in seconds, that a thread at work on a large table keeps the interpreter from the event loop."""


CLIENT_COMMANDS = ("train", "predict", "evaluate", "models", "versions", "rollback", "export", "import")


def main() -> None:
    """Run the command that the arguments name."""
    if sys.argv[1:2] != ["serve"]:
        _run_commands()
    parser = argparse.ArgumentParser(prog="scorecast", description="Train and serve small neural networks over HTTP.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    commands.add_parser("serve", help="run the service; settings come from the environment").set_defaults(run=serve)
    parser.parse_args().run()


def _run_commands() -> None:
    """Run one of the commands that ask a service, and exit; return where they are not installed and none was named."""
    try:
        from scorecast.commands import main as run  # noqa: PLC0415 - they are an extra
    except ImportError:
        if sys.argv[1:2] and sys.argv[1] in CLIENT_COMMANDS:
            needed = "pip install 'scorecast[cli]'"
            raise SystemExit(f"scorecast: {sys.argv[1]!r} needs packages that are not installed: {needed}") from None
    else:
        run()


def serve() -> None:
    """Run the service until it is told to stop."""
    use_one_blas_thread()
    sys.setswitchinterval(SWITCH_SECONDS)
    from uvicorn import Config  # noqa: PLC0415 - after the threads are set, and not for --help

    from app.logs import choose_form, configure, set_up  # noqa: PLC0415 - as above
    from app.server import make_application, run  # noqa: PLC0415 - as above

    settings = _settings()
    if settings.mcp:
        _check_tools()
    logs = configure(choose_form(settings.log_format), settings.log_level)
    set_up(logs)
    config = Config(
        partial(make_application, _store_identity(settings), logs),
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        loop="uvloop",
        http="app.protocol:LimitedHttpProtocol",
        access_log=False,  # the application has one of its own
        log_config=logs,
        headers=HEADERS,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=settings.grace_seconds,
    )
    run(config)


def _settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        wrong = [f"SCORECAST_{each['loc'][0]}".upper() + f": {each['msg']}" for each in error.errors()]
        raise SystemExit("\n".join(["scorecast: these settings cannot be used", *wrong])) from None


def _check_tools() -> None:
    """Serve nothing if the tools of agents are asked for, and what they need is not installed."""
    try:
        check_extra("mcp", "mcp", "SCORECAST_MCP=true")
    except MissingExtra as error:
        raise SystemExit(f"scorecast: {error}") from None


def _store_identity(settings: Settings) -> StoreIdentity:
    """Return which store is served; where there is none, and none can be made, nothing is served."""
    try:
        return open_store(settings.store).identity
    except StoreError as error:
        raise SystemExit(f"scorecast: SCORECAST_STORE={settings.store}: {error}") from None


if __name__ == "__main__":
    main()
