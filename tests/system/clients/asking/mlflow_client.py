"""MLflow's client of its scoring server: `python mlflow_client.py HOST PORT`."""

import json
import sys

import numpy as np
import pandas as pd
from mlflow.pyfunc.scoring_server.client import ScoringServerClient

ROWS = [[4.0, 8.0], [2.0, 6.0]]


def main(host: str, port: str) -> None:
    """Ask, and write what was told."""
    client = ScoringServerClient(host, int(port))
    client.wait_server_ready(30)
    frame = pd.DataFrame(ROWS, columns=["hours_studied", "hours_slept"])
    told = {
        "version": client.get_version(),
        "frame": client.invoke(frame).get_predictions().to_dict("list"),
        "array": client.invoke(np.array(ROWS)).get_predictions().to_dict("list"),
        "list": client.invoke(frame.to_dict("records")).get_predictions().to_dict("list"),
        "intervals": client.invoke(frame, params={"coverage": 0.8}).get_predictions().to_dict("list"),
    }
    try:
        client.invoke(frame.drop(columns="hours_slept"))
    except Exception as error:
        told["refused"] = str(error)
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
