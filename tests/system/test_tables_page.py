"""The page on tables: its commands, pasted into a shell, work, and forms that ask the same are answered the same."""

import subprocess
import sys
from pathlib import Path

from tests.conftest import StartServer
from tests.support.pages import ADDRESS, blocks, json_lines, run

PAGE = (Path(__file__).parents[2] / "docs" / "tables.md").read_text()
FORMS = PAGE.partition("## Forms")[2].partition("\n## ")[0]


def test_the_forms_work_as_pasted(start_server: StartServer, tmp_path: Path) -> None:
    address = str(start_server().client.base_url).rstrip("/")
    trained, layouts, lines, form, workbook, by_column = [
        json_lines(run(shell, address, tmp_path)) for shell in blocks(FORMS, "sh")
    ]

    assert trained[0]["status"] == by_column[0]["status"] == "succeeded"
    assert trained[0]["rows"] == by_column[0]["rows"] == 5
    assert len(layouts) == 4
    assert all(answer == layouts[0] for answer in [*layouts, *lines])
    assert len(layouts[0]["predictions"]) == 2
    assert len(form[0]["predictions"]) == 5
    assert workbook[0] == form[0]


def test_a_data_frame_is_sent_and_comes_back_as_written(start_server: StartServer) -> None:
    address = str(start_server().client.base_url).rstrip("/")
    (program,) = blocks(FORMS, "python")

    done = subprocess.run(
        [sys.executable, "-c", program.replace(ADDRESS, address)], capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[:4] == ["width", "height", "price", "price_predicted"]
    assert len(done.stdout.splitlines()) == 6
