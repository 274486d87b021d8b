"""Who may ask for what: keys, their roles, and the file that an operator keeps them in."""

from app.access.errors import KeyNotAllowed, KeyRequired, UnknownKey
from app.access.key_command import add_keys_command
from app.access.key_file import KeyFile, add_key, open_keys
from app.access.keys import ApiKey, Keys, read_keys
from app.access.roles import Role

__all__ = [
    "ApiKey",
    "KeyFile",
    "KeyNotAllowed",
    "KeyRequired",
    "Keys",
    "Role",
    "UnknownKey",
    "add_key",
    "add_keys_command",
    "open_keys",
    "read_keys",
]
