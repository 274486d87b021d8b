"""The Open Inference Protocol, version 2, as Triton, KServe and MLServer speak it: tensors in, tensors out.

Numeric features come as one tensor `features` of shape [rows, features], or every column as a tensor of its own. Answers are
a tensor for each target, its interval as two more, and `extrapolated`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json

from app.errors import BodyError, InvalidBody, MalformedBody, shorten
from app.predict import PredictRequest, classify, predict
from app.rest.dialects.tensors import Tensor, read_binary_tensor, read_tensor, refuse
from app.tables import DEFAULT_COVERAGE, Table, check, parse_json
from model.arrays import FloatArray
from model.predictors import Classifier, Regressor
from model.table import Signature

FEATURES = "features"
"""The tensor that holds all features, where they are numbers."""

STRICT = ConfigDict(strict=True, extra="ignore", allow_inf_nan=False)
"""Members that are not known are left alone, as the protocol's extensions ask."""

Parameters = dict[str, Any]


class InputMember(BaseModel):
    """A member of `inputs`."""

    model_config = STRICT

    name: str
    shape: list[Annotated[int, Field(ge=0)]] = Field(min_length=1, max_length=2)
    datatype: str
    parameters: Parameters = {}
    data: Any = None


class OutputMember(BaseModel):
    """A member of `outputs`: one that is wanted."""

    model_config = STRICT

    name: str
    parameters: Parameters = {}


class RequestMembers(BaseModel):
    """The JSON of a request."""

    model_config = STRICT

    id: str | None = None
    parameters: Parameters = {}
    inputs: list[InputMember] = Field(min_length=1)
    outputs: list[OutputMember] | None = None


@dataclass(frozen=True, eq=False)
class InferRequest:
    """A request that has been read."""

    table: Table
    coverage: float
    id: str | None
    outputs: Mapping[str, bool] | None
    """Which tensors are wanted, and whether as bytes; None: all of them."""
    are_binary: bool
    """Whether tensors are wanted as bytes, unless it is said of one by itself."""


def read_inference(body: bytes, json_length: int | None, signature: Signature) -> InferRequest:
    """Return what a body asks: JSON, with the bytes of tensors behind it. Raises `MalformedBody`, `InvalidBody`."""
    end = len(body) if json_length is None else json_length
    if end > len(body):
        raise MalformedBody(f"Inference-Header-Content-Length is {end:,}, but the body has {len(body):,} bytes")
    members = check(RequestMembers, parse_json(body[:end]))
    tensors = _read_tensors(members.inputs, memoryview(body)[end:])
    coverage = members.parameters.get("coverage", DEFAULT_COVERAGE)
    if not isinstance(coverage, int | float) or isinstance(coverage, bool) or not 0 < coverage < 1:
        raise InvalidBody(
            [BodyError("parameter 'coverage' should be a number between 0 and 1", "/parameters/coverage")]
        )
    are_binary = bool(members.parameters.get("binary_data_output", False))
    wanted = None
    if members.outputs is not None:
        wanted = {each.name: bool(each.parameters.get("binary_data", are_binary)) for each in members.outputs}
    return InferRequest(_to_table(tensors, signature), float(coverage), members.id, wanted, are_binary)


def answer_inference(
    request: InferRequest, asked: PredictRequest, predictor: Regressor | Classifier, head: Mapping[str, Any]
) -> tuple[bytes, int | None]:
    """Return the answer, and how much of it is JSON, where bytes of tensors come behind that."""
    made = {tensor.name: tensor for tensor in _make_tensors(asked, predictor)}
    wanted = dict.fromkeys(made, request.are_binary) if request.outputs is None else request.outputs
    if unknown := [name for name in wanted if name not in made]:
        raise InvalidBody(
            [BodyError(f"there is no output {shorten(unknown[0])!r}; there are {', '.join(made)}", "/outputs")]
        )
    outputs, blobs = [], []
    for name, is_binary in wanted.items():
        member = made[name].to_json()
        if is_binary:
            blobs.append(made[name].to_bytes())
            member = {**member, "parameters": {"binary_data_size": len(blobs[-1])}}
            del member["data"]
        outputs.append(member)
    text = to_json({**head, **({} if request.id is None else {"id": request.id}), "outputs": outputs})
    return b"".join([text, *blobs]), len(text) if blobs else None


def _read_tensors(members: list[InputMember], rest: memoryview) -> dict[str, Tensor]:
    tensors: dict[str, Tensor] = {}
    for member in members:
        if member.name in tensors:
            raise refuse(member.name, "is given twice")
        size = member.parameters.get("binary_data_size")
        if size is None:
            tensors[member.name] = read_tensor(member.name, member.datatype, member.shape, member.data)
            continue
        if not isinstance(size, int) or not 0 <= size <= len(rest):
            raise refuse(member.name, f"should have {size!r} bytes, where {len(rest):,} are left of the body")
        tensors[member.name] = read_binary_tensor(member.name, member.datatype, member.shape, rest[:size])
        rest = rest[size:]
    return tensors


def _to_table(tensors: Mapping[str, Tensor], signature: Signature) -> Table:
    """Return tensors as a table of one column for each feature. Raises `InvalidBody`."""
    names = [column.name for column in signature.features]
    if FEATURES in tensors and FEATURES not in names:
        whole = tensors[FEATURES]
        if len(tensors) > 1:
            raise refuse(FEATURES, "holds all features: no other tensor may stand beside it")
        if len(whole.shape) != 2 or whole.shape[1] != len(names):
            raise refuse(FEATURES, f"has the shape {list(whole.shape)}, where [rows, {len(names)}] is wanted")
        columns = {name: _to_cells(whole.values[place :: len(names)]) for place, name in enumerate(names)}
        return Table(columns, is_typed=True, row_count=whole.shape[0])
    rows = {tensor.shape[0] for tensor in tensors.values()}
    if len(rows) > 1:
        raise InvalidBody([BodyError(f"the tensors have different numbers of rows: {sorted(rows)}", "/inputs")])
    for tensor in tensors.values():
        if tensor.shape[1:] not in {(), (1,)}:
            raise refuse(tensor.name, f"has the shape {list(tensor.shape)}, where [rows] or [rows, 1] is wanted")
    columns = {name: _to_cells(tensor.values) for name, tensor in tensors.items()}
    return Table(columns, is_typed=True, row_count=next(iter(rows)))


def _to_cells(values: Any) -> Any:
    return values.tolist() if isinstance(values, np.ndarray) else values


def _make_tensors(asked: PredictRequest, predictor: Regressor | Classifier) -> list[Tensor]:
    rows, targets = len(asked.features), predictor.signature.targets
    if isinstance(predictor, Classifier):
        found = classify(asked, predictor)
        words = [targets[0].categories[number] for number in found.most_probable.tolist()]
        probabilities = Tensor(
            f"{targets[0].name}_probabilities", "FP64", found.probabilities.shape, found.probabilities.ravel()
        )
        tensors = [Tensor(targets[0].name, "BYTES", (rows,), words), probabilities]
        return [*tensors, Tensor("extrapolated", "BOOL", (rows,), np.asarray(found.extrapolated.any(axis=1)))]
    predicted = predict(asked, predictor)
    tensors = []
    for place, column in enumerate(targets):
        tensors.append(_to_tensor(column.name, predicted.mean[:, place]))
        for side, bounds in (("lower", predicted.lower), ("upper", predicted.upper)):
            if bounds is not None and not np.isnan(bounds[:, place]).any():
                tensors.append(_to_tensor(f"{column.name}_{side}", bounds[:, place]))
    return [*tensors, Tensor("extrapolated", "BOOL", (rows,), np.asarray(predicted.extrapolated.any(axis=1)))]


def _to_tensor(name: str, values: FloatArray) -> Tensor:
    return Tensor(name, "FP64", (len(values),), values)
