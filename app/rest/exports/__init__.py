"""Exports: a version in formats that others read."""

from app.rest.exports.formats import EXPORTS
from app.rest.exports.request import ExportQuery, ExportRequest

__all__ = ["EXPORTS", "ExportQuery", "ExportRequest"]
