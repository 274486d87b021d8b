"""The page on tables: its commands, pasted into a shell, work, and forms that ask the same are answered the same."""

from pathlib import Path

from tests.conftest import StartServer
from tests.support.pages import blocks, json_lines, run

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
