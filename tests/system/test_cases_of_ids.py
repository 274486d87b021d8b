"""Columns of names and numbers of things, which never repeat: left out with a warning, and asked with them or without."""

import json
from typing import Any

import pytest

from tests.support.server import Server

QUICK = "members=1&max_epochs=5"


def make_rows(count: int = 24) -> list[dict[str, Any]]:
    return [{"order": f"A-{row}", "size": row % 5, "price": 3 * (row % 5) + row % 2} for row in range(count)]


def as_csv(rows: list[dict[str, Any]]) -> bytes:
    return (
        ",".join(rows[0]).encode() + b"\n" + "".join(",".join(map(str, row.values())) + "\n" for row in rows).encode()
    )


def send(server: Server, path: str, rows: Any, accept: str = "application/json", *, is_json: bool = False) -> Any:
    body, kind = (json.dumps(rows).encode(), "application/json") if is_json else (as_csv(rows), "text/csv")
    answer = server.client.post(f"/models/{path}", content=body, headers={"Content-Type": kind, "Accept": accept})
    return answer.text if accept == "text/csv" else answer.json()


@pytest.mark.parametrize("is_json", [False, True])
def test_ids_are_left_out_with_a_warning_and_may_be_asked_or_not(server: Server, *, is_json: bool) -> None:
    model, rows = f"ids-{is_json}".lower(), make_rows()
    trained = send(server, f"{model}/train?targets=price&{QUICK}", rows, is_json=is_json)
    said = "order: left out, since its texts never repeat in 24 rows; ?categories=order takes them for categories"
    assert said in trained["warnings"]
    assert said in trained["read"]
    assert server.client.get(f"/jobs/{trained['job_id']}").json()["read"] == trained["read"]
    known = server.client.get(f"/models/{model}").json()
    assert ([column["name"] for column in known["features"]], known["left_out"]) == (["size"], ["order"])

    without = [{name: row[name] for name in row if name != "order"} for row in rows]
    answers = [
        send(server, f"{model}/predict", asked, is_json=form) for asked in (rows, without) for form in (False, True)
    ]
    assert all(answer == answers[0] for answer in answers)
    alone = [server.client.post(f"/models/{model}/predict", json=row[0]).json() for row in (rows, without)]
    assert alone[0] == alone[1]
    assert send(server, f"{model}/predict", rows, "text/csv").startswith("order,size,price,price_predicted,")
    assert send(server, f"{model}/versions/1/evaluate", rows, is_json=is_json)["rows"] == 24
    assert send(server, f"{model}/train?{QUICK}", rows, is_json=is_json)["model_version"] == 2
    assert send(server, f"{model}/train?extend=true&{QUICK}", without, is_json=is_json)["rows"] == 48


def test_an_id_is_kept_where_it_is_asked_for(server: Server) -> None:
    assert send(server, f"ids-kept/train?targets=price&categories=order&{QUICK}", make_rows())["warnings"] is not None
    assert server.client.get("/models/ids-kept").json()["left_out"] == []
    assert len(server.client.get("/models/ids-kept").json()["features"][0]["categories"]) == 24


def test_words_of_a_few_rows_are_categories_though_each_occurs_once(server: Server) -> None:
    send(server, f"ids-few/train?targets=price&{QUICK}", make_rows(9))
    send(server, f"ids-ten/train?targets=price&{QUICK}", make_rows(10))

    assert server.client.get("/models/ids-few").json()["features"][0]["kind"] == "category"
    assert server.client.get("/models/ids-ten").json()["left_out"] == ["order"]


def test_a_number_that_counts_the_rows_is_told(server: Server) -> None:
    for name, is_told in (("id", True), ("index", True), ("order_id", True), ("Unnamed: 0", True), ("day", False)):
        rows = [{name: row, **values} for row, values in enumerate(make_rows())]
        trained = send(server, f"ids-count/train?targets=price&ignore=order&{QUICK}", rows)
        server.client.delete("/models/ids-count")
        said = f"{name}: learned from, though it counts the rows; ?ignore={name} leaves it out"
        assert (said in trained["warnings"]) == (said in trained["read"]) == is_told
    shuffled = [{"id": row * 7 % 24, **values} for row, values in enumerate(make_rows())]
    assert send(server, f"ids-other/train?targets=price&ignore=order&{QUICK}", shuffled)["read"] == []


def test_numbers_that_may_be_dates_are_told(server: Server) -> None:
    said = "day: numbers, though all of them may be dates; written as 2024-01-31 they are read so"
    for number, is_told in ((20240101, True), (20240000, False), (120240101, False), (20241301, False)):
        rows = [{"day": number + row, **values} for row, values in enumerate(make_rows())]
        trained = send(server, f"ids-dates/train?targets=price&ignore=order&{QUICK}", rows)
        server.client.delete("/models/ids-dates")
        assert (said in trained["warnings"]) == (said in trained["read"]) == is_told


def test_gaps_among_ids_do_not_make_them_repeat(server: Server) -> None:
    rows = [{**row, "order": "" if number % 7 == 3 else row["order"]} for number, row in enumerate(make_rows())]
    trained = send(server, f"ids-gaps/train?targets=price&missing=mean&{QUICK}", rows)

    assert trained["status"] == "succeeded", trained
    assert server.client.get("/models/ids-gaps").json()["left_out"] == ["order"]


def test_new_words_in_a_further_training_are_refused_with_what_to_do(server: Server) -> None:
    rows = [{"colour": ["red", "blue"][row % 2], "price": row} for row in range(12)]
    send(server, f"ids-words/train?targets=price&{QUICK}", rows)
    answer = send(server, f"ids-words/train?{QUICK}", [*rows, {"colour": "green", "price": 3}])

    assert answer["status"] == 422
    assert answer["detail"] == (
        "row 13, column 'colour': should be 'blue' or 'red', not 'green'; a training knows the words that its model was declared "
        "with: PUT /models/ids-words declares others"
    )


def test_what_was_assumed_is_said_in_jobs_predictions_and_evaluations(server: Server) -> None:
    rows = [{"size": f"{row % 5}%", "z": row % 3, "price": row % 5 if row % 7 else row % 5 + 1} for row in range(24)]
    read = ["size: numbers, of which 1234.5% is read as 1234.5"]
    headers = {"Content-Type": "text/csv", "Prefer": "respond-async"}
    accepted = server.client.post(
        f"/models/ids-read/train?targets=price&{QUICK}", content=as_csv(rows), headers=headers
    ).json()
    assert accepted["read"] == read
    assert server.wait_for(accepted["job_id"], "succeeded")["read"] == read

    for form in (False, True):
        assert send(server, "ids-read/predict", rows, is_json=form)["read"] == read
        assert send(server, "ids-read/versions/1/evaluate", rows, is_json=form)["read"] == read
    plain = [{"size": 1, "z": 2}]
    assert "read" not in send(server, "ids-read/predict", plain, is_json=True)
    assert server.client.post("/models/ids-read/predict", json={"size": "1%", "z": 2}).json()["read"] == read
