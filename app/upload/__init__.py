"""Uploads: from a checkpoint that was downloaded elsewhere to a new version, checked whole before anything is stored."""

from app.upload.files import CHECKPOINTS, UploadBody, check_media_type
from app.upload.request import UploadQuery, UploadRequest, make_version

__all__ = ["CHECKPOINTS", "UploadBody", "UploadQuery", "UploadRequest", "check_media_type", "make_version"]
