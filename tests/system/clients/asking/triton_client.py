"""Triton's client: `python triton_client.py HOST:PORT`."""

import json
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput
from tritonclient.utils import InferenceServerException

ROWS = np.array([[4.0, 8.0], [2.0, 6.0]])


def features(*, is_binary: bool = True, kind: str = "FP64") -> list[Any]:
    tensor = InferInput("features", ROWS.shape, kind)
    rows = ROWS.astype(np.float32 if kind == "FP32" else np.float64)
    tensor.set_data_from_numpy(rows, binary_data=is_binary)
    return [tensor]


def scores(answer: Any) -> list[float]:
    found: list[float] = answer.as_numpy("score").tolist()
    return found


def ask_in_every_way(client: Any) -> dict[str, list[float]]:
    """Return the scores that are answered whichever way is asked."""
    text = [InferRequestedOutput("score", binary_data=False)]
    ways: dict[str, dict[str, Any]] = {
        "binary": {"inputs": features()},
        "binary, single precision": {"inputs": features(kind="FP32")},
        "JSON": {"inputs": features(is_binary=False), "outputs": text},
        "JSON in": {"inputs": features(is_binary=False)},
        "JSON out": {"inputs": features(), "outputs": text},
        "gzip": {"inputs": features(), "request_compression_algorithm": "gzip"},
        "deflate": {"inputs": features(), "request_compression_algorithm": "deflate"},
        "gzip back": {"inputs": features(), "response_compression_algorithm": "gzip"},
        "a version": {"inputs": features(), "model_version": "1"},
        "an id": {"inputs": features(), "request_id": "seven"},
    }
    answers = {name: scores(client.infer("exam-score", **asked)) for name, asked in ways.items()}
    return {**answers, "asynchronous": scores(client.async_infer("exam-score", features()).get_result())}


def ask_with_words(client: Any) -> dict[str, Any]:
    """Return what is answered where a feature, and where the target, is one of words."""
    wood = InferInput("wood", [2], "BYTES")
    wood.set_data_from_numpy(np.array(["oak", "pine"], dtype=object))
    width = InferInput("width", [2], "INT64")
    width.set_data_from_numpy(np.array([3, 4]))
    sides = InferInput("features", [2, 1], "FP64")
    sides.set_data_from_numpy(np.array([[1.0], [11.0]]))
    price = client.infer("wood", [wood, width]).as_numpy("price")
    side = client.infer("side", [sides]).as_numpy("side")
    return {"price": price.tolist(), "side": [word.decode() for word in side]}


def refused(ask: Callable[[], object]) -> dict[str, str]:
    try:
        ask()
    except InferenceServerException as error:
        return {"status": error.status(), "message": error.message()}
    raise AssertionError("it was not refused")


def main(address: str) -> None:
    """Ask, and write what was told."""
    client = InferenceServerClient(address, concurrency=2)
    whole = client.infer("exam-score", features(), request_id="seven", parameters={"coverage": 0.8})
    told = {
        "is_live": client.is_server_live(),
        "is_ready": client.is_server_ready(),
        "is_model_ready": client.is_model_ready("exam-score"),
        "is_nothing_ready": client.is_model_ready("nothing"),
        "server": client.get_server_metadata(),
        "model": client.get_model_metadata("exam-score"),
        "index": client.get_model_repository_index(),
        "answers": ask_in_every_way(client),
        "words": ask_with_words(client),
        "id": whole.get_response()["id"],
        "bounds": [whole.as_numpy(f"score_{side}").tolist() for side in ("lower", "upper")],
        "extrapolated": whole.as_numpy("extrapolated").tolist(),
        "unknown": refused(lambda: client.infer("nothing", features())),
        "wrong": refused(lambda: client.infer("exam-score", [InferInput("features", [2, 3], "FP64")])),
        "statistics": client.get_inference_statistics("exam-score", "1"),
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1])
