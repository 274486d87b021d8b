"""Runs a file as its user does: with onnxruntime, column by column."""

from typing import Any

import numpy as np
import onnx
import onnxruntime as ort

from model.arrays import FloatArray
from model.onnx import OnnxOptions, to_onnx
from model.table import Signature


def export(predictor: Any, **options: Any) -> bytes:
    """Return a file that the standard's own checker passes."""
    file = to_onnx(predictor, OnnxOptions("named", 3, **options))
    onnx.checker.check_model(onnx.load_from_string(file), full_check=True)
    return file


def run(file: bytes, signature: Signature, features: FloatArray) -> dict[str, Any]:
    """Return the outputs by name, for features (rows, features) as arrays have them."""
    session = ort.InferenceSession(file, providers=["CPUExecutionProvider"])
    kinds = {each.name: each.type for each in session.get_inputs()}
    fed = {}
    for column, values in zip(signature.features, features.T, strict=True):
        if column.is_category:
            words = [_word(column.categories, value) for value in values.tolist()]
            fed[column.name] = np.array(words, dtype=object).reshape(-1, 1)
        else:
            fed[column.name] = values[:, None].astype(_DTYPES[kinds[column.name]])
    names = [each.name for each in session.get_outputs()]
    return dict(zip(names, session.run(names, fed), strict=True))


def _word(words: tuple[str, ...], value: float) -> str:
    if np.isnan(value):
        return ""
    return words[int(value)] if value >= 0 else "a word never seen"


_DTYPES = {"tensor(double)": np.float64, "tensor(float)": np.float32}
