"""The page on protocols: its commands, pasted into a shell, work, and all protocols answer the same."""

import json
import subprocess
import sys
from pathlib import Path

from tests.conftest import StartServer
from tests.support.pages import ADDRESS, blocks, json_lines, run

PAGE = (Path(__file__).parents[2] / "docs" / "protocols.md").read_text()


def test_the_commands_work_as_pasted(start_server: StartServer, tmp_path: Path) -> None:
    address = str(start_server(mcp="true").client.base_url).rstrip("/")
    said = [run(shell, address, tmp_path) for shell in blocks(PAGE, "sh")]
    csv = said.pop(5)
    (trained,), (inferred,), (counted,), (predicted,), (invoked,), (explained,) = map(json_lines, said)

    assert trained["status"] == "succeeded"
    outputs = {each["name"]: each["data"] for each in inferred["outputs"]}
    assert set(outputs) == {"score", "score_lower", "score_upper", "extrapolated"}
    assert outputs["extrapolated"] == [True, False]
    assert [each["inference_count"] for each in counted["model_stats"]] == [2]
    assert predicted["predictions"] == outputs["score"]
    for name, values in outputs.items():
        assert [each[name] for each in invoked["predictions"]] == values
    assert [json.loads(line) for line in csv.split()] == outputs["score"]
    assert "above all training rows" in explained["result"]["structuredContent"]["extrapolated"][0]["explanation"]

    (lines,) = blocks(PAGE, "python")
    told = subprocess.run(
        [sys.executable, "-c", lines.replace(ADDRESS, address)], capture_output=True, text=True, check=True
    ).stdout
    assert f"{outputs['score'][0]:.6g}"[:5] in told
