"""Roles of keys: each may do what those before it may, and more."""

from enum import IntEnum


class Role(IntEnum):
    """What a key is for."""

    PREDICT = 1
    """Ask for predictions, and read what models are."""
    TRAIN = 2
    """Train, too, and see trainings, and what is kept of tables."""
    ADMIN = 3
    """Declare and remove models, and choose which version answers, too."""

    @property
    def word(self) -> str:
        """Its name as a key file has it."""
        return self.name.lower()

    @staticmethod
    def read(word: str) -> "Role":
        """Return the role of a name. Raises `ValueError`."""
        try:
            return Role[word.upper()]
        except KeyError:
            roles = ", ".join(role.word for role in Role)
            # The word is not told: it may be a key in the wrong place, and this stands in the log.
            raise ValueError(f"the second word is no role: it must be one of {roles}") from None
