"""Links: where an answer leads to, so that a client, or what tests the service, may follow it."""

from collections.abc import Mapping
from typing import Any

_JOB = {"job_id": "$response.body#/job_id"}
_VERSION = {"name": "$response.body#/model_name", "version": "$response.body#/model_version"}
_MODEL = {"name": "$response.body#/name"}

_OF_A_VERSION = (
    *("read_version", "delete_version", "predict_with_version", "evaluate_version", "export_version", "read_table"),
    *("read_network", "read_activations", "read_fit", "version_metadata", "version_ready", "infer_with_version"),
)
_ENDED = {"read_job": _JOB, "watch_job": _JOB, **dict.fromkeys(_OF_A_VERSION, _VERSION)}
_GOES_ON = {"read_job": _JOB, "watch_job": _JOB, "cancel_job": _JOB}

LINKS: Mapping[str, Mapping[str, Mapping[str, Mapping[str, str]]]] = {
    "train_exam_score": {"200": _ENDED, "202": _GOES_ON},
    "train": {"200": _ENDED, "202": _GOES_ON},
    "declare_model": {"200": {"read_model": _MODEL, "train": _MODEL, "delete_model": _MODEL}},
}
"""For each operation and status, the operations that its answer leads to, and what of it is their parameters."""


def add_links(operation: dict[str, Any]) -> None:
    """Add to an operation's answers where they lead to."""
    for status, links in LINKS.get(operation["operationId"], {}).items():
        operation["responses"][status]["links"] = {
            name: {"operationId": name, "parameters": dict(parameters)} for name, parameters in links.items()
        }
