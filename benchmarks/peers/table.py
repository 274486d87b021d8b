"""Who takes part: what is installed, where a row is sent, and how it is written. `NAME_app.py` is what serves it."""

from collections.abc import Callable
from typing import NamedTuple

Row = dict[str, float]

SCIKIT_LEARN = "scikit-learn==1.9.1"


class Peer(NamedTuple):
    """Another server of models."""

    requirements: tuple[str, ...]
    path: str
    body: Callable[[Row], object]


def _instances(row: Row) -> object:
    return {"instances": [list(row.values())]}


def _inputs(row: Row) -> object:
    return {"inputs": [list(row.values())]}


def _tensor(row: Row) -> object:
    return {"inputs": [{"name": "predict", "shape": [1, len(row)], "datatype": "FP64", "data": list(row.values())}]}


PEERS = {
    "kserve": Peer(("kserve==0.21.0",), "/v1/models/exam-score:predict", _instances),
    "mlserver": Peer(("mlserver==1.7.1", "mlserver-sklearn==1.7.1"), "/v2/models/exam-score/infer", _tensor),
    "bentoml": Peer(("bentoml==1.4.40",), "/predict", dict),
    "litserve": Peer(("litserve==0.2.19",), "/predict", dict),
    "mlflow": Peer(("mlflow==3.17.2",), "/invocations", _inputs),
}
