"""Columns: a graph's inputs by name, brought together as features, and as the columns that they are encoded in; and its outputs.

A number is a tensor [rows, 1] of doubles or floats, NaN where it is missing; a date the days since 1970 began, always doubles;
a category a word, empty where it is missing.
"""

from dataclasses import dataclass

import numpy as np
from onnx import TensorProto, ValueInfoProto, helper

from model.arrays import FloatArray
from model.onnx.graph import ML, Graph, Tensor
from model.table import CIRCLES, MISSING_MARK, UNSEEN, CategoryEncoding, Column, NetworkInputs, Signature

SINES = frozenset(code for code, (_, _, function) in CIRCLES.items() if function is np.sin)


@dataclass(frozen=True)
class Output:
    """What is told of a target [rows, width]: the answer itself, or what belongs to it."""

    target: str
    suffix: str = ""
    width: int = 1
    is_word: bool = False


def list_outputs(signature: Signature) -> list[Output]:
    """Return all outputs that a graph may have."""
    if signature.is_classification:
        (column,) = signature.targets
        probabilities = Output(column.name, "_probabilities", len(column.categories))
        return [Output(column.name, is_word=True), probabilities]
    return [Output(column.name, suffix) for column in signature.targets for suffix in ("", "_lower", "_upper")]


def name_outputs(signature: Signature) -> dict[Output, str]:
    """Return the names of outputs: with an underscore more where a column is called so already."""
    taken, names = {column.name for column in signature.columns}, dict[Output, str]()
    for output in list_outputs(signature):
        name = output.target + output.suffix
        while output.suffix and name in taken:
            name += "_"
        taken.add(name)
        names[output] = name
    return names


def declare_input(column: Column, number_kind: int) -> ValueInfoProto:
    """Return a column as an input of a graph whose numbers are of some kind."""
    kind = {"category": TensorProto.STRING, "date": TensorProto.DOUBLE}.get(column.kind, number_kind)
    return helper.make_tensor_value_info(column.name, kind, ["rows", 1], _explain(column))


def read_features(graph: Graph, signature: Signature) -> Tensor:
    """Return the features (rows, features): categories by number, missing values as NaN."""
    return graph.join(*(_read(graph, column) for column in signature.features))


def find_refused(features: Tensor, signature: Signature) -> Tensor:
    """Return which rows [rows, 1] the service would refuse: a value is missing, infinite or outside of its bounds."""
    columns = signature.features
    minimum = np.array([-_LARGEST if column.minimum is None else column.minimum for column in columns], np.float64)
    maximum = np.array([_LARGEST if column.maximum is None else column.maximum for column in columns], np.float64)
    is_blank_allowed = np.array([column.may_be_missing for column in columns])
    is_inside = features.apply("GreaterOrEqual", minimum).apply("And", features.apply("LessOrEqual", maximum))
    is_blank = features.apply("IsNaN").apply("And", is_blank_allowed)
    is_refused = is_inside.apply("Or", is_blank).apply("Not").cast(np.float64)
    return is_refused.reduce("Max", 1, keepdims=True).apply("Greater", 0.0)


def encode(features: Tensor, encoding: CategoryEncoding) -> Tensor:
    """Return the columns (rows, columns); NaN where a value is missing, unless something always stands in for it."""
    if encoding.imputation is None:
        features = features.apply("IsNaN").where(encoding.fill, features)
    read = features.take(encoding.source)
    columns = read
    codes = encoding.code
    is_category = codes >= 0
    if is_category.any():
        is_code = read.apply("Equal", codes).cast(np.float64)
        if encoding.imputation is not None:
            is_code = read.apply("IsNaN").where(np.array(np.nan), is_code)
        columns = columns.graph.op("Where", is_category, is_code, columns)
    is_mark = codes == MISSING_MARK
    if is_mark.any():
        columns = columns.graph.op("Where", is_mark, read.apply("IsNaN").cast(np.float64), columns)
    is_circle = np.isin(codes, list(CIRCLES))
    return columns.graph.op("Where", is_circle, _turn(read, codes), columns) if is_circle.any() else columns


def scale_inputs(columns: Tensor, inputs: NetworkInputs) -> Tensor:
    """Return the inputs (rows, inputs) that are read from columns, each held between its limits and scaled."""
    read = columns.take(inputs.source)
    if np.isfinite(inputs.low).any() or np.isfinite(inputs.high).any():
        read = read.apply("Max", inputs.low).apply("Min", inputs.high)
    return (read - inputs.offset) / inputs.scale


def _read(graph: Graph, column: Column) -> Tensor:
    given = Tensor(graph, column.name)
    if not column.is_category:
        return given.cast(np.float64)
    words = list(column.categories)
    codes = [float(number) for number in range(len(words))]
    if "" not in words:
        words, codes = [*words, ""], [*codes, np.nan]
    return given.apply(
        "LabelEncoder",
        domain=ML,
        keys_strings=words,
        values_tensor=helper.make_tensor("codes", TensorProto.DOUBLE, [len(codes)], codes),
        default_tensor=helper.make_tensor("unseen", TensorProto.DOUBLE, [1], [UNSEEN]),
    )


def _turn(days: Tensor, codes: FloatArray) -> Tensor:
    """Return sine or cosine (rows, columns) of each column's place on its circle, where its code is one of a circle."""
    period = np.array([CIRCLES[code][1] if code in CIRCLES else 1.0 for code in codes.tolist()])
    rest = days.apply("Mod", period, fmod=1)  # of the sign of the date; whole turns are taken off exactly
    rest = rest.apply("Less", 0.0).where(rest + period, rest)
    phase = np.where(np.isin(codes, list(SINES)), 0.0, np.pi / 2)  # older runtimes know no cosine of doubles
    return (rest * (2 * np.pi) / period + phase).apply("Sin")


def _explain(column: Column) -> str:
    if column.is_category:
        missing = ", empty where it is missing" if column.may_be_missing else ""
        return f"one of {len(column.categories)} words{missing}; see the metadata"
    what = (
        "days since 1970 began (UTC)" if column.is_date else "a number" + (f" in {column.unit}" if column.unit else "")
    )
    return what + (", NaN where it is missing" if column.may_be_missing else "")


_LARGEST = np.finfo(np.float64).max
