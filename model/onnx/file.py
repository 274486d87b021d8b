"""The ONNX file of a predictor: its inputs by column, its outputs by target, and what is said about them.

A row that the service would refuse is answered with NaN, and with an empty word where a category is predicted.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from onnx import ModelProto, TensorProto, ValueInfoProto, helper

from model.onnx.classifier import answer_classes
from model.onnx.columns import Output, declare_input, find_refused, name_outputs, read_features
from model.onnx.graph import IR_VERSION, OPSETS, Graph, Tensor
from model.onnx.regressor import answer_targets, needs_variance
from model.predictors import Classifier, Regressor

MAX_BYTES, MAX_SHARE = 2_000_000, 0.1
"""Intervals are left out where a file would have more bytes because of them, and be larger by more than this share."""

DEFAULT_COVERAGE = 0.95

NUMBERS = {"double": TensorProto.DOUBLE, "float": TensorProto.FLOAT}
"""Numbers that go in and come out, by precision; between them everything is computed in doubles, as the service does."""


@dataclass(frozen=True)
class OnnxOptions:
    """What a file says of itself, and what is wanted in it."""

    model_name: str
    model_version: int
    coverage: float | None = None
    """Of intervals, which are then in the file whatever its size; None: 0.95, if that leaves the file small."""
    precision: str = "double"


def to_onnx(predictor: Regressor | Classifier, options: OnnxOptions) -> bytes:
    """Return the file of a predictor."""
    if isinstance(predictor, Classifier):
        return _write(predictor, options, None, ())
    if not predictor.has_spread.any():
        return _write(predictor, options, None, ("intervals: no spread could be estimated",))
    if options.coverage is not None or needs_variance(predictor):
        return _write(predictor, options, options.coverage or DEFAULT_COVERAGE, ())
    plain = _write(predictor, options, None, (_TOO_LARGE,))
    most = max(MAX_BYTES, int((1.0 + MAX_SHARE) * len(plain)))
    if len(plain) + sum(part.posterior.factor.nbytes for part in predictor.mixture.networks) > most:
        return plain
    whole = _write(predictor, options, DEFAULT_COVERAGE, ())
    return whole if len(whole) <= most else plain


_TOO_LARGE = "intervals: the file would have more than 2 MB; set coverage to have them all the same"


def _write(
    predictor: Regressor | Classifier, options: OnnxOptions, coverage: float | None, left_out: Iterable[str]
) -> bytes:
    signature = predictor.signature
    names = name_outputs(signature)
    graph = Graph({column.name for column in signature.columns} | set(names.values()))
    features = read_features(graph, signature)
    refused = find_refused(features, signature)
    if isinstance(predictor, Classifier):
        outputs = answer_classes(features, refused, predictor)
    else:
        said = answer_targets(features, predictor, coverage)
        outputs = {key: refused.where(np.array(np.nan), each) for key, each in said.items()}
    number = NUMBERS[options.precision]
    declared = [_declare_output(names[key], key, each, number) for key, each in outputs.items()]
    inputs = [declare_input(column, number) for column in signature.features]
    file = helper.make_model(
        helper.make_graph(graph.nodes, options.model_name, inputs, declared, graph.constants),
        producer_name="scorecast",
        model_version=options.model_version,
        ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid(domain, version) for domain, version in OPSETS.items()],
    )
    _describe(file, predictor, options, coverage, left_out)
    return bytes(file.SerializeToString(deterministic=True))


def _declare_output(name: str, output: Output, value: Tensor, number: int) -> ValueInfoProto:
    """Give a tensor the name that a user sees, and return its declaration."""
    kind = TensorProto.STRING if output.is_word else number
    value.graph.nodes.append(
        helper.make_node("Identity", [value.name], [name], name)
        if output.is_word
        else helper.make_node("Cast", [value.name], [name], name, to=kind)
    )
    return helper.make_tensor_value_info(name, kind, ["rows", output.width])


def _describe(
    file: ModelProto,
    predictor: Regressor | Classifier,
    options: OnnxOptions,
    coverage: float | None,
    left_out: Iterable[str],
) -> None:
    """Put into the file's metadata what it is, and what it does not say."""
    lacks = [*left_out, "extrapolated: which features of a row lie outside the range of the training rows"]
    texts = {
        "model_name": options.model_name,
        "model_version": str(options.model_version),
        "precision": options.precision,
        "signature": json.dumps(predictor.signature.to_dict(), ensure_ascii=False),
        "left_out": json.dumps(lacks),
        "refused_rows": _REFUSED,
        **({} if coverage is None else {"coverage": repr(coverage)}),
    }
    helper.set_model_props(file, texts)


_REFUSED = (
    "A row is answered with NaN (a category: with an empty word) where a value is missing that may not be, a value is "
    "infinite, or a value lies outside of its column's bounds. A missing number is NaN, a missing word is empty."
)
