"""The formats that a version is exported in."""

from collections.abc import Callable
from typing import NamedTuple

from app.errors import MissingExtra, NotAcceptable
from app.extras import needs_extra
from app.rest.exports.request import ExportFormat, ExportRequest
from app.rest.exports.text import to_text


class Export(NamedTuple):
    """One format."""

    media_type: str
    suffix: str
    write: Callable[[ExportRequest], bytes] | None
    """None: the file is the one that was published, to the byte, since its digest is told with the version."""


def _write_onnx(asked: ExportRequest) -> bytes:
    """Return a graph that answers as the service does. Raises `NotAcceptable` where its packages are not installed."""
    try:
        with needs_extra("onnx", "an export as ONNX"):
            from model.onnx import OnnxOptions, to_onnx  # noqa: PLC0415 - the core does without
    except MissingExtra as error:
        raise NotAcceptable(str(error)) from error
    options = OnnxOptions(asked.model_name, asked.model_version, asked.query.coverage, asked.query.precision)
    return to_onnx(asked.checkpoint.predictor, options)


EXPORTS: dict[ExportFormat, Export] = {
    "safetensors": Export("application/octet-stream", "safetensors", None),
    "onnx": Export("application/octet-stream", "onnx", _write_onnx),
    "txt": Export("application/zip", "zip", lambda asked: to_text(asked.checkpoint)),
}
