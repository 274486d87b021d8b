"""Fills the store of a running server with one of everything that a store may hold, and prints what it answered.

Run it on the code of a release before the next one changes what is stored; see `store-0.1/README.md`.
"""

import json
import sys
import time
from typing import Any

import httpx

KEY = {"Idempotency-Key": "the first training"}
WAIT = {"Prefer": "wait=60"}
STUDENTS = [
    {"hours_studied": 2, "hours_slept": 9, "score": 92},
    {"hours_studied": 1, "hours_slept": 5, "score": 86},
    {"hours_studied": 3, "hours_slept": 6, "score": 89},
]
QUESTION: dict[str, float] = {"hours_studied": 4, "hours_slept": 8}
QUESTIONS = {"rows": [QUESTION, {"hours_studied": 1, "hours_slept": 5}], "coverage": 0.8}
FLATS = """area,rooms,district,rent
30,1,north,410
45,2,north,560
,2,south,690
60,3,south,830
75,3,east,905
52,2,east,680
38,1,south,520
90,4,north,1010
,3,east,800
66,3,north,770
48,2,south,640
81,4,south,1080
"""
FLATS_ASKED = "area,rooms,district\n55,2,south\n,3,north\n200,6,east\n"
FLOWERS = """petal,sepal,species
1.4,5.1,setosa
1.3,4.9,setosa
1.5,5.0,setosa
1.6,5.4,setosa
1.4,4.6,setosa
1.7,5.7,setosa
4.7,7.0,versicolor
4.5,6.4,versicolor
4.9,6.9,versicolor
4.0,5.5,versicolor
4.6,6.5,versicolor
3.3,4.9,versicolor
"""
FLOWERS_ASKED = {"rows": [{"petal": 1.5, "sepal": 5.2}, {"petal": 3.0, "sepal": 5.5}, {"petal": 4.8, "sepal": 6.7}]}
CSV = {"Content-Type": "text/csv"}
LONG = {"rows": STUDENTS, "trainer": {"name": "gradient_descent", "max_epochs": 10_000_000}}
READ = (
    "/models",
    "/models/exam-score/versions",
    "/models/exam-score/versions/1",
    "/models/flats/versions",
    "/models/flats/versions/1",
    "/models/flowers/versions/1",
    "/jobs",
)


def fill(client: httpx.Client) -> None:
    """Train models, remove a version and a model, let a training fail, and leave one running."""
    train = "/models/exam-score/train"
    _ask(client.post("/train", json={"rows": STUDENTS}, headers=KEY | WAIT))
    _ask(client.post("/train", json={"rows": STUDENTS, "seed": 1}, headers=WAIT))
    _ask(client.post("/train", json={"rows": STUDENTS, "seed": 2}, headers=WAIT))
    _ask(client.delete("/models/exam-score/versions/2"))
    _ask(client.post("/models/flats/train?targets=rent&missing=mean", content=FLATS, headers=CSV | WAIT))
    _ask(client.post("/models/flowers/train?targets=species&keep_table=false", content=FLOWERS, headers=CSV | WAIT))
    _ask(client.post("/models/flowers/train?extend=true", content=FLOWERS, headers=CSV | WAIT), expected=409)
    _ask(client.post("/models/gone/train?targets=rent&missing=mean", content=FLATS, headers=CSV | WAIT))
    _ask(client.delete("/models/gone"))
    job = client.post(train, json=LONG, headers={"Prefer": "respond-async"}).headers["Location"]
    while client.get(job).json()["status"] != "running":
        time.sleep(0.05)


def answers(client: httpx.Client) -> dict[str, Any]:
    """Return what the server answers, by request."""
    predictions = {
        "/predict": _ask(client.post("/predict", json=QUESTION)).json(),
        "/models/exam-score/versions/1/predict": _ask(
            client.post("/models/exam-score/versions/1/predict", json=QUESTIONS)
        ).json(),
        "/models/flats/predict": _ask(client.post("/models/flats/predict", content=FLATS_ASKED, headers=CSV)).text,
        "/models/flowers/predict": _ask(client.post("/models/flowers/predict", json=FLOWERS_ASKED)).json(),
    }
    return {"predictions": predictions, "read": {path: _ask(client.get(path)).json() for path in READ}}


def _ask(response: httpx.Response, expected: int | None = None) -> httpx.Response:
    right = response.is_success if expected is None else response.status_code == expected
    if not right:
        raise SystemExit(f"{response.request.url}: {response.status_code} {response.text}")
    return response


if __name__ == "__main__":
    with httpx.Client(base_url=sys.argv[1], timeout=120, trust_env=False) as client:
        fill(client)
        print(json.dumps(answers(client), indent=1))  # noqa: T201
