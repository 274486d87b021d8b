"""Whatever has been done to a checkpoint that is uploaded, it is refused, or published and served: no answer is a 5xx."""

import json
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from tests.support.problems import problem
from tests.support.server import Server
from tests.unit.app.rest.routes.test_uploads import HOUSE, ODD_HOUSE, upload
from tests.unit.model.checkpoint.test_foreign import FILES, make_changed

CSV = {"Content-Type": "text/csv"}
REFUSALS = {400, 409, 413, 422}


def ask_everything(server: Server, name: str) -> None:
    """Ask all that there is to ask of a model; nothing may go wrong on the server's side."""
    model = server.client.get(f"/models/{name}").json()
    rows: list[dict[str, Any]] = [
        HOUSE,
        ODD_HOUSE,
        {each["name"]: 1e300 if each["kind"] == "number" else "" for each in model["features"]},
    ]
    rows += [_row(model["features"]), dict.fromkeys(_row(model["features"]))]
    bodies = [*rows, {"rows": rows[:2]}, {"rows": rows[3:4], "coverage": 0.999999}]
    for body in bodies:
        _check(server.client.post(f"/models/{name}/predict", json=body))
        _check(server.client.post(f"/models/{name}/versions/1/activations", json=body))
    table = ",".join(json.dumps(each) for each in rows[3]) + "\n" + ",".join(map(str, rows[3].values())) + "\n"
    _check(server.client.post(f"/models/{name}/predict", content=table.encode(), headers=CSV))
    _check(server.client.post(f"/models/{name}/versions/1/evaluate", json={"rows": rows[:1]}))
    for path in ("row-schema", "versions", "versions/1", "versions/1/network", "versions/1/export?format=txt"):
        _check(server.client.get(f"/models/{name}/{path}"))
    _check(server.client.get(f"/v2/models/{name}"))


def _row(columns: list[dict[str, Any]]) -> dict[str, Any]:
    cells = {"number": 1.5, "date": "2024-01-31"}
    return {each["name"]: each["categories"][0] if each["categories"] else cells[each["kind"]] for each in columns}


def _check(answer: Any) -> None:
    assert answer.status_code < 500, f"{answer.request.method} {answer.request.url}: {answer.text[:500]}"
    if answer.is_success and "json" in answer.headers["content-type"]:
        json.loads(answer.content, parse_constant=pytest.fail)


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
@given(data=st.data())
def test_whatever_is_uploaded_is_refused_or_served(server: Server, name: str, data: st.DataObject) -> None:
    answer = upload(server, "hostile", make_changed(name, data))
    event(f"answered {answer.status_code}")
    if answer.status_code != 201:
        assert answer.status_code in REFUSALS, answer.text
        problem(answer, answer.status_code)
        return
    try:
        ask_everything(server, "hostile")
    finally:
        server.client.delete("/models/hostile")
