"""The endpoints for many rows that one would write first: FastAPI and a scikit-learn pipeline; unchecked, or checked by pydantic.

python -m benchmarks.sklearn_batches exam-score  # or 8-features: what its pipeline is trained with
"""

import json
import sys
import warnings
from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI, Request
from pydantic import BaseModel, create_model
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.floor import serve
from benchmarks.trained import exam_scores, friedman

app = FastAPI()
pipeline = make_pipeline(StandardScaler(), MLPRegressor(max_iter=500, random_state=0))
TABLES = {"exam-score": lambda: exam_scores(200), "8-features": friedman, "8-features-wide": friedman}


class Rows(BaseModel):
    """Many rows, each a list of numbers."""

    rows: list[list[float]]


@app.post("/predict")
async def predict(request: Request) -> dict[str, Any]:
    """Predict a number for each row, a list of numbers."""
    rows = json.loads(await request.body())["rows"]
    return {"predictions": pipeline.predict(rows).tolist()}


@app.post("/predict-checked")
async def predict_checked(body: Rows) -> dict[str, list[float]]:
    """Predict a number for each row, once pydantic has found them to be lists of numbers."""
    return {"predictions": pipeline.predict(body.rows).tolist()}


async def predict_named(body: Any) -> dict[str, list[float]]:
    """Predict a number for each row, an object of named numbers, as ours are."""
    rows = [list(row.__dict__.values()) for row in body.rows]
    return {"predictions": pipeline.predict(rows).tolist()}


def add_named(columns: Iterable[str]) -> None:
    """Have the last one ask for these names."""
    numbers: dict[str, Any] = dict.fromkeys(columns, float)
    rows: Any = list[create_model("Row", **numbers)]  # type: ignore[misc]
    predict_named.__annotations__["body"] = create_model("NamedRows", rows=rows)
    app.post("/predict-named")(predict_named)


if __name__ == "__main__":
    with warnings.catch_warnings(action="ignore"):  # that it could be trained for longer
        table = TABLES[sys.argv[1]]()
        *features, target = zip(*(row.values() for row in table), strict=True)
        pipeline.fit(list(zip(*features, strict=True)), target)
    add_named(list(table[0])[:-1])
    serve(app)
