"""Names of columns: composed in one way or another, with blanks around them, in every form that a table comes in."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from app.registry import BUILT_IN, Declaration, Registry
from app.store import open_store
from model.table import Column, Signature
from tests.support.forms import XLSX, as_csv, as_json, as_xlsx, lines
from tests.support.server import Server

COMPOSED, APART = "gr\u00f6\u00dfe", "gro\u0308\u00dfe"
QUICK = "members=1&max_epochs=5"

Rows = list[dict[str, Any]]


def by_column(rows: Rows) -> tuple[str, bytes]:
    return as_json({name: [row[name] for row in rows] for name in rows[0]})


def in_lists(rows: Rows) -> tuple[str, bytes]:
    return as_json({"columns": list(rows[0]), "data": [list(row.values()) for row in rows]})


FORMS: dict[str, Callable[[Rows], tuple[str, bytes]]] = {
    "csv": lambda rows: ("text/csv", as_csv(rows)),
    "json": as_json,
    "columns": by_column,
    "lists": in_lists,
    "lines": lambda rows: ("application/x-ndjson", lines(rows)),
    "workbook": lambda rows: (XLSX, as_xlsx(rows)),
}


def make_rows(name: str, target: str = "preis") -> Rows:
    return [{name: row % 7, "b": row % 3, target: row % 7 * 2 + row % 3} for row in range(21)]


def post(server: Server, path: str, form: tuple[str, bytes], accept: str = "application/json") -> httpx.Response:
    kind, body = form
    return server.client.post(f"/models/{path}", content=body, headers={"Content-Type": kind, "Accept": accept})


def train(server: Server, path: str, form: tuple[str, bytes]) -> dict[str, Any]:
    answer = post(server, f"{path}&{QUICK}", form)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def names(server: Server, model: str) -> list[str]:
    found = server.client.get(f"/models/{model}").json()
    return [column["name"] for column in [*found["features"], *found["targets"]]]


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize(
    "written", [APART, COMPOSED, f" {APART} ", f"\u00a0{COMPOSED}\u00a0", f"{COMPOSED}\u200b", f"\ufeff{APART}"]
)
def test_a_name_is_one_name_however_it_is_written(
    server: Server, form: Callable[[Rows], tuple[str, bytes]], written: str
) -> None:
    rows = make_rows(written)
    version = train(server, "names/train?targets=preis", form(rows))["model_version"]
    declared = names(server, "names")
    expected = post(server, "names/predict", as_json([{COMPOSED: 3, "b": 1}])).json()
    answered = post(server, "names/predict", form([{written: 3, "b": 1}])).json()
    as_table = post(server, "names/predict", form([{written: 3, "b": 1}]), "text/csv").text
    evaluated = post(server, f"names/versions/{version}/evaluate", form(rows)).json()
    again = train(server, "names/train?targets=preis", form(make_rows(COMPOSED)))
    server.client.delete("/models/names")

    assert declared == [COMPOSED, "b", "preis"]
    assert answered["predictions"] == expected["predictions"]
    assert as_table.startswith(f"{COMPOSED},b,preis,")
    assert evaluated["rows"] == 21
    assert again["model_version"] == version + 1


@pytest.mark.parametrize("target", [APART, COMPOSED])
def test_the_query_means_the_same_names(server: Server, target: str) -> None:
    rows = [{**row, "id": f"r{number}"} for number, row in enumerate(make_rows("b\u00e9", APART))]
    for query in (f"targets={target}&ignore=id", f"targets={target}&features=be\u0301,b&categories=be\u0301"):
        name, _, chosen = query.partition("=")
        train(server, f"query-names/train?{name}={quote(chosen, safe='=&,')}", as_json(rows))
        assert names(server, "query-names")[-1] == COMPOSED
        assert post(server, f"query-names/predict?ignore=id,{quote(target)}", as_json(rows)).status_code == 200
        server.client.delete("/models/query-names")


def test_a_declared_model_has_composed_names_too(server: Server) -> None:
    body = {"features": [{"name": f" {APART}"}, {"name": "b"}], "targets": [{"name": "preis"}]}
    assert server.client.put("/models/declared-names", json=body).status_code == 200
    train(server, "declared-names/train?seed=1", as_json(make_rows(APART)))

    assert names(server, "declared-names") == [COMPOSED, "b", "preis"]


def test_rows_may_write_a_name_in_different_ways_but_not_one_row(server: Server) -> None:
    rows = make_rows(COMPOSED)[:10] + make_rows(APART)[10:]
    train(server, "mixed-names/train?targets=preis", as_json(rows))
    single = post(server, "mixed-names/predict", as_json({APART: 3, "b": 1})).json()
    assert set(single["prediction"]) == {"preis"}

    for form in (as_json([{COMPOSED: 1, APART: 2, "b": 1}]), as_json({COMPOSED: 1, APART: 2, "b": 1})):
        answer = post(server, "mixed-names/predict", form)
        assert answer.status_code == 422
        assert answer.json()["detail"] == f"two columns of the table are called '{COMPOSED}'"


def test_a_model_that_was_declared_with_other_spellings_keeps_them(server: Server) -> None:
    signature = Signature((Column(APART), Column("b")), (Column(f"{APART} y"),))
    Registry(open_store(str(server.store)), BUILT_IN).declare("old-names", Declaration(signature))
    for written in (APART, COMPOSED):
        query = f"targets={quote(written)}%20y&features={quote(written)},b"
        rows = [{**row, "id": 1} for row in make_rows(written, f"{written} y")]
        train(server, f"old-names/train?{query}", as_json(rows))
        assert post(server, "old-names/predict?ignore=id", as_json(rows)).status_code == 200
    extended = train(server, "old-names/train?extend=true", as_json(make_rows(COMPOSED, f"{COMPOSED} y")))
    said = [post(server, "old-names/predict", as_json({name: 3, "b": 1})).json() for name in (APART, COMPOSED)]
    table = post(server, "old-names/predict", FORMS["csv"]([{COMPOSED: 3, "b": 1}]), "text/csv").text

    assert extended["rows"] == 42
    assert names(server, "old-names") == [APART, "b", f"{APART} y"]
    assert said[0] == said[1]
    assert list(said[0]["prediction"]) == [f"{APART} y"]
    assert table.startswith(f"{APART},b,{APART} y,")
