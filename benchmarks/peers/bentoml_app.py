"""BentoML: a service with one worker, without access log."""

import os
import subprocess
import sys
from pathlib import Path

import bentoml

from benchmarks.peers.estimator import trained


@bentoml.service(workers=1, logging={"access": {"enabled": False}})
class ExamScore:
    """The model, as BentoML asks for it."""

    def __init__(self) -> None:
        self.pipeline = trained()

    @bentoml.api  # type: ignore[untyped-decorator]
    def predict(self, hours_studied: float, hours_slept: float) -> float:
        """Predict a score."""
        return float(self.pipeline.predict([[hours_studied, hours_slept]])[0])


if __name__ == "__main__":
    program = Path(sys.executable).with_name("bentoml")
    alone = {"BENTOML_DO_NOT_TRACK": "True", "BENTOML_HOME": str(Path.cwd())}
    command = [str(program), "serve", "benchmarks.peers.bentoml_app:ExamScore", "--port", sys.argv[1]]
    subprocess.run(command, env={**os.environ, **alone}, check=True)
