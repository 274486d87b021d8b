"""The page on questions: its commands, pasted into a shell, work, and are answered with what it says."""

from pathlib import Path

from tests.conftest import StartServer
from tests.support.pages import blocks, json_lines, run

PAGE = (Path(__file__).parents[2] / "docs" / "questions.md").read_text()


def test_the_commands_work_as_pasted(start_server: StartServer, tmp_path: Path) -> None:
    address = str(start_server().client.base_url).rstrip("/")
    _, one, many, table = [run(shell, address, tmp_path) for shell in blocks(PAGE, "sh")]

    answer, answers = json_lines(one)[0], json_lines(many)[0]
    assert list(answer["interval"]["score"]) == ["0.5", "0.95"]
    assert list(answer["above"]["score"]) == ["90"]
    assert answers["quantiles"][0] == answer["quantiles"]
    assert "intervals" not in answers
    assert 0 < answer["between"]["score"] + answer["above"]["score"]["90"] <= 1
    header = "hours_studied,hours_slept,score,score_lower,score_upper,score_q0.1,score_q0.9,score_above_90,extrapolated"
    assert table.splitlines()[0] == header
    assert len(table.splitlines()) == 3
