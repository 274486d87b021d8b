"""Upkeep of a store: what is left behind is removed, what is damaged is found and mended, and all of it is backed up."""

from app.upkeep.regular_tidying import RegularTidying

__all__ = ["RegularTidying"]
