"""A classifier in a graph: from features to the most probable category, and to the probabilities of all."""

import numpy as np

from model.onnx.columns import Output, list_outputs
from model.onnx.draws import draw
from model.onnx.graph import ML, Tensor
from model.onnx.mixture import probabilities
from model.predictors import Classifier


def answer_classes(features: Tensor, refused: Tensor, classifier: Classifier) -> dict[Output, Tensor]:
    """Return the category as a word [rows, 1], and the probabilities (rows, categories) in the signature's order."""
    columns, drawn = draw(features, classifier.category_encoding)
    each = probabilities(columns, classifier.mixture)
    each = each if drawn is None else drawn.average(each)
    number = refused.where(np.array(-1), each.apply("ArgMax", axis=1, keepdims=1))
    words = classifier.signature.targets[0].categories
    word = number.apply(
        "LabelEncoder", domain=ML, keys_int64s=list(range(len(words))), values_strings=list(words), default_string=""
    )
    of_word, of_probabilities = list_outputs(classifier.signature)
    return {of_word: word, of_probabilities: refused.where(np.array(np.nan), each)}
