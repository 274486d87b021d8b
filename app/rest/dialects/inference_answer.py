"""Answers of the Open Inference Protocol: a tensor for each target, its interval as two more, and `extrapolated`."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from pydantic_core import to_json

from app.errors import BodyError, InvalidBody, shorten
from app.predict import PredictRequest, classify, predict
from app.rest.dialects.open_inference import EXTRAPOLATED, InferRequest
from app.rest.dialects.tensors import Tensor
from model.arrays import BoolArray, FloatArray
from model.predictors import Classifier, Regressor


def make_tensors(asked: PredictRequest, predictor: Regressor | Classifier) -> list[Tensor]:
    """Return what is predicted, as tensors. Raises `InvalidBody`."""
    if isinstance(predictor, Classifier):
        return _classify(asked, predictor)
    predicted = predict(asked, predictor)
    tensors = []
    for place, column in enumerate(predictor.signature.targets):
        tensors.append(_to_tensor(column.name, predicted.mean[:, place]))
        for side, bounds in (("lower", predicted.lower), ("upper", predicted.upper)):
            if bounds is not None and not np.isnan(bounds[:, place]).any():
                tensors.append(_to_tensor(f"{column.name}_{side}", bounds[:, place]))
    return [*tensors, _mark_extrapolated(predicted.extrapolated)]


def write_inference(
    request: InferRequest, tensors: Sequence[Tensor], head: Mapping[str, Any]
) -> tuple[bytes, int | None]:
    """Return the answer, and how much of it is JSON, where bytes of tensors come behind that. Raises `InvalidBody`."""
    made = {tensor.name: tensor for tensor in tensors}
    wanted = request.outputs or dict.fromkeys(made, request.are_binary)
    if unknown := [name for name in wanted if name not in made]:
        raise InvalidBody(
            [BodyError(f"there is no output {shorten(unknown[0])!r}; there are {', '.join(made)}", "/outputs")]
        )
    outputs, blobs = [], []
    for name, is_binary in wanted.items():
        member = made[name].describe()
        if is_binary:
            blobs.append(made[name].to_bytes())
            outputs.append({**member, "parameters": {"binary_data_size": len(blobs[-1])}})
        else:
            outputs.append({**member, "data": made[name].to_list()})
    text = to_json({**head, **({} if request.id is None else {"id": request.id}), "outputs": outputs})
    return b"".join([text, *blobs]), len(text) if blobs else None


def _classify(asked: PredictRequest, classifier: Classifier) -> list[Tensor]:
    target, found = classifier.signature.targets[0], classify(asked, classifier)
    words = [target.categories[number] for number in found.most_probable.tolist()]
    probabilities = Tensor(
        f"{target.name}_probabilities", "FP64", found.probabilities.shape, found.probabilities.ravel()
    )
    return [Tensor(target.name, "BYTES", (len(words),), words), probabilities, _mark_extrapolated(found.extrapolated)]


def _to_tensor(name: str, values: FloatArray) -> Tensor:
    return Tensor(name, "FP64", (len(values),), values)


def _mark_extrapolated(extrapolated: BoolArray) -> Tensor:
    """Return for each row whether it lies outside of the training data."""
    return Tensor(EXTRAPOLATED, "BOOL", (len(extrapolated),), np.asarray(extrapolated.any(axis=1)))
