"""KServe: a custom model in its model server, with one worker, without gRPC and without a line a request."""

import logging
import sys
from typing import Any

from kserve import Model, ModelServer

from benchmarks.peers.estimator import trained


class ExamScore(Model):  # type: ignore[misc]
    """The model, by the first version of KServe's protocol."""

    def load(self) -> bool:
        """Get ready."""
        self.pipeline = trained()
        self.ready = True
        return True

    def predict(self, payload: dict[str, Any], headers: dict[str, str] | None = None) -> dict[str, Any]:  # noqa: ARG002
        """Predict a score for each instance."""
        return {"predictions": self.pipeline.predict(payload["instances"]).tolist()}


if __name__ == "__main__":
    exam_score = ExamScore("exam-score")
    exam_score.load()
    server = ModelServer(http_port=int(sys.argv[1]), workers=1, enable_grpc=False, enable_latency_logging=False)
    for name in ("uvicorn.access", "kserve.trace"):
        logging.getLogger(name).disabled = True
    server.start([exam_score])
