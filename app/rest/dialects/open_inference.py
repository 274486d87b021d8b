"""The Open Inference Protocol, version 2, as Triton, KServe and MLServer speak it: what a request asks, from its tensors.

Numeric features come as one tensor `features` of shape [rows, features], or every column as a tensor of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from app.errors import BodyError, InvalidBody, MalformedBody
from app.rest.dialects.parameters import read_coverage, read_flag
from app.rest.dialects.tensors import Tensor, read_binary_tensor, read_tensor, refuse
from app.tables import DEFAULT_COVERAGE, Table, check, parse_json
from model.table import Column, Signature

FEATURES = "features"
"""The tensor that holds all features, where they are numbers."""

EXTRAPOLATED = "extrapolated"

FLOAT_BYTES = 8

MAX_DIMENSION = 2**63 - 1
"""Of a shape, as the protocol has it: an int64."""

STRICT = ConfigDict(strict=True, extra="ignore", allow_inf_nan=False)
"""Members that are not known are left alone, as the protocol's extensions ask."""

Parameters = dict[str, Any]


class InputMember(BaseModel):
    """A member of `inputs`."""

    model_config = STRICT

    name: str
    shape: list[Annotated[int, Field(ge=0, le=MAX_DIMENSION)]] = Field(min_length=1, max_length=2)
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
    coverage: float | None
    """Of the intervals; None: none of them is wanted."""
    id: str | None
    outputs: Mapping[str, bool]
    """Which tensors are wanted, and whether as bytes; none is named: all of them."""
    are_binary: bool
    """Whether tensors are wanted as bytes, unless it is said of one by itself."""


def read_inference(body: bytes, json_length: int | None, signature: Signature) -> InferRequest:
    """Return what a body asks: JSON, with the bytes of tensors behind it; of no JSON, the bytes of `features` alone.

    Raises `MalformedBody`, `InvalidBody`.
    """
    end = len(body) if json_length is None else json_length
    if end > len(body):
        raise MalformedBody(f"Inference-Header-Content-Length is {end:,}, but the body has {len(body):,} bytes")
    members = check(RequestMembers, parse_json(body[:end])) if end else _describe_bytes(len(body), signature)
    are_binary = read_flag(members.parameters, "binary_data_output", default=False)
    outputs = {each.name: _read_output(each, are_binary=are_binary) for each in members.outputs or []}
    table = _to_table(_read_tensors(members.inputs, memoryview(body)[end:]), signature)
    coverage = read_coverage(members.parameters) or DEFAULT_COVERAGE
    without = {EXTRAPOLATED, *(column.name for column in signature.targets)}
    is_wanted = not outputs or not outputs.keys() <= without
    return InferRequest(table, coverage if is_wanted else None, members.id, outputs, are_binary)


def takes_one_tensor(signature: Signature) -> bool:
    """Return whether all features are numbers, so that they may come as one tensor."""
    return all(column.kind == "number" and column.name != FEATURES for column in signature.features)


def _describe_bytes(length: int, signature: Signature) -> RequestMembers:
    """Return what the JSON would be of a request that is the bytes of its one tensor."""
    if not length or not takes_one_tensor(signature):
        raise MalformedBody(
            "a body of bytes alone, without JSON, is read only for a model whose features are all numbers"
        )
    columns = len(signature.features)
    rows = length // (FLOAT_BYTES * columns)
    parameters = {"binary_data_size": length}
    return RequestMembers(
        inputs=[InputMember(name=FEATURES, shape=[rows, columns], datatype="FP64", parameters=parameters)]
    )


def _read_output(output: OutputMember, *, are_binary: bool) -> bool:
    """Return whether a tensor is wanted as bytes. Raises `InvalidBody` where it is wanted in a way that is not known here."""
    for name in ("classification", "shared_memory_region"):
        if output.parameters.get(name):
            raise InvalidBody(
                [BodyError(f"output parameter {name!r} is of an extension that is not supported here", "")]
            )
    return read_flag(output.parameters, "binary_data", default=are_binary)


def _read_tensors(members: list[InputMember], rest: memoryview) -> dict[str, Tensor]:
    tensors: dict[str, Tensor] = {}
    for member in members:
        if member.name in tensors:
            raise refuse(member.name, "is given twice")
        size = member.parameters.get("binary_data_size")
        if size is None:
            tensors[member.name] = read_tensor(member.name, member.datatype, member.shape, member.data)
            continue
        if type(size) is not int or not 0 <= size <= len(rest):
            raise refuse(member.name, f"should have {size!r} bytes, where {len(rest):,} are left of the body")
        tensors[member.name] = read_binary_tensor(member.name, member.datatype, member.shape, rest[:size])
        rest = rest[size:]
    if rest:
        raise MalformedBody(f"{len(rest):,} bytes are left after the last tensor")
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
        columns = {
            column.name: _to_cells(whole.values[place :: len(names)], column)
            for place, column in enumerate(signature.features)
        }
        return Table(columns, is_typed=True, row_count=whole.shape[0])
    rows = {tensor.shape[0] for tensor in tensors.values()}
    if len(rows) > 1:
        raise InvalidBody([BodyError(f"the tensors have different numbers of rows: {sorted(rows)}", "/inputs")])
    known = {column.name: column for column in signature.columns}
    for tensor in tensors.values():
        if tensor.shape[1:] not in {(), (1,)}:
            if tensor.name not in known:
                raise refuse(
                    tensor.name, "is none of the model's: its metadata (GET /v2/models/NAME) tell which it takes"
                )
            raise refuse(tensor.name, f"has the shape {list(tensor.shape)}, where [rows] or [rows, 1] is wanted")
    columns = {name: _to_cells(tensor.values, known.get(name)) for name, tensor in tensors.items()}
    return Table(columns, is_typed=True, row_count=next(iter(rows)))


def _to_cells(values: Any, column: Column | None) -> Any:
    """Return values as a column of a table takes them: an array of numbers as one of floats, any other as a list."""
    if not isinstance(values, np.ndarray):
        return values
    if column is None or column.kind != "number" or values.dtype == np.bool_:
        return values.tolist()
    return values.astype(np.float64, copy=False)
