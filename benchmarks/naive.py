"""The endpoint that one would write first: FastAPI, a pydantic body, and the tutorial's network in NumPy. No interval.

python -m benchmarks.naive [PORT]
"""

import sys

import numpy as np
from fastapi import FastAPI
from numpy.typing import NDArray
from pydantic import BaseModel

from benchmarks.floor import serve

SCALE = np.array([3.0, 9.0])
RNG = np.random.default_rng(0)
W1, W2 = RNG.standard_normal((2, 3)), RNG.standard_normal((3, 1))

app = FastAPI()


class Row(BaseModel):
    """A question."""

    hours_studied: float
    hours_slept: float


def sigmoid(s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the logistic function of each."""
    return np.asarray(1 / (1 + np.exp(-s)))


@app.post("/predict")
async def predict(row: Row) -> dict[str, float]:
    """Predict a score."""
    inputs = np.array([[row.hours_studied, row.hours_slept]]) / SCALE
    score = sigmoid(sigmoid(inputs @ W1) @ W2)[0, 0] * 100
    return {"score": float(score)}


if __name__ == "__main__":
    serve(app, *map(int, sys.argv[1:]))
