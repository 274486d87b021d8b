"""Every table and request that users have brought, kind by kind, comes out as they expect: right, or with a clear error.

The cases stand in `tests/support/cases.py`; those of the tutorial (kind 13) in `test_cases_of_the_tutorial.py`.
"""

import json

import pytest

from tests.support.cases import CASES, Case
from tests.support.server import Server

MAX_PROBLEM_BYTES = 16 * 1024


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind}-{case.name}")
def test_a_case_comes_out_as_expected(server: Server, case: Case) -> None:
    model = f"/models/case-{case.kind}-{CASES.index(case)}"
    for call in case.calls:
        headers = {"Accept": call.accept, **({"Content-Type": call.kind} if call.kind else {})}
        path = f"{model}/{call.path}" if call.path else model
        answer = server.client.request(call.method, path, content=call.body, headers=headers)
        assert answer.status_code == call.status, answer.text
        text = answer.text
        if "json" in answer.headers["content-type"]:
            text = json.dumps(answer.json(), ensure_ascii=False, separators=(",", ":"))
        for words in call.says:
            assert words in text
        for words in call.hides:
            assert words not in text
        if answer.status_code >= 400:
            problem = answer.json()
            assert len(answer.content) <= MAX_PROBLEM_BYTES
            assert len(problem["errors"]) <= 20
    if case.leaves_no_model:
        assert server.client.get(model).status_code == 404


def test_there_are_three_more_of_each_kind_than_were_brought() -> None:
    brought = {4: 2, 5: 3, 6: 4, 7: 4, 8: 5, 9: 3, 10: 3, 11: 2, 12: 3, 14: 4, 15: 2, 16: 3, 17: 1}
    for kind, number in brought.items():
        assert sum(case.kind == kind for case in CASES) >= number + 3
