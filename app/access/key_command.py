"""`scorecast keys`: makes keys, and adds them to the operator's file."""

import argparse
from collections.abc import Callable
from typing import Any

from app.access.key_file import add_key
from app.access.keys import ApiKey
from app.access.roles import Role
from app.settings import read_settings


def add_keys_command(add_parser: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the command to those of a parser."""
    commands: Any = add_parser("keys", help="manage the keys of clients").add_subparsers(
        required=True, metavar="COMMAND"
    )
    adding = commands.add_parser("add", help="make a key, add it to a file and print it; the key itself is not stored")
    adding.add_argument("name", help="the name of the client that gets the key")
    adding.add_argument(
        "--role",
        choices=[role.word for role in Role],
        default=Role.PREDICT.word,
        help="what the key may do (default: %(default)s)",
    )
    adding.add_argument("--models", help="models that the key is for, separated by commas (default: all)")
    adding.add_argument("--file", help="the file of keys (default: SCORECAST_API_KEYS_FILE)")
    adding.set_defaults(run=_add_key)


def _add_key(given: argparse.Namespace) -> None:
    """Make a key, add it to a file, and print it."""
    path = given.file or read_settings().api_keys_file
    if path is None:
        raise SystemExit("scorecast: name the file of keys: --file FILE, or SCORECAST_API_KEYS_FILE")
    models = None if given.models is None else frozenset(given.models.split(",")) - {""}
    try:
        print(add_key(path, lambda digest: ApiKey(given.name, Role.read(given.role), digest, models)))  # noqa: T201
    except (OSError, ValueError) as error:
        raise SystemExit(f"scorecast: {path}: {getattr(error, 'strerror', None) or error}") from None
