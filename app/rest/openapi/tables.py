"""Tables as the document tells of them: the forms that they come in, and the query parameters that go with them."""

from typing import Any

from app.frames import ARROW, ARROW_FILE, PARQUET
from app.tables import CSV, FORM, NDJSON, XLSX
from app.upload import CHECKPOINTS


def describe_parameters(mark: str) -> list[dict[str, Any]]:
    """Return the query parameters that go with a table; of a training also the options, of which `seed` stands for all."""
    kind = mark.partition("-")[0]
    return [
        {"name": name, "in": "query", "required": False, "schema": _schema(name), "description": description}
        for name, (kinds, description) in TABLE_PARAMETERS.items()
        if kind in kinds
    ]


def _schema(name: str) -> dict[str, Any]:
    return {"type": "string", **({"enum": CHOICES[name]} if name in CHOICES else {})}


CHOICES = {"dates": ["day-first", "month-first"], "missing": ["refuse", "mean"], "unseen": ["answer", "refuse"]}


TABLE_PARAMETERS = {
    "targets": (
        {"train"},
        "The columns to predict, separated by commas. Declares a model that does not exist yet.",
    ),
    "features": ({"train"}, "The columns to read, separated by commas; else all that are left."),
    "ignore": (
        {"train", "predict", "evaluate"},
        "Columns to leave out, separated by commas; each must be in the table.",
    ),
    "categories": (
        {"train"},
        "Of a table that declares a model: columns to take for categories, whatever they hold; separated by commas.",
    ),
    "missing": ({"train"}, "Of a table that declares a model: `refuse` or `mean`, what becomes of missing features."),
    "dates": ({"train"}, "Of a table that declares a model: what comes first in dates such as 03/04/2024."),
    "marks": (
        {"train"},
        "Of a table that declares a model: texts that stand for a missing value, beside ?, NA and others.",
    ),
    "unseen": (
        {"predict", "evaluate"},
        "What becomes of words that the training has not seen: an `answer` that counts them as `extrapolated`, or `refuse`.",
    ),
    "sheet": ({"train", "predict", "evaluate"}, "Of a workbook: which sheet to read; else the first."),
    "coverage": (
        {"predict", "evaluate"},
        "The probability with which intervals hold the truth; `null`: no intervals. For predictions several "
        "are allowed, separated by commas.",
    ),
    "quantiles": (
        {"predict"},
        "Probabilities, separated by commas: for each, the value that the target is below with this probability.",
    ),
    "standard_deviation": ({"predict"}, "`true`: also give half the width of the 68.27 % interval."),
    "above": ({"predict"}, "Values, separated by commas: for each, the probability that the target is above it."),
    "between": (
        {"predict"},
        "Two values, separated by a comma: the probability that the target is between them (or one of them).",
    ),
    "seed": (
        {"train"},
        "As in a JSON body; so are `extend`, `keep_table`, `restart`, `trainer` (its name) and all its and the network's options.",
    ),
}


LAYOUTS = (
    'A table. As JSON it may also be the list of rows alone, columns (`{"a": [1, 2], "b": [3, 4]}`), or names and lists of '
    'cells (`{"columns": ["a", "b"], "data": [[1, 3], [2, 4]]}`). The names of columns must differ, in any form.'
)

_FILE = {"type": "string", "format": "binary"}
TABLE_SCHEMAS: dict[str, Any] = {
    CSV: {
        "type": "string",
        "description": "A table: a header row, whose names must differ, and at least one row below it.",
    },
    NDJSON: {"type": "string", "description": "One row, a JSON object, on each line."},
    XLSX: {**_FILE, "description": "A workbook; its first sheet is read, or the one that `sheet` names."},
    ARROW: {**_FILE, "description": "A table as Arrow's stream of record batches; needs the extra `arrow`."},
    ARROW_FILE: {**_FILE, "description": "A table as an Arrow file (Feather, version 2); needs the extra `arrow`."},
    PARQUET: {**_FILE, "description": "A table as a Parquet file; needs the extra `arrow`."},
    FORM: {
        "type": "object",
        "properties": {"file": _FILE},
        "required": ["file"],
        "additionalProperties": False,
        "description": "One file of any of these forms.",
    },
}
"""What else than JSON a table may come as."""

UPLOAD_SCHEMAS: dict[str, Any] = {
    **{kind: {**_FILE, "description": "A checkpoint, as `export` answers it."} for kind in CHECKPOINTS},
    FORM: {
        "type": "object",
        "properties": {"checkpoint": _FILE, "table": _FILE},
        "required": ["checkpoint"],
        "description": "A checkpoint, and its table as it is downloaded, if that is to be kept.",
    },
}
"""What an uploaded version may come as."""
