"""Words and codes as people send them: the same word in another spelling, new words, gaps, columns of many words."""

import json
from typing import Any

import pytest

from tests.support.server import Server

QUICK = "members=1&max_epochs=5"
SHOPS = "shop,week,sales\n" + "".join(f"{row % 3 + 1},{row},{row + 5 * (row % 3)}\n" for row in range(24))
COLOURS = "colour,size,price\n" + "".join(
    f"{('red', 'blue', 'grün')[row % 3]},{row % 4},{row % 3 * 10 + row % 4}\n" for row in range(24)
)


def send(server: Server, path: str, table: str | list[dict[str, Any]] | dict[str, Any]) -> dict[str, Any]:
    is_csv = isinstance(table, str)
    content = table.encode() if isinstance(table, str) else json.dumps(table).encode()
    kind = {"Content-Type": "text/csv" if is_csv else "application/json", "Accept": "application/json"}
    return dict(server.client.post(f"/models/{path}", content=content, headers=kind).json())


@pytest.fixture(scope="module")
def shops(server: Server) -> str:
    assert send(server, f"word-shops/train?targets=sales&categories=shop&{QUICK}", SHOPS)["status"] == "succeeded"
    return "word-shops"


@pytest.fixture(scope="module")
def colours(server: Server) -> str:
    assert send(server, f"word-colours/train?targets=price&{QUICK}", COLOURS)["status"] == "succeeded"
    return "word-colours"


@pytest.mark.parametrize("asked", [2, 2.0, "2", "2.0", " 2 ", "02"])
def test_a_number_is_the_category_that_means_it(server: Server, shops: str, asked: Any) -> None:
    expected = send(server, f"{shops}/predict", {"shop": "2", "week": 7})
    said = send(server, f"{shops}/predict", {"shop": asked, "week": 7})
    (in_csv,) = send(server, f"{shops}/predict", f"shop,week\n{asked},7\n")["predictions"]

    assert said == expected
    assert said["extrapolated"] == []
    assert in_csv == expected["prediction"]


def test_a_word_that_is_composed_in_another_way_is_the_same_word(server: Server, colours: str) -> None:
    composed, decomposed = (
        send(server, f"{colours}/predict", {"colour": word, "size": 1}) for word in ("gr\u00fcn", "gru\u0308n")
    )

    assert composed == decomposed
    assert composed["extrapolated"] == []


def test_a_new_word_is_answered_and_called_extrapolated(server: Server, colours: str) -> None:
    rows = [{"colour": word, "size": 2} for word in ("red", "violet", "blue")]
    alone = send(server, f"{colours}/predict", rows[1])
    together = send(server, f"{colours}/predict", {"rows": rows})
    as_csv = send(server, f"{colours}/predict", "colour,size\nred,2\nviolet,2\nblue,2\n")

    assert alone["extrapolated"] == ["colour"]
    assert together["extrapolated"] == as_csv["extrapolated"] == [[], ["colour"], []]
    assert together["predictions"] == as_csv["predictions"]
    assert together["predictions"][1] == alone["prediction"]
    widths = [each["price"]["upper"] - each["price"]["lower"] for each in together["intervals"]]
    assert widths[1] > 2 * max(widths[0], widths[2]), "nothing is known of the colour"


def test_a_new_word_is_refused_where_that_is_asked_for(server: Server, colours: str) -> None:
    for path in ("predict", "versions/1/evaluate"):
        answer = send(server, f"{colours}/{path}?unseen=refuse", "colour,size,price\nred,2,3\nviolet,2,3\n")

        assert answer["status"] == 422
        assert answer["detail"] == "row 2, column 'colour': should be 'blue', 'grün' or 'red', not 'violet'"
    assert send(server, f"{colours}/versions/1/evaluate", "colour,size,price\nred,2,2\nviolet,2,3\n")["rows"] == 2
    assert "did you mean" in send(server, f"{colours}/predict?unsen=refuse", {"colour": "red", "size": 1})["detail"]


def test_a_classifier_answers_new_words_too(server: Server) -> None:
    table = "colour,size,taste\n" + "".join(
        f"{'red' if row % 2 else 'green'},{row % 5},{'sweet' if row % 2 else 'sour'}\n" for row in range(30)
    )
    assert send(server, f"word-fruit/train?targets=taste&{QUICK}", table)["status"] == "succeeded"
    said = send(server, "word-fruit/predict", {"colour": "blue", "size": 1})

    assert said["extrapolated"] == ["colour"]
    assert sum(said["probabilities"]["taste"].values()) == pytest.approx(1.0)


def test_an_error_about_one_of_many_words_names_it_and_a_few_others(server: Server) -> None:
    words = [f"word {number}" for number in range(300)]
    columns = [{"name": "x", "kind": "category", "categories": words}]
    server.client.put("/models/many-words", json={"features": columns, "targets": [{"name": "y"}]})
    answer = send(server, "many-words/train", "x,y\n" + "other,1\n" * 30)

    assert answer["errors"][0]["detail"] == (
        "row 1, column 'x': 'other' is none of the 300 words that are known, such as 'word 0', 'word 1' and 'word 2'; a training "
        "knows the words that its model was declared with: PUT /models/many-words declares others"
    )
    assert len(answer["errors"]) == 20
    assert len(json.dumps(answer)) < 16 * 1024


@pytest.mark.parametrize(
    ("table", "detail"),
    [
        ("x,y\n1,2\n,3\n4,5\n", "row 2, column 'x': is missing; ?missing=mean fills the gaps of features"),
        (
            "x,y\n1,2\nNA,3\n4,5\n",
            "row 2, column 'x': 'NA' stands for a missing value; ?missing=mean fills the gaps of features",
        ),
        (
            "x,y\n1,2\n3,\n4,5\n",
            "row 2, column 'y': is missing; a target must be there in every row: leave the row out",
        ),
        (
            "x,y\n1,2\nAA,3\nAAA,5\n4,5\n",
            "row 2, column 'x': should be a valid number, not 'AA'; ?categories=x takes the column's cells for categories, "
            "?marks=AA that one for a missing value",
        ),
    ],
)
def test_an_error_of_a_first_table_says_what_helps(server: Server, table: str, detail: str) -> None:
    answer = send(server, "word-hints/train?targets=y", table)

    assert answer["status"] == 422
    assert answer["errors"][0]["detail"] == detail
    assert server.client.get("/models/word-hints").status_code == 404


def test_names_are_no_categories_and_a_target_of_them_is_not_to_be_left_out(server: Server) -> None:
    table = "who,x\n" + "".join(f"name {row},{row}\n" for row in range(30))
    repeated = "who,x\n" + "".join(f"name {row % 25},{row}\n" for row in range(30))
    as_target = send(server, "word-names/train?targets=who", table)["detail"]
    some_repeated = send(server, "word-names/train?targets=x", repeated)["detail"]
    alone = send(server, "word-names/train?targets=x", table)["detail"]

    assert as_target == (
        "column 'who' holds 30 texts that never repeat, as names and numbers of things do; if they are categories, say so with "
        "?categories=who"
    )
    assert some_repeated.startswith("column 'who' holds 25 different texts in 30 rows")
    assert some_repeated.endswith("?ignore=who leaves it out")
    assert alone == "no feature is left: the texts of 'who' never repeat, as names of things do"
    assert send(server, "word-names/train?targets=x&features=who", table)["detail"].endswith("?categories=who")


def test_many_makes_in_few_rows_are_categories(server: Server) -> None:
    table = "make,power,price\n" + "".join(f"make {row % 30},{row},{row % 30 + row}\n" for row in range(75))

    assert send(server, f"word-makes/train?targets=price&{QUICK}", table)["status"] == "succeeded"
    assert len(server.client.get("/models/word-makes").json()["features"][0]["categories"]) == 30


@pytest.mark.parametrize("written", ["true", "True", "TRUE"])
def test_a_truth_value_is_the_word_that_means_it_in_any_form(server: Server, written: str) -> None:
    other = {"true": "false", "True": "False", "TRUE": "FALSE"}[written]
    rows = [f"{(written, other)[row % 2]},{row % 5},{row % 2 + row % 5}" for row in range(24)]
    model = f"word-truth-{'-'.join(str(ord(letter)) for letter in written[:2])}"
    send(server, f"{model}/train?targets=y&{QUICK}", "\n".join(["x,z,y", *rows, ""]))

    answers = [send(server, f"{model}/predict", {"x": asked, "z": 1}) for asked in (True, "true", "True", "TRUE")]
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["extrapolated"] == []
    assert send(server, f"{model}/predict", {"x": "wahr", "z": 1})["extrapolated"] == ["x"]
