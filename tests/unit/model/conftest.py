"""Settings of the property tests: no deadline for one example, since other work may share the machine."""

from hypothesis import settings

settings.register_profile("scorecast", deadline=None)
settings.load_profile("scorecast")
