"""API keys: each with a name, a role, and perhaps the only models that it is for. Of the key itself the SHA-256 is known alone.

Keys are written one in each line: `name role sha256`, and after that the names of models, separated by commas. What follows
a `#` is a comment.
"""

import hmac
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from app.access.roles import Role

_DIGEST = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class ApiKey:
    """Somebody's key."""

    name: str
    role: Role
    digest: str
    """SHA-256, in hexadecimal digits. Keys are made of 256 random bits, so that no slow digest is needed (NIST SP 800-63B)."""
    models: frozenset[str] | None = None
    """The names of the models that it is for; None: all."""

    def may_use(self, model_name: str) -> bool:
        """Whether it is for a model."""
        return self.models is None or model_name in self.models

    def to_line(self) -> str:
        """Return it as a line of a key file."""
        models = f" {','.join(sorted(self.models))}" if self.models is not None else ""
        return f"{self.name} {self.role.word} {self.digest}{models}\n"


@dataclass(frozen=True)
class Keys:
    """All keys, by their digests."""

    by_digest: Mapping[str, ApiKey]
    are_known: bool = True
    """False: they stand in a file that this process could not read yet."""

    def find(self, secret: bytes) -> ApiKey | None:
        """Return the key that has come with a request; None: it is none of them.

        A digest is looked up, not a key: how long that takes says nothing of the keys. What is found is compared in constant
        time.
        """
        digest = sha256(secret).hexdigest()
        found = self.by_digest.get(digest)
        return found if found is not None and hmac.compare_digest(found.digest, digest) else None


def read_keys(text: str) -> Keys:
    """Return the keys that a text lists. Raises `ValueError`, which names the line."""
    keys: dict[str, ApiKey] = {}
    for number, line in enumerate(text.splitlines(), 1):
        for key in _read_line(number, line.partition("#")[0].split()):
            if key.digest in keys or any(other.name == key.name for other in keys.values()):
                raise ValueError(f"line {number}: the key or name {key.name!r} is there twice")
            keys[key.digest] = key
    return Keys(keys)


def _read_line(number: int, words: list[str]) -> Iterator[ApiKey]:
    if not words:
        return
    if not 3 <= len(words) <= 4:
        raise ValueError(f"line {number}: it must be: name role sha256, and perhaps models separated by commas")
    name, role, digest, *models = words
    if not _DIGEST.fullmatch(digest):
        raise ValueError(
            f"line {number}: the third word must be a SHA-256 in 64 hexadecimal digits, not the key itself"
        )
    try:
        known = frozenset(models[0].split(",")) - {""} if models else None
        yield ApiKey(name, Role.read(role), digest, known)
    except ValueError as error:
        raise ValueError(f"line {number}: {error}") from None
