"""The endpoints for many rows that one would write first: FastAPI and a scikit-learn pipeline; checked by nobody, or by pydantic.

python -m benchmarks.sklearn_batches
"""

import json
from typing import Any

from fastapi import FastAPI, Request
from pydantic import BaseModel
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.floor import serve
from benchmarks.trained import FRIEDMAN

app = FastAPI()
table = FRIEDMAN.draw(FRIEDMAN.rows, 0)
pipeline = make_pipeline(StandardScaler(), MLPRegressor(max_iter=500, random_state=0))
pipeline.fit(table.features, table.targets[:, 0])


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


if __name__ == "__main__":
    serve(app)
