"""MLflow: `mlflow models serve` in the environment that is there, with one worker, without access log."""

import os
import subprocess
import sys
from pathlib import Path

import mlflow.sklearn

from benchmarks.peers.estimator import trained

if __name__ == "__main__":
    mlflow.sklearn.save_model(trained(), "it")
    program = Path(sys.executable).with_name("mlflow")
    here = {"PATH": f"{program.parent}:{os.environ['PATH']}", "UVICORN_ACCESS_LOG": "false"}
    options = ["--env-manager", "local", "--workers", "1", "--port", sys.argv[1]]
    subprocess.run([program, "models", "serve", "-m", "it", *options], env={**os.environ, **here}, check=True)
