"""Tables and calls as people have sent them, and fell short with: what is asked, and what must be answered."""

import json
from typing import Any

import httpx
import pytest

from tests.support.forms import XLSX, as_csv, as_json, as_xlsx, lines, pack
from tests.support.server import Server

CSV = "text/csv"
QUICK = "members=1&max_epochs=5"
SHOPS = [{"shop": row % 3 + 1, "week": row, "sales": row + 5 * (row % 3)} for row in range(20)]
GAPS = [{**row, "week": None if row["week"] == 3 else row["week"]} for row in SHOPS]
WITH_IDS = [{"week": row["week"], "id": f"r{row['week']}", "shop": row["shop"]} for row in SHOPS[:3]]
WITHOUT_PARTS = pack({"xl/workbook.xml": b"<workbook/>"})
"""A workbook that lacks what says where its sheets are."""


def post(server: Server, path: str, kind: str, body: bytes, **headers: str) -> httpx.Response:
    return server.client.post(f"/models/{path}", content=body, headers={"Content-Type": kind, **headers})


def train(server: Server, name: str, rows: Any, query: str) -> httpx.Response:
    answer = post(server, f"{name}/train?{query}&{QUICK}", CSV, as_csv(rows))
    assert answer.status_code == 200, answer.text
    return answer


@pytest.fixture(scope="module")
def shops(server: Server) -> str:
    train(server, "cases-shops", SHOPS, "targets=sales")
    return "cases-shops"


@pytest.fixture(scope="module")
def gaps(server: Server) -> str:
    train(server, "cases-gaps", GAPS, "targets=sales&missing=mean")
    return "cases-gaps"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("categories=shop", "its column 'shop' holds numbers, not categories"),
        ("missing=mean", "it was declared without missing=mean"),
        ("features=week", "its features are shop, week"),
        ("ignore=shop", "it reads column 'shop', so that cannot be ignored"),
        ("targets=week", "predicts sales"),
    ],
)
def test_an_option_that_a_declared_model_contradicts_is_refused(
    server: Server, shops: str, query: str, words: str
) -> None:
    before = server.client.get(f"/models/{shops}").json()
    for kind, body in ((CSV, as_csv(SHOPS)), as_json(SHOPS)):
        answer = post(
            server, f"{shops}/train?targets=sales&{query}".replace("targets=sales&targets", "targets"), kind, body
        )

        assert answer.status_code == 409
        assert words in answer.json()["detail"]
        assert "targets" in query or f"PUT /models/{shops} changes" in answer.json()["detail"]
    assert server.client.get(f"/models/{shops}").json() == before


def test_gaps_that_were_declared_to_be_filled_cannot_be_refused_later(server: Server, gaps: str) -> None:
    answer = post(server, f"{gaps}/train?missing=refuse", CSV, as_csv(SHOPS))

    assert answer.status_code == 409
    assert "it was declared with missing=mean" in answer.json()["detail"]


@pytest.mark.parametrize("query", ["categories=", "missing=refuse", "features=week,shop", "targets=sales&ignore="])
def test_an_option_that_a_declared_model_agrees_with_is_no_mistake(server: Server, query: str) -> None:
    train(server, "cases-agreed", SHOPS, "targets=sales")
    train(server, "cases-agreed", SHOPS, query)


def test_json_declares_and_leaves_out_as_csv_does(server: Server, shops: str) -> None:
    for number, value in enumerate(({"rows": SHOPS}, SHOPS, {"rows": SHOPS, "seed": 1})):
        answer = post(server, f"cases-json-{number}/train?targets=sales&{QUICK}", *as_json(value))
        assert answer.status_code == 200, answer.text
    assert len(post(server, f"{shops}/predict?ignore=id", *as_json(WITH_IDS)).json()["predictions"]) == 3
    assert "?ignore=id leaves it out" in post(server, f"{shops}/predict", *as_json(WITH_IDS)).json()["detail"]
    single = post(server, f"{shops}/predict?ignore=id", *as_json(WITH_IDS[0])).json()
    assert set(single["prediction"]) == {"sales"}
    assert post(server, f"{shops}/predict", *as_json({**WITH_IDS[0], "id": 7})).status_code == 422
    assert post(server, f"{shops}/predict", *as_json(SHOPS[0])).status_code == 200


def test_json_declares_categories_and_gaps_as_csv_does(server: Server) -> None:
    rows = [{name: row[name] for name in row if row[name] is not None} for row in GAPS]
    answer = post(server, f"cases-json-gaps/train?targets=sales&categories=shop&missing=mean&{QUICK}", *as_json(rows))

    assert answer.status_code == 200, answer.text
    shop, week = server.client.get("/models/cases-json-gaps").json()["features"]
    assert shop["categories"] == ["1", "2", "3"]
    assert week["may_be_missing"]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_what_json_has_for_a_missing_value_is_said(server: Server, gaps: str, value: float) -> None:
    for rows in ({"shop": 1, "week": value}, [{"shop": 1, "week": value}], {"shop": [1], "week": [value]}):
        detail = post(server, f"{gaps}/predict", *as_json(rows)).json()["detail"]
        assert detail.endswith("'week': should be a finite number; null stands for a missing value")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("targets=sales&targets=week", "query parameter 'targets' is given twice"),
        ("targets=sales&categories=shop&categories=week", "query parameter 'categories' is given twice"),
        ("targets=sales&features=wek,shop", "the table has no column 'wek'"),
        ("targets=sales&categories=shp", "the table has no column 'shp'"),
        ("targets=sales&ignore=shp", "the table has no column 'shp' to leave out"),
        ("targets=price", "the table has no column 'price'"),
        ("target=sales", "query parameter 'target' is not known; did you mean 'targets'?"),
        ("targets=sales&ignore=sales", "column 'sales' is named by query parameter 'targets' and by 'ignore'"),
        ("targets=sales&features=week&ignore=week", "column 'week' is named by query parameter 'features'"),
        ("targets=sales&missing=median", "query parameter 'missing': should be 'refuse' or 'mean'"),
        ("targets=sales&max_epochs=0", "query parameter 'max_epochs': should be greater than"),
        ("targets=sales&hidden_layers=0", "query parameter 'hidden_layers': should be greater than"),
        ("targets=sales&sheet=x", "query parameter 'sheet' is for .xlsx workbooks"),
    ],
)
def test_a_wrong_query_parameter_is_named_and_declares_nothing(server: Server, query: str, words: str) -> None:
    for kind, body in ((CSV, as_csv(SHOPS)), as_json({"rows": SHOPS})):
        answer = post(server, f"cases-query/train?{query}", kind, body)

        assert answer.status_code == 422
        assert words in answer.json()["errors"][0]["detail"]
        assert answer.json()["errors"][0]["pointer"] == ""
    assert server.client.get("/models/cases-query").status_code == 404


def test_a_coverage_in_the_query_and_in_the_body_is_refused(server: Server, shops: str) -> None:
    for path in ("predict", "versions/1/evaluate"):
        answer = post(server, f"{shops}/{path}?coverage=0.5", *as_json({"rows": SHOPS, "coverage": 0.9}))
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["detail"] == "'coverage' is given in the body and in the query: give it once"


def test_a_name_with_a_comma_is_chosen_in_quotes(server: Server) -> None:
    rows = [{"a, b": row, "id": 7 * row % 5, "y": row} for row in range(12)]

    train(server, "cases-comma", rows, 'targets=y&features="a, b"')
    assert [column["name"] for column in server.client.get("/models/cases-comma").json()["features"]] == ["a, b"]


@pytest.mark.parametrize(
    ("names", "targets", "expected"),
    [
        (["extrapolated", "b"], "y", ["extrapolated", "b", "y", "y_lower", "y_upper", "extrapolated_predicted"]),
        (["y_lower", "b"], "y", ["y_lower", "b", "y", "y_lower_predicted", "y_upper", "extrapolated"]),
        (["y_lower", "y_lower_predicted"], "y", ["y_lower", "y_lower_predicted", "y", "y_lower_predicted_predicted", "y_upper", "extrapolated"]),
        (["b"], "a,a_lower", ["b", "a", "a_lower_predicted", "a_upper", "a_lower", "a_lower_lower", "a_lower_upper", "extrapolated"]),
    ],
)  # fmt: skip
def test_no_column_of_an_answer_replaces_another(
    server: Server, names: list[str], targets: str, expected: list[str]
) -> None:
    model = f"cases-names-{len(expected)}-{names[0].replace('_', '-')}-{names[-1].replace('_', '-')}"
    rows = [
        {name: (row * 7 + place * 3) % 11 for place, name in enumerate([*names, *targets.split(",")])}
        for row in range(20)
    ]
    train(server, model, rows, f"targets={targets}")
    asked = [{name: 70 + place for place, name in enumerate(names)}]

    header, line, *_ = post(server, f"{model}/predict", CSV, as_csv(asked)).text.splitlines()

    assert header.split(",") == expected
    assert line.split(",")[: len(names)] == [str(70 + place) for place in range(len(names))]


def test_probabilities_do_not_replace_a_column_either(server: Server) -> None:
    rows = [{"kind_a": row, "kind": "ab"[row % 2]} for row in range(20)]
    train(server, "cases-classes", rows, "targets=kind")

    header = post(server, "cases-classes/predict", CSV, as_csv(rows[:1])).text.splitlines()[0]
    assert header == "kind_a,kind,kind_predicted,kind_a_predicted,kind_b,extrapolated"


@pytest.mark.parametrize("kind", [CSV, "application/json", "application/x-ndjson"])
def test_answers_can_be_joined_by_what_was_sent(server: Server, shops: str, kind: str) -> None:
    rows = [{"note": 'a, "b"', **row, "when": "2024-01-01"} for row in WITH_IDS]
    body = {CSV: as_csv, "application/json": lambda rows: json.dumps(rows).encode(), "application/x-ndjson": lines}[
        kind
    ](rows)

    answer = post(server, f"{shops}/predict?ignore=id,note,when&coverage=null", kind, body, Accept=CSV)

    assert answer.text.splitlines()[0] == "note,week,id,shop,when,sales,extrapolated"
    assert answer.text.splitlines()[1].startswith('"a, ""b""",0,r0,1,2024-01-01,')


@pytest.mark.parametrize(
    ("kind", "body", "status", "words"),
    [
        (CSV, b"1,2,price4,5,67,8,9", 400, "the table is a single line: with curl send it by --data-binary"),
        (CSV, as_csv(SHOPS).replace(b"\r\n", b""), 400, "the table is a single line: with curl send it by --data-binary"),
        (CSV, b"a,b,price", 422, "a header, but no rows; if its file has more lines, send it by curl --data-binary"),
        (CSV, as_xlsx(SHOPS), 400, "send .xlsx with Content-Type: application/vnd."),
        (CSV, b"<?xml version='1.0'?><a/>", 400, "the body is no CSV but XML"),
        (CSV, json.dumps({"rows": SHOPS}).encode(), 400, "the body is no CSV but JSON: send it with Content-Type: application/json"),
        (CSV, lines(SHOPS), 400, "x-ndjson if each line is an object"),
        (CSV, b"width price\n1 2\n3 4\n", 422, "it has 'width price', of cells separated by commas, semicolons, tabs or |"),
        (XLSX, WITHOUT_PARTS, 400, "the workbook cannot be read (Cannot detect file format): open it in a spreadsheet"),
        (CSV, b"PAR1\0\0", 400, "the body is no CSV but a Parquet file"),
        (XLSX, as_csv(SHOPS), 400, "the body is no .xlsx workbook: save it as .xlsx, or send a CSV"),
        ("application/json", as_csv(SHOPS), 400, "; a CSV needs Content-Type: text/csv"),
        ("application/json", lines(SHOPS), 400, "if each line is an object, send it with Content-Type: application/x-ndjson"),
        ("application/x-www-form-urlencoded", as_csv(SHOPS), 415, "-F file=@table.csv"),
        ("", as_csv(SHOPS), 415, "a body without Content-Type is not read here"),
        ("text/csv; charset=klingon", as_csv(SHOPS), 415, "the charset 'klingon' is not known"),
        ("text/csv; charset=cp037", as_csv(SHOPS), 415, "the charset 'cp037' is not known"),
        ("text/csv; charset=utf-7", as_csv(SHOPS), 415, "the charset 'utf-7' is not known"),
        ("text/csv; charset=unicode_escape", as_csv(SHOPS), 415, "the charset 'unicode_escape' is not known"),
        (CSV, "größe,price\n1,2\n".encode("cp1252"), 400, "such as Content-Type: text/csv; charset=windows-1252"),
    ],
)  # fmt: skip
def test_what_is_sent_by_mistake_is_recognised(server: Server, kind: str, body: bytes, status: int, words: str) -> None:
    answer = post(server, "cases-mistake/train?targets=price", kind, body)

    assert answer.status_code == status
    assert words in answer.json()["detail"]
    assert server.client.get("/models/cases-mistake").status_code == 404


def test_a_table_without_header_is_recognised(server: Server, shops: str) -> None:
    body = b"1,2,3\n4,5,6\n7,8,9.5\n"
    hint = "its first line holds numbers only, but is taken for the header: write the names of the columns above it"

    for path in ("cases-headless/train?targets=price", f"{shops}/predict", f"{shops}/train?features=week"):
        for kind, sent in ((CSV, body), (XLSX, as_xlsx([{"1": 4, "2": 5, "3": 6}]))):
            assert hint in post(server, path, kind, sent).json()["detail"]
    assert (
        "it has 'shop', 'week', 'sales'" in post(server, "cases-headless/train?targets=price", CSV, as_csv(SHOPS)).text
    )


def test_a_declared_charset_is_read(server: Server) -> None:
    body = "größe;preis\n" + "".join(f"{row};{row}\n" for row in range(12))

    answer = post(
        server, f"cases-charset/train?targets=preis&{QUICK}", "text/csv; charset=windows-1252", body.encode("cp1252")
    )

    assert answer.status_code == 200, answer.text
    assert server.client.get("/models/cases-charset").json()["features"][0]["name"] == "größe"


@pytest.mark.parametrize("word", ["first line\nsecond", "tab\there", "ends with a blank\u00a0", "zero\u200bwidth"])
def test_words_of_any_characters_are_learned_from(server: Server, word: str) -> None:
    rows = [{"note": f"{row % 2}{word}", "b": row, "y": 2 * row} for row in range(20)]

    answer = post(server, f"cases-words/train?targets=y&{QUICK}", *as_json(rows))

    assert answer.status_code == 200, answer.text
    assert post(server, "cases-words/predict", *as_json(rows)).status_code == 200
    server.client.delete("/models/cases-words")


def test_a_name_of_two_lines_is_one_line(server: Server) -> None:
    rows = [{"living\narea": row, "y": 2 * row} for row in range(12)]
    train(server, "cases-two-lines", rows, "targets=y")

    assert server.client.get("/models/cases-two-lines").json()["features"][0]["name"] == "living area"


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("targets=y&trainer=gradient_descent&learning_rate=1e308&output_activation=identity", SHOPS),
        ("targets=y&hidden_layers=4096,4096,4096,4096,4096,4096,4096,4096", SHOPS),
        ("targets=y&scaling=standard&trainer=gradient_descent", SHOPS),
        ("targets=y", [*SHOPS[:5], {**SHOPS[5], "week": "x"}]),
        ("targets=y,shop&categories=shop", SHOPS),
        ("targets=y", [{"rows": row["week"], "sales": row["sales"]} for row in SHOPS]),
    ],
)
def test_a_first_training_that_fails_leaves_no_model_behind(server: Server, query: str, rows: Any) -> None:
    body = as_csv([{**{name: row[name] for name in row if name != "sales"}, "y": row["sales"]} for row in rows])

    answer = post(server, f"cases-failing/train?{query}", CSV, body)

    assert answer.status_code == 422, answer.text
    assert server.client.get("/models/cases-failing").status_code == 404
    assert "cases-failing" not in server.client.get("/models?limit=1000").text


def test_a_first_training_that_is_cancelled_leaves_no_model_behind_and_the_next_declares_anew(server: Server) -> None:
    long = "trainer=gradient_descent&max_epochs=10000000&learning_rate=1e-9&patience=null"
    answer = post(server, f"cases-cancelled/train?targets=sales&{long}", CSV, as_csv(SHOPS), Prefer="respond-async")
    assert answer.status_code == 202, answer.text
    job = answer.json()["job_id"]
    server.wait_for(job, "running")
    server.client.post(f"/jobs/{job}/cancel")
    server.wait_for(job, "cancelled")

    assert server.client.get("/models/cases-cancelled").status_code == 404
    train(server, "cases-cancelled", SHOPS, "targets=week")
    assert server.client.get("/models/cases-cancelled").json()["targets"][0]["name"] == "week"


def test_of_two_first_trainings_with_other_columns_the_later_fails(server: Server) -> None:
    long = "trainer=gradient_descent&max_epochs=3000&patience=null"
    first = post(server, f"cases-race/train?targets=sales&{long}", CSV, as_csv(SHOPS), Prefer="respond-async")
    second = post(server, f"cases-race/train?targets=week&{QUICK}", CSV, as_csv(SHOPS), Prefer="respond-async")

    server.wait_for(first.json()["job_id"], "succeeded")
    failed = server.wait_for(second.json()["job_id"], "failed")
    assert failed["error"]["status"] == 409
    assert "declared with other columns meanwhile" in failed["error"]["detail"]
    assert server.client.get("/models/cases-race").json()["versions"] == 1
