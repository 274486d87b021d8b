"""LitServe: one worker, one API server, its fast queue, and without log."""

import sys
from typing import Any

import litserve
from sklearn.pipeline import Pipeline

from benchmarks.peers.estimator import trained


class ExamScore(litserve.LitAPI):  # type: ignore[misc]
    """The model, as LitServe asks for it."""

    def setup(self, device: str) -> None:  # noqa: ARG002
        """Get ready."""
        self.pipeline: Pipeline = trained()

    def decode_request(self, request: dict[str, float]) -> list[float]:
        """Return the row."""
        return [request["hours_studied"], request["hours_slept"]]

    def predict(self, row: list[float]) -> float:
        """Predict a score."""
        return float(self.pipeline.predict([row])[0])

    def encode_response(self, score: float) -> dict[str, Any]:
        """Return what is answered."""
        return {"score": score}


if __name__ == "__main__":
    server = litserve.LitServer(ExamScore(), accelerator="cpu", workers_per_device=1, fast_queue=True)
    quiet = {"log_level": "warning", "access_log": False, "generate_client_file": False}
    server.run(port=int(sys.argv[1]), num_api_servers=1, **quiet)
