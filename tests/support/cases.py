"""Tables and requests as users have brought them, kind by kind, and what each must come to; with three more of each kind."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.support.forms import XLSX, as_csv, as_xlsx, lines

CSV, JSON, NDJSON = "text/csv", "application/json", "application/x-ndjson"


@dataclass(frozen=True)
class Call:
    """A request, and what its answer must be."""

    path: str
    """Below the model; nothing before it: a first training."""
    body: bytes
    kind: str | None = CSV
    status: int = 200
    says: Sequence[str] = ()
    """What stands in the answer's text."""
    hides: Sequence[str] = ()
    """What does not."""
    method: str = "POST"
    accept: str = JSON


@dataclass(frozen=True)
class Case:
    """Requests to one new model, one after another."""

    kind: int
    name: str
    calls: Sequence[Call]
    leaves_no_model: bool = False


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def make(count: int, **columns: Any) -> list[dict[str, Any]]:
    """Rows whose cells are what each function makes of the row's number."""
    return [{name: column(row) for name, column in columns.items()} for row in range(count)]


def write(header: str, rows: Sequence[Sequence[Any]], separator: str = ",", end: str = "\n") -> bytes:
    return end.join([header, *(separator.join(map(str, row)) for row in rows), ""]).encode()


def declare(name: str, **columns: Mapping[str, Any]) -> bytes:
    features = [{"name": each, **options} for each, options in columns.items()]
    return as_json({"features": features, "targets": [{"name": name}]})


SHOPS = make(24, shop=lambda row: row % 3 + 1, week=lambda row: row // 3, sales=lambda row: row // 3 + 5 * (row % 3))
SHOPS_WITH_ID = [{"week": row["week"], "id": f"r{number}", "shop": row["shop"]} for number, row in enumerate(SHOPS[:3])]
SHOPS_WITH_GAP = [{**row, "week": "" if number == 7 else row["week"]} for number, row in enumerate(SHOPS)]
ORDERS = make(
    24, id=lambda row: 100 + row, day=lambda row: row % 7, width=lambda row: row % 5 + 1, height=lambda row: row % 4 + 1,
    price=lambda row: 3 * (row % 5 + 1) + row % 4, hours=lambda row: 2 * (row % 4) + 1,
)  # fmt: skip
WINDOW_ROWS = [(row % 5 + 1, row % 4 + 1, 3 * (row % 5 + 1) + row % 4) for row in range(24)]
WINDOWS = write("width,height,price", WINDOW_ROWS)
CARS = make(
    24, power=lambda row: 50 + 7 * (row % 11), weight=lambda row: 900 + 13 * (row % 7), mpg=lambda row: 40 - row % 11
)
Q = "members=1&max_epochs=5"


def gaps(mark: str) -> bytes:
    return as_csv([{**row, "power": mark if number in {5, 17} else row["power"]} for number, row in enumerate(CARS)])


def train(body: bytes, query: str = "targets=price", status: int = 200, *says: str, kind: str | None = CSV) -> Call:
    return Call(f"train?{query}&{Q}", body, kind, status, says)


def first(rows: bytes, query: str = "targets=price") -> Call:
    return train(rows, query)


TRAINED_SHOPS = first(as_csv(SHOPS), "targets=sales")
WITH_CATEGORY = first(as_csv(SHOPS), "targets=sales&categories=shop")
DECLARED = "is declared already"


KIND_4 = [
    Case(4, "again-categories", [TRAINED_SHOPS, train(as_csv(SHOPS), "targets=sales&categories=shop", 409, DECLARED, "its column 'shop' holds numbers", "PUT /models/")]),
    Case(4, "again-missing", [TRAINED_SHOPS, train(as_csv(SHOPS_WITH_GAP), "targets=sales&missing=mean", 409, "declared without missing=mean", "PUT /models/")]),
    Case(4, "again-features", [TRAINED_SHOPS, train(as_csv(SHOPS), "features=week", 409, "its features are shop, week")]),
    Case(4, "again-ignore", [TRAINED_SHOPS, train(as_csv(SHOPS), "ignore=week", 409, "it reads column 'week'")]),
    Case(4, "again-marks", [TRAINED_SHOPS, train(as_csv(SHOPS), "marks=n.a", 409, "declared without marks=n.a")]),
    Case(4, "again-agreeing", [WITH_CATEGORY, train(as_csv(SHOPS), "targets=sales&categories=shop&missing=refuse")]),
]  # fmt: skip

KIND_5 = [
    Case(5, "json-declares", [train(as_json({"rows": SHOPS}), "targets=sales", kind=JSON)]),
    Case(5, "json-ignore", [
        TRAINED_SHOPS,
        Call("predict?ignore=id", as_json({"rows": SHOPS_WITH_ID}), JSON, says=['"predictions"']),
        Call("predict", as_json({"rows": SHOPS_WITH_ID}), JSON, 422, ["?ignore=id leaves it out"]),
    ]),
    Case(5, "json-nan", [
        first(gaps(""), "targets=mpg&missing=mean"),
        Call("predict", b'{"power": NaN, "weight": 1000}', JSON, 422, ["'power': should be a finite number; null stands for a missing value"]),
    ]),
    Case(5, "json-columns-with-options", [train(as_json({"rows": {name: [row[name] for row in SHOPS] for name in SHOPS[0]}, "seed": 3}), "targets=sales", kind=JSON)]),
    Case(5, "json-categories", [train(as_json(SHOPS), "targets=sales&categories=shop", kind=JSON), Call("predict", as_json({"shop": 2, "week": 3}), JSON, says=['"extrapolated":[]'])]),
    Case(5, "lines-evaluate", [TRAINED_SHOPS, Call("versions/1/evaluate?ignore=id", lines([{**row, "id": "x"} for row in SHOPS]), NDJSON, says=['"rows":24'])]),
    Case(5, "json-marks", [first(gaps(""), "targets=mpg&missing=mean"), Call("predict", as_json({"power": "NA", "weight": 1000}), JSON, says=["power: missing where it says NA"])]),
]  # fmt: skip

KIND_6 = [
    Case(6, "targets-twice", [train(as_csv(ORDERS), "targets=price&targets=hours", 422, "query parameter 'targets' is given twice")], True),
    Case(6, "ignore-twice", [train(as_csv(ORDERS), "targets=price&ignore=id&ignore=day", 422, "query parameter 'ignore' is given twice")], True),
    Case(6, "feature-mistyped", [train(as_csv(ORDERS), "targets=price&features=widht,height", 422, "the table has no column 'widht'")], True),
    Case(6, "option-mistyped", [train(as_csv(ORDERS), "target=price", 422, "query parameter 'target' is not known; did you mean 'targets'?")], True),
    Case(6, "category-mistyped", [train(as_csv(ORDERS), "targets=price&categories=dya", 422, "the table has no column 'dya'")], True),
    Case(6, "choice-mistyped", [train(as_csv(ORDERS), "targets=price&missing=meen", 422, "query parameter 'missing'", "'refuse' or 'mean'")], True),
    Case(6, "order-mistyped", [train(as_csv(ORDERS), "targets=price&dates=dayfirst", 422, "query parameter 'dates'", "'day-first' or 'month-first'")], True),
    Case(6, "predict-mistyped", [first(as_csv(ORDERS), "targets=price&features=width"), Call("predict?covrage=0.9", as_json({"width": 2}), JSON, 422, ["did you mean 'coverage'?"])]),
]  # fmt: skip


def written(name: str, text: Any, target: str, asked: str, reading: str, separator: str = ",") -> Case:
    """A column as people write it, also asked so."""
    rows = [(f'"{text(row)}"', row % 4, 2 * row + row % 4) for row in range(24)]
    body = write(f"{name}{separator}other{separator}{target}", rows, separator)
    ask = write(f"{name}{separator}other", [(f'"{asked}"', 2)], separator)
    said = f"{name}: numbers, of which {reading} is read as 1234.5"
    return Case(
        7,
        f"{name}-{reading}",
        [train(body, f"targets={target}", 200, said), Call("predict", ask, says=[said, '"extrapolated":[[]]'])],
    )


KIND_7 = [
    written("discount", lambda row: f"{row}%", "sold", "12%", "1234.5%"),
    written("area", lambda row: f"{850 + 50 * row:,}", "rent", "1,050", "1,234.5"),
    written("laenge", lambda row: f"{row},5", "preis", "12,5", "1234,5", ";"),
    written("weight", lambda row: f"{row} kg", "cost", "12 kg", "1234.5 kg"),
    written("betrag", lambda row: f"1.{row + 100},50 €", "y", "1.112,50 €", "1.234,5 €"),
    written("debt", lambda row: f"({row + 1}.50)" if row % 2 else f"{row}.25", "y", "(12.50)", "1234.5"),
    Case(7, "currency", [
        train(write("rooms,rent", [(row % 4 + 1, f"${400 + 225 * (row % 4)}") for row in range(24)]), "targets=rent", 200, "rent: numbers, of which $1234.5 is read as 1234.5"),
        Call("predict", as_json({"rooms": 2}), JSON, says=['"interval":{"rent":{"lower":'], hides=["probabilities"]),
    ]),
]  # fmt: skip

KIND_8 = [
    Case(8, "index-column", [train(write(",width,height,price", [(row, *cells) for row, cells in enumerate(WINDOW_ROWS)]), "targets=price", 422, "column 1 of the table has no name and counts the rows", "to_csv(index=False)")], True),
    Case(8, "trailing-comma", [train(write("width,height,price,", [(*row, "") for row in WINDOW_ROWS]))]),
    Case(8, "sep-line", [train(b"sep=;\n" + write("width;height;price", WINDOW_ROWS, ";"))]),
    Case(8, "empty-rows", [train(WINDOWS + b",,\n,,\n", "targets=price", 200, '"rows":24')]),
    Case(8, "title-lines", [train(b"Prices of windows,,\n2024,,\n,,\n" + WINDOWS, "targets=price", 422, "the first line was taken for the header: 'Prices of windows,,'", "remove any lines that stand above it")], True),
    Case(8, "empty-columns-on-both-sides", [train(write(",width,height,price,,", [("", *row, "", "") for row in WINDOW_ROWS]))]),
    Case(8, "blank-lines-between", [train(WINDOWS.replace(b"\n", b"\n\n"), "targets=price", 200, '"rows":24')]),
    Case(8, "index-column-in-a-workbook", [train(as_xlsx([{"": row, "width": cells[0], "price": cells[2]} for row, cells in enumerate(WINDOW_ROWS)]), "targets=price", 422, "column 1 of the table has no name and counts the rows", kind=XLSX)], True),
    Case(8, "names-twice", [train(write("width,width,price", WINDOW_ROWS), "targets=price", 422, "two columns of the table are called 'width'")], True),
]  # fmt: skip

KIND_9 = [
    Case(9, "pipe", [train(write("width|height|price", WINDOW_ROWS, "|"))]),
    Case(9, "blanks", [train(write("width height price", WINDOW_ROWS, " "), "targets=price", 422, "it has 'width height price', of cells separated by commas, semicolons, tabs or |")], True),
    Case(9, "utf-16", [train(write("width\theight\tprice", WINDOW_ROWS, "\t").decode().encode("utf-16"))]),
    Case(9, "utf-16-big-endian", [train(b"\xfe\xff" + write("width\theight\tprice", WINDOW_ROWS, "\t").decode().encode("utf-16-be"))]),
    Case(9, "declared-charset", [train(write("größe;price", [row[1:] for row in WINDOW_ROWS], ";").decode().encode("cp1252"), kind="text/csv; charset=windows-1252")]),
    Case(9, "undeclared-charset", [train(write("größe;price", [row[1:] for row in WINDOW_ROWS], ";").decode().encode("cp1252"), "targets=price", 400, "charset=windows-1252")], True),
    Case(9, "old-line-ends", [train(write("width,height,price", WINDOW_ROWS, end="\r"), "targets=price", 200, '"rows":24')]),
]  # fmt: skip

KIND_10 = [
    Case(10, "question-marks", [train(gaps("?"), "targets=mpg&missing=mean", 200, "power: missing where it says ?")]),
    Case(10, "spreadsheet-errors", [train(gaps("#N/A").replace(b"#N/A", b"#DIV/0!", 1), "targets=mpg&missing=mean", 200, "power: missing where it says #DIV/0!, #N/A")]),
    Case(10, "gap-hint", [train(gaps(""), "targets=mpg", 422, "row 6, column 'power': is missing; ?missing=mean fills the gaps of features")], True),
    Case(10, "gap-hint-na", [train(gaps("NA"), "targets=mpg", 422, "row 6, column 'power': 'NA' stands for a missing value; ?missing=mean fills")], True),
    Case(10, "statistical-offices", [train(gaps(".."), "targets=mpg&missing=mean", 200, "power: missing where it says ..")]),
    Case(10, "databases", [train(gaps(r"\N"), "targets=mpg&missing=mean", 200, "power: missing where it says")]),
    Case(10, "own-mark", [train(gaps("unknown"), "targets=mpg", 422, "?marks=unknown that one for a missing value"), train(gaps("unknown"), "targets=mpg&marks=unknown", 200, "power: missing where it says unknown")]),
    Case(10, "errors-of-a-workbook", [train(as_xlsx([{**row, "power": None if number == 3 else row["power"]} for number, row in enumerate(CARS)]), "targets=mpg&missing=mean", kind=XLSX)]),
]  # fmt: skip

NAMED_AS_OURS = as_csv(
    make(20, extrapolated=lambda row: row % 7, b=lambda row: row % 3, y=lambda row: 2 * (row % 7) + row % 3)
)
KIND_11 = [
    Case(11, "column-extrapolated", [first(NAMED_AS_OURS, "targets=y"), Call("predict", b"extrapolated,b\n7,1\n", accept=CSV, says=["extrapolated,b,y,y_lower,y_upper,extrapolated_predicted", "\n7,1,"])]),
    Case(11, "ids-kept", [TRAINED_SHOPS, Call("predict?ignore=id", as_csv(SHOPS_WITH_ID), accept=CSV, says=["week,id,shop,sales,sales_lower,sales_upper,extrapolated", "\n0,r1,2,"])]),
    Case(11, "truth-kept", [TRAINED_SHOPS, Call("predict", as_csv(SHOPS[:2]), accept=CSV, says=["shop,week,sales,sales_predicted,sales_lower", "\n2,0,5,"])]),
    Case(11, "ids-left-out-kept", [first(as_csv([{"code": f"x{number}", **row} for number, row in enumerate(SHOPS)]), "targets=sales"), Call("predict", as_csv([{"code": "new", "shop": 1, "week": 2}]), accept=CSV, says=["code,shop,week,sales", "\nnew,1,2,"])]),
    Case(11, "json-as-table", [TRAINED_SHOPS, Call("predict?ignore=id", as_json(SHOPS_WITH_ID), JSON, accept=CSV, says=["week,id,shop,sales"])]),
]  # fmt: skip

SIZES = as_csv(
    make(20, größe=lambda row: row % 7, alter=lambda row: row % 3, preis=lambda row: 2 * (row % 7) + row % 3)
)
KIND_12 = [
    Case(12, "category-number", [WITH_CATEGORY, Call("predict", as_json({"shop": 2, "week": 1}), JSON, says=['"extrapolated":[]'])]),
    Case(12, "category-float", [WITH_CATEGORY, Call("predict", b"shop,week\n2.0,1\n", says=['"extrapolated":[[]]'])]),
    Case(12, "composed-name", [first(SIZES, "targets=preis"), Call("predict", "gro\u0308ße,alter\n3,1\n".encode(), accept=CSV, says=["gr\u00f6ße,alter,preis"])]),
    Case(12, "category-with-zero", [WITH_CATEGORY, Call("predict", b"shop,week\n02,1\n", says=['"extrapolated":[[]]'])]),
    Case(12, "decomposed-query", [first(SIZES, "targets=preis&features=gro%CC%88%C3%9Fe"), Call("predict", as_json({"gr\u00f6ße": 3}), JSON)]),
    Case(12, "blank-of-no-width", [first(SIZES, "targets=preis"), Call("predict", as_json({" gr\u00f6ße\u00a0": 3, "alter\u200b": 1}), JSON, says=['"prediction"'])]),
]  # fmt: skip

KIND_14 = [
    Case(14, "no-content-type", [train(WINDOWS, "targets=price", 415, "a body without Content-Type is not read here", kind=None)], True),
    Case(14, "one-line", [train(WINDOWS.replace(b"\n", b""), "targets=price", 400, "the table is a single line", "--data-binary")], True),
    Case(14, "workbook", [train(as_xlsx(SHOPS), "targets=sales", 400, "a spreadsheet file", "save it as CSV")], True),
    Case(14, "list-of-rows", [TRAINED_SHOPS, Call("predict", as_json(SHOPS_WITH_ID[:1]), JSON, 422, ["?ignore=id"]), Call("predict", as_json([{"shop": 1, "week": 2}]), JSON, says=['"predictions"'])]),
    Case(14, "html", [train(b"<!DOCTYPE html><html><table></table></html>", "targets=price", 400, "the body is no CSV but HTML")], True),
    Case(14, "csv-as-json", [train(WINDOWS, "targets=price", 400, "a CSV needs Content-Type: text/csv", kind=JSON)], True),
    Case(14, "form-fields", [train(b"width=1&height=2", "targets=price", 415, "-F file=@table.csv", kind="application/x-www-form-urlencoded")], True),
    Case(14, "gzip", [train(b"\x1f\x8b\x08\0\0", "targets=price", 400, "compressed (gzip): unpack it first")], True),
]  # fmt: skip

CODES = write("width,kind", [(row / 7, row % 3) for row in range(60)])
POSTCODES = write(
    "postcode,area,rent", [(f"0{1067 + 3 * (row % 4)}", row % 5, 10 * (row % 4) + row % 5) for row in range(32)]
)
KIND_15 = [
    Case(15, "class-codes", [train(CODES, "targets=kind", 200, "target 'kind' holds the whole numbers 0, 1, 2 alone", "?categories=kind makes a classifier")]),
    Case(15, "postcodes", [train(POSTCODES, "targets=rent", 200, "postcode: codes, since some begin with 0")]),
    Case(15, "class-codes-chosen", [train(CODES, "targets=kind&categories=kind"), Call("predict", as_json({"width": 3}), JSON, says=["probabilities"])]),
    Case(15, "codes-in-json", [train(as_json(make(32, code=lambda row: f"0{row % 4}7", area=lambda row: row % 5, y=lambda row: row % 4)), "targets=y", 200, "code: codes", kind=JSON)]),
    Case(15, "ids", [train(as_csv([{"ref": f"DE-{row}", **cells} for row, cells in enumerate(ORDERS)]), "targets=price", 200, "ref: left out, since its texts never repeat", "?categories=ref")]),
    Case(15, "row-numbers", [train(as_csv(ORDERS), "targets=price", 200, "id: learned from, though it counts the rows; ?ignore=id leaves it out")]),
]  # fmt: skip

MIXED = [
    {"battery": ["AA", "AAA", "1", "2", "4"][row % 5], "load": row % 3, "hours": row % 5 + row % 3} for row in range(40)
]
MANY = {"part": {"kind": "category", "categories": [f"part-{number:03}" for number in range(300)]}}
KIND_16 = [
    Case(16, "target-of-texts", [Call(f"train?targets=who&{Q}", as_csv(make(30, who=lambda row: f"name {row}", x=lambda row: row)), status=422, says=["?categories=who"], hides=["ignore"])], True),
    Case(16, "mixed", [train(as_csv(MIXED), "targets=hours", 422, "?categories=battery takes the column's cells for categories")], True),
    Case(16, "many-words", [
        Call("", declare("y", **MANY), JSON, method="PUT"),
        Call(f"train?{Q}", as_csv(make(30, part=lambda row: f"part-{900 + row}", y=lambda row: row)), status=422, says=["'part-900' is none of the 300 words that are known, such as 'part-000'", "declares others"], hides=["part-150"]),
    ]),
    Case(16, "missing-target", [train(as_csv([*ORDERS[:3], {**ORDERS[3], "price": ""}, *ORDERS[4:]]), "targets=price", 422, "row 4, column 'price': is missing; a target must be there in every row: leave the row out")], True),
    Case(16, "dates-as-target", [train(as_csv(make(20, when=lambda row: f"2024-01-{row + 1:02}", x=lambda row: row)), "targets=when", 422, "column 'when' holds dates, which cannot be predicted: predict a number")], True),
    Case(16, "many-errors", [Call(f"train?targets=y&{Q}", as_csv(make(500, x=lambda row: "?" * 3000 if row else 1, y=lambda row: row)), status=422, says=["and 19 more"])], True),
]  # fmt: skip

TWO_LINES = as_csv(
    make(24, note=lambda row: f"first line\nsecond {row % 3}", x=lambda row: row % 5, y=lambda row: row % 3 + row % 5)
)
KIND_17 = [
    Case(17, "line-end-in-word", [train(TWO_LINES, "targets=y")]),
    Case(17, "line-end-in-word-ignored", [train(TWO_LINES, "targets=y&ignore=note")]),
    Case(17, "wrong-cell-then-right", [train(WINDOWS.replace(b"\n1,", b"\nx,", 1), "targets=price", 422, "should be a valid number"), train(WINDOWS, "targets=width")]),
    Case(17, "wrong-option-then-right", [train(WINDOWS, "targets=price&learning_rate=3", 422, "learning_rate"), train(WINDOWS, "targets=height")]),
    Case(17, "ambiguous-then-said", [
        train(as_csv(make(24, when=lambda row: f"0{row % 9 + 1}/0{row % 7 + 1}/2024", y=lambda row: row)), "targets=y", 422, "?dates=day-first"),
        train(as_csv(make(24, when=lambda row: f"0{row % 9 + 1}/0{row % 7 + 1}/2024", y=lambda row: row)), "targets=y&dates=day-first", 200, "day first"),
    ]),
    Case(17, "nothing-left", [train(as_csv(make(24, who=lambda row: f"n{row}", y=lambda row: row)), "targets=y", 422, "no feature is left: the texts of 'who' never repeat")], True),
]  # fmt: skip

CASES = [
    *KIND_4,
    *KIND_5,
    *KIND_6,
    *KIND_7,
    *KIND_8,
    *KIND_9,
    *KIND_10,
    *KIND_11,
    *KIND_12,
    *KIND_14,
    *KIND_15,
    *KIND_16,
    *KIND_17,
]
