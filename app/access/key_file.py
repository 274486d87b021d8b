"""The file that an operator keeps keys in. It is read again when it has changed; one that cannot be read changes nothing."""

import fcntl
import logging
import os
import secrets
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from app.access.keys import ApiKey, Keys, read_keys
from app.settings import Settings

log = logging.getLogger("scorecast.access")

LOOK_SECONDS = 1.0
"""Between two looks at whether the file has changed."""

PREFIX = "scorecast_"
"""What keys begin with, so that tools that look for secrets in code can find them."""

_FOR_THE_OWNER_ONLY = 0o600


class KeyFile:
    """The keys of a file, as they are now."""

    def __init__(self, path: str, clock: Callable[[], float] = time.monotonic, *, begins_without: bool = False) -> None:
        """Raises `ValueError` if the file cannot be read, unless it is begun without keys: then none is known until it can."""
        self._path, self._clock = path, clock
        self._stamp: tuple[int, ...] = ()
        self._keys = Keys({}, are_known=False)
        self._problem = ""
        try:
            self._stamp, self._keys = self._read()
        except ValueError as error:
            if not begins_without:
                raise
            self._tell(error)
        self._next_look = clock() + LOOK_SECONDS

    def __call__(self) -> Keys:
        """Return the keys; those of before if the file is not there or wrong."""
        if self._clock() >= self._next_look:
            self._next_look = self._clock() + LOOK_SECONDS
            self._look()
        return self._keys

    def _look(self) -> None:
        try:
            if self._find_stamp() != self._stamp:
                self._stamp, self._keys = self._read()
                self._problem = ""
                log.info("%s: read again, %d keys", self._path, len(self._keys.by_digest))
        except (OSError, ValueError) as error:
            self._tell(error)

    def _tell(self, error: Exception) -> None:
        """Log what is wrong with the file, once."""
        if str(error) != self._problem:
            self._problem = str(error)
            known = (
                "the earlier keys still count" if self._keys.are_known else "all requests that need a key are refused"
            )
            log.error("%s: the file is wrong: %s; until it is mended, %s", self._path, error, known)

    def _read(self) -> tuple[tuple[int, ...], Keys]:
        try:
            stamp = self._find_stamp()
            return stamp, read_keys(Path(self._path).read_text(encoding="utf-8"))
        except OSError as error:
            raise ValueError(str(error.strerror)) from error

    def _find_stamp(self) -> tuple[int, ...]:
        found = Path(self._path).stat()  # of what a link is for: Kubernetes changes the link
        return found.st_ino, found.st_mtime_ns, found.st_size


def add_key(path: str, make: Callable[[str], ApiKey]) -> str:
    """Make a key, add the line that `make` makes of its digest to a file, and return the key, which stands nowhere else.

    Raises `ValueError` if the file is wrong, or would be.
    """
    secret = PREFIX + secrets.token_urlsafe(32)
    key = make(sha256(secret.encode()).hexdigest())
    _check_words(key)
    line = key.to_line()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _FOR_THE_OWNER_ONLY)
    with open(descriptor, "r+", encoding="utf-8") as file:  # noqa: PTH123 - made for its owner only
        fcntl.flock(file, fcntl.LOCK_EX)  # two that add at the same time would write over each other
        before = file.read()
        separator = "\n" if before and not before.endswith("\n") else ""
        read_keys(f"{before}{separator}{line}")
        file.write(f"{separator}{line}")
    return secret


def _check_words(key: ApiKey) -> None:
    """Raise `ValueError` if the key's line would be read as another key: one for all models, perhaps."""
    if key.models is not None and not key.models:
        raise ValueError(f"key {key.name!r} would be for no model: name one, or leave the models out")
    for word in (key.name, *(key.models or ())):
        if word.split() != [word] or {"#", ";"} & set(word):
            raise ValueError(f"{word!r} must be a word without blanks, # and ;")


def open_keys(settings: Settings, *, begins_without: bool = False) -> Callable[[], Keys] | None:
    """Return where the keys are that settings name; None: none is needed.

    Raises `ValueError` if they cannot be read, unless their file is begun without keys, as by a worker that takes the place
    of another one.
    """
    if settings.api_keys_file is not None:
        return KeyFile(settings.api_keys_file, begins_without=begins_without)
    if settings.api_keys is None:
        return None
    keys = read_keys(settings.api_keys.replace(";", "\n"))
    return lambda: keys
