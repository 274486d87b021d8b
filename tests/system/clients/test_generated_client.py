"""A client that openapi-python-client generates from the running service's document trains and predicts."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.client_environments import ask_by, run_client
from tests.support.needs import needs
from tests.support.server import Server

GENERATOR = "openapi-python-client"

pytestmark = [pytest.mark.slow, needs(GENERATOR)]

ROWS = [{"hours_studied": 4, "hours_slept": 8}, {"hours_studied": 2, "hours_slept": 6}]


def test_it_trains_and_predicts(server: Server, tmp_path: Path) -> None:
    url = str(server.client.base_url).rstrip("/")
    options = ["--url", f"{url}/openapi.json", "--meta", "none", "--output-path", str(tmp_path / "scorecast_api")]

    said = run_client(GENERATOR, "-m", "openapi_python_client", "generate", *options)
    told: dict[str, Any] = ask_by(GENERATOR, "generated_client", url, path=tmp_path)

    assert "will not be generated" not in said, said
    assert told["status"] == "succeeded"
    assert told["models"]
    expected = server.client.post(f"/models/exam-score/versions/{told['model_version']}/predict", json={"rows": ROWS})
    assert told["predictions"] == expected.json()["predictions"]
