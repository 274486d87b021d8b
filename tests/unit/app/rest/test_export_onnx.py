"""The export as ONNX, over HTTP: onnxruntime answers with it as the service does; what it says where its extra is missing."""

import subprocess
import sys

import numpy as np
import onnxruntime as ort
import pytest

from app.errors import NotAcceptable
from app.rest.exports import EXPORTS, ExportQuery, ExportRequest
from tests.support.problems import errors
from tests.support.server import Server
from tests.support.trained import checkpoint

PATH = "/models/exam-score/versions/1/export"
ROWS = [{"hours_studied": 4.0, "hours_slept": 8.0}, {"hours_studied": 2.0, "hours_slept": 6.5}]


def answer(server: Server, precision: str) -> dict[str, list[float]]:
    """Return what onnxruntime says of the rows."""
    answered = server.client.get(PATH, params={"format": "onnx", "coverage": 0.8, "precision": precision})
    assert answered.status_code == 200
    assert answered.headers["content-disposition"] == 'attachment; filename="exam-score-1.onnx"'
    session = ort.InferenceSession(answered.content, providers=["CPUExecutionProvider"])
    dtype = {"double": np.float64, "float": np.float32}[precision]
    fed = {name: np.array([[row[name]] for row in ROWS], dtype) for name in ROWS[0]}
    names = [each.name for each in session.get_outputs()]
    return {name: values[:, 0].tolist() for name, values in zip(names, session.run(names, fed), strict=True)}


@pytest.mark.parametrize(("precision", "tolerance"), [("double", 1e-9), ("float", 1e-5)])
def test_onnxruntime_answers_as_the_service_does(server: Server, precision: str, tolerance: float) -> None:
    said = answer(server, precision)
    expected = server.client.post("/models/exam-score/versions/1/predict", json={"rows": ROWS, "coverage": 0.8}).json()

    for name, values in said.items():
        target, _, side = name.partition("_")
        documented = [row[target] for row in expected["predictions"]]
        if side:
            documented = [row[target][side] for row in expected["intervals"]]
        np.testing.assert_allclose(values, documented, tolerance)
    assert set(said) == {"score", "score_lower", "score_upper"}


@pytest.mark.parametrize(
    "query", [{"coverage": 0}, {"coverage": 1}, {"coverage": "nan"}, {"precision": "half"}, {"format": "pickle"}]
)
def test_what_cannot_be_is_refused(server: Server, query: dict[str, str]) -> None:
    answered = server.client.get(PATH, params={"format": "onnx", **query})

    ((detail, _),) = errors(answered)
    assert next(iter(query)) in detail


def test_without_its_extra_it_is_refused_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "onnx" or name.startswith("model.onnx")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "onnx", None)
    export = EXPORTS["onnx"]
    assert export.write is not None
    with pytest.raises(NotAcceptable, match=r"pip install 'scorecast\[onnx\]'"):
        export.write(ExportRequest("exam-score", 1, checkpoint(), ExportQuery()))


def test_the_service_starts_without_onnx() -> None:
    code = "import sys, app.main; assert 'onnx' not in sys.modules and 'model.onnx' not in sys.modules"

    subprocess.run([sys.executable, "-c", code], check=True)
