"""MLServer: its scikit-learn runtime, in the server's own process, without access log."""

import json
import subprocess
import sys
from pathlib import Path

import joblib

from benchmarks.peers.estimator import trained


def settings(port: int) -> dict[str, object]:
    """Return the server's: by default an inference would go to another process and back, which costs small models more."""
    return {"debug": False, "parallel_workers": 0, "http_port": port, "grpc_port": port + 1, "metrics_port": port + 2}


if __name__ == "__main__":
    about = {
        "name": "exam-score",
        "implementation": "mlserver_sklearn.SKLearnModel",
        "parameters": {"uri": "./it.joblib"},
    }
    joblib.dump(trained(), "it.joblib")
    Path("settings.json").write_text(json.dumps(settings(int(sys.argv[1]))))
    Path("model-settings.json").write_text(json.dumps(about))
    subprocess.run([Path(sys.executable).with_name("mlserver"), "start", "."], check=True)
