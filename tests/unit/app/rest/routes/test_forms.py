"""The contract of all readers: the same table, in whatever form, is trained on, asked and judged alike."""

import csv
import io
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from python_calamine import CalamineWorkbook

from tests.support.forms import FORMS, FRAMES, XLSX, File, Form, Rows, as_csv, as_form, as_xlsx, lines
from tests.support.problems import errors, problem
from tests.support.server import Server

TABLE: Rows = [
    {
        "id": f"n{row}",
        "width": row + 0.5,
        "code": str(row % 2 + 1),
        "colour": ["red", "blue"][row % 2],
        "price": row * 3 + 1,
    }
    for row in range(12)
]
GAPS: Rows = [{**row, "width": None if place == 4 else row["width"]} for place, row in enumerate(TABLE)]
TRAIN = "train?targets=price&ignore=id&categories=code&missing=mean&members=1&max_epochs=5"

all_forms = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
untyped = {name: form for name, form in FORMS.items() if name not in FRAMES}


def post(server: Server, path: str, form: Form, **headers: str) -> httpx.Response:
    kind, body = form
    return server.client.post(f"/models/{path}", content=body, headers={"Content-Type": kind, **headers})


def train(server: Server, name: str, form: Form, query: str = TRAIN) -> Any:
    answer = post(server, f"{name}/{query}", form)
    assert answer.status_code == 200, answer.text
    return answer.json()


def rows_of(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.headers["content-type"].startswith("text/csv"), answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


def slug(form: Callable[[Rows], Form]) -> str:
    return next(name for name, known in FORMS.items() if known is form).replace(" ", "-")


@pytest.fixture(scope="module")
def reference(server: Server) -> str:
    """The name of a model that CSV has declared."""
    train(server, "forms-reference", FORMS["csv"](GAPS))
    return "forms-reference"


@all_forms
def test_a_table_declares_and_trains_the_same_model_in_each_form(
    server: Server, reference: str, form: Callable[[Rows], Form]
) -> None:
    name = f"forms-{slug(form)}"
    trained = train(server, name, form(GAPS))

    model, other = (server.client.get(f"/models/{each}").json() for each in (name, reference))
    for member in ("features", "targets", "network", "trainer"):
        assert model[member] == other[member]
    assert [column["name"] for column in model["features"]] == ["width", "code", "colour"]
    sent = FORMS["csv"](GAPS)
    ours, theirs = (rows_of(post(server, f"{each}/predict?ignore=id", sent)) for each in (name, reference))
    assert ours == theirs
    assert trained["rows"] == len(GAPS)


@all_forms
def test_a_table_is_answered_and_judged_the_same_in_each_form(
    server: Server, reference: str, form: Callable[[Rows], Form]
) -> None:
    path = f"{reference}/predict?ignore=id&coverage=0.8"
    answer, expected = (post(server, path, each(GAPS), Accept="application/json") for each in (form, FORMS["csv"]))
    assert answer.status_code == 200, answer.text
    assert answer.json() == expected.json()
    assert len(answer.json()["predictions"]) == len(GAPS)

    path = f"{reference}/versions/1/evaluate?ignore=id"
    judged, expected = (post(server, path, each(GAPS)) for each in (form, FORMS["csv"]))
    assert judged.status_code == 200, judged.text
    assert judged.json() == expected.json()


@all_forms
def test_the_answer_has_the_columns_that_were_sent_in_their_order(
    server: Server, reference: str, form: Callable[[Rows], Form]
) -> None:
    answer = rows_of(post(server, f"{reference}/predict?ignore=id", form(TABLE), Accept="text/csv"))

    ours = ["price_predicted", "price_lower", "price_upper", "extrapolated"]
    assert list(answer[0]) == [*TABLE[0], *ours]
    assert [row["id"] for row in answer] == [row["id"] for row in TABLE]
    assert [float(row["price"]) for row in answer] == [row["price"] for row in TABLE]


@all_forms
def test_a_table_grows_by_each_form(server: Server, form: Callable[[Rows], Form]) -> None:
    name = f"forms-grow-{slug(form)}"
    train(server, name, FORMS["csv"](TABLE))

    assert train(server, name, form(TABLE[:5]), "train?extend=true&ignore=id&members=1&max_epochs=5")["rows"] == 17


@all_forms
@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("predict", "'id'"),
        ("predict?ignore=id,depth", "the table has no column 'depth' to leave out"),
        ("train?targets=cost", "predicts price"),
        ("versions/1/evaluate", "'id'"),
    ],
)
def test_each_form_gets_the_same_rules(
    server: Server, reference: str, form: Callable[[Rows], Form], path: str, detail: str
) -> None:
    answer = post(server, f"{reference}/{path}", form(TABLE))

    assert answer.status_code in {409, 422}
    assert detail in answer.json()["detail"]


@pytest.mark.parametrize("form", untyped.values(), ids=untyped)
def test_a_cell_that_does_not_fit_is_named_by_row_and_column(
    server: Server, reference: str, form: Callable[[Rows], Form]
) -> None:
    wrong = [*TABLE[:3], {**TABLE[3], "width": "wide"}]

    (found,) = errors(post(server, f"{reference}/predict?ignore=id", form(wrong)))
    assert found == ("row 4, column 'width': should be a valid number, not 'wide'", "/rows/3/width")


FORM_ERRORS: dict[str, tuple[Form, int, str]] = {
    "two files": (as_form(File(b"a"), File(b"b")), 400, "the form has 2 files and 0 other fields: send one file"),
    "a field": (as_form(File(b"a"), fields={"targets": "y"}), 400, "the form has 1 files and 1 other fields"),
    "no file": (as_form(fields={"x": "1"}), 400, "the form has 0 files and 1 other fields: send one file"),
    "an unknown kind": (as_form(File(b"a", "table.ods")), 415, "the form's file 'table.ods' is not read here"),
    "no boundary": (("multipart/form-data", b"x"), 415, "a form needs a Content-Type with its boundary"),
    "cut off": (("multipart/form-data; boundary=----forms", as_form(File(b"a"))[1][:-20]), 400, "its end is missing"),
    "no form": (("multipart/form-data; boundary=x", b"hello"), 400, "the form cannot be read"),
}


@pytest.mark.parametrize(("form", "status", "words"), FORM_ERRORS.values(), ids=FORM_ERRORS)
def test_a_form_that_is_not_read_says_why(server: Server, form: Form, status: int, words: str) -> None:
    assert words in problem(post(server, "forms-none/train?targets=y", form), status)["detail"]


def test_a_form_of_another_site_is_refused_even_without_tls(server: Server, reference: str) -> None:
    """A browser sends it without asking; only `Origin` says where it comes from."""
    form = as_form(File(as_csv(TABLE)))
    host = server.client.base_url.netloc.decode()
    for origin in ("http://elsewhere.example", "null", f"https://{host}.example"):
        problem(post(server, f"{reference}/{TRAIN}", form, Origin=origin), 403)
    assert post(server, f"{reference}/predict?ignore=id", form, Origin=f"http://{host}").status_code == 200


def test_the_sheet_is_chosen_by_name(server: Server, reference: str) -> None:
    body = as_xlsx(TABLE, "Prices 2024", before=["Notes"])

    answer = post(server, f"{reference}/predict?ignore=id&sheet=Prices%202024", (XLSX, body))
    assert len(rows_of(answer)) == len(TABLE)
    for path, words in {
        "predict?sheet=prices": "the workbook has no sheet 'prices'; it has 'Notes', 'Prices 2024'",
        "predict": "sheet 'Notes' is empty",
    }.items():
        assert words in post(server, f"{reference}/{path}", (XLSX, body)).json()["detail"]
    answer = post(server, f"{reference}/predict?sheet=x", ("text/csv", as_csv(TABLE)))
    assert "query parameter 'sheet' is for .xlsx workbooks" in problem(answer, 422)["detail"]


def test_a_line_that_is_no_json_is_counted(server: Server, reference: str) -> None:
    body = lines(TABLE[:2]) + b"\r\n  \n{oops}\n"

    answer = post(server, f"{reference}/predict", ("application/x-ndjson", body))
    assert problem(answer, 400)["detail"].startswith("line 5: the body is not JSON")
    assert "row 1: should be an object" in post(server, f"{reference}/predict", ("application/ndjson", b"5\n")).text


def test_json_without_targets_says_how_a_model_is_declared(server: Server) -> None:
    answer = post(server, "forms-undeclared/train", FORMS["rows"](TABLE))

    assert "?targets= names the columns to predict" in problem(answer, 404)["detail"]


def test_an_option_is_given_in_the_query_or_in_the_body_but_not_in_both(server: Server) -> None:
    rows = [{"x": row, "y": 2 * row} for row in range(12)]
    both = {"rows": rows, "seed": 3, "trainer": {"name": "lbfgs", "max_epochs": 3}}

    def answer(query: str) -> httpx.Response:
        return server.client.post(f"/models/forms-options/train?targets=y&{query}", json=both)

    assert answer("hidden_layers=2").status_code == 200
    for query, name in {"seed=4": "seed", "trainer=lbfgs": "name", "max_epochs=4": "max_epochs"}.items():
        assert f"'{name}' is given in the body and in the query" in problem(answer(query), 422)["detail"]
    assert server.client.get("/models/forms-options").json()["versions"] == 1


def cells_of(answer: httpx.Response) -> list[list[Any]]:
    assert answer.headers["content-type"] == XLSX, answer.text
    return CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()


@all_forms
def test_an_answer_is_a_workbook_where_that_is_accepted(
    server: Server, reference: str, form: Callable[[Rows], Form]
) -> None:
    path = f"{reference}/predict?ignore=id"
    header, *cells = cells_of(post(server, path, form(TABLE), Accept=XLSX))
    expected = rows_of(post(server, path, form(TABLE), Accept="text/csv"))

    assert header == list(expected[0])
    for row, other in zip(cells, expected, strict=True):
        told = dict(zip(header, row, strict=True))
        for name, cell in other.items():
            wanted = cell if name in {"id", "code", "colour", "extrapolated"} else pytest.approx(float(cell), rel=1e-14)
            assert told[name] == wanted


def test_a_single_row_is_answered_as_a_workbook(server: Server, reference: str) -> None:
    row = {name: TABLE[0][name] for name in ("width", "code", "colour")}
    answer = server.client.post(f"/models/{reference}/predict", json=row, headers={"Accept": XLSX})

    assert cells_of(answer)[0] == [*row, "price", "price_lower", "price_upper", "extrapolated"]
    assert len(cells_of(answer)) == 2


def test_a_text_is_never_a_formula_nor_a_link(server: Server, reference: str) -> None:
    texts = ["=1+1", "http://example.com", "007", "+5", "@SUM(A1)", "1e5"]
    rows = [{**TABLE[0], "id": text} for text in texts]

    answer = post(server, f"{reference}/predict?ignore=id", ("text/csv", as_csv(rows)), Accept=XLSX)
    assert [row[0] for row in cells_of(answer)[1:]] == texts


def test_what_no_sheet_can_hold_is_not_acceptable(server: Server, reference: str) -> None:
    rows = [{**TABLE[0], "id": "x" * 32_768}]

    answer = post(server, f"{reference}/predict?ignore=id", ("text/csv", as_csv(rows)), Accept=XLSX)
    assert problem(answer, 406)["detail"].endswith("ask for the answer with Accept: text/csv")


@pytest.mark.slow
def test_a_workbook_of_ten_thousand_rows_is_trained_on_and_answered(server: Server) -> None:
    rows = [{f"x{column}": (row * (column + 3)) % 101 for column in range(9)} for row in range(10_000)]
    body = as_xlsx([{**row, "y": sum(row.values())} for row in rows])

    assert train(server, "forms-large", (XLSX, body), "train?targets=y&members=1&max_epochs=5")["rows"] == 10_000
    assert len(cells_of(post(server, "forms-large/predict", (XLSX, body), Accept=XLSX))) == 10_001
