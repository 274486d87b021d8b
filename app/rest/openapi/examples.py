"""Examples of bodies, which work as they stand; those of other paths stand with their routes."""

from collections.abc import Mapping
from typing import Any

from app.tables import CSV, JSON, NDJSON

_ROW = {"hours_studied": 4, "hours_slept": 8}
_TABLE = [
    {"hours_studied": 2, "hours_slept": 9, "score": 92},
    {"hours_studied": 1, "hours_slept": 5, "score": 86},
    {"hours_studied": 3, "hours_slept": 6, "score": 89},
]
_LABELLED_CSV = "hours_studied,hours_slept,score\n2,9,92\n1,5,86\n3,6,89\n"

EXAMPLES: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "predict": {
        JSON: {
            "one_row": _ROW,
            "many_rows": {"rows": [_ROW, {"hours_studied": 2, "hours_slept": 6}], "coverage": 0.9},
            "distribution": {"rows": [_ROW], "coverage": [0.5, 0.95], "quantiles": [0.1, 0.9], "above": 90},
        },
        CSV: {"table": "hours_studied,hours_slept\n4,8\n2,6\n"},
        NDJSON: {"rows": '{"hours_studied": 4, "hours_slept": 8}\n{"hours_studied": 2, "hours_slept": 6}\n'},
    },
    "predict-row": {JSON: {"one_row": _ROW}},
    "train": {
        JSON: {
            "rows_alone": {"rows": _TABLE},
            "with_options": {
                "rows": _TABLE,
                "network": {"hidden_layers": [3], "activation": "sigmoid", "bias": False},
                "trainer": {"name": "gradient_descent", "learning_rate": 1.0, "max_epochs": 1000},
                "seed": 1785,
            },
        },
        CSV: {"table": _LABELLED_CSV},
    },
    "evaluate": {JSON: {"rows": {"rows": _TABLE}}, CSV: {"table": _LABELLED_CSV}},
    "declare": {
        JSON: {
            "exam_score": {
                "features": [
                    {"name": "hours_studied", "unit": "hours", "minimum": 0, "maximum": 24},
                    {"name": "hours_slept", "unit": "hours", "minimum": 0, "maximum": 24},
                ],
                "targets": [{"name": "score", "unit": "points", "minimum": 0, "maximum": 100}],
            }
        }
    },
    "default-version": {JSON: {"back_to_the_first": {"model_version": 1}}},
}
"""For each mark (`x-body`, without what tells rows of any model apart) and media type, examples by name."""
