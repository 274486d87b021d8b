"""A trial: an uploaded version answers rows like those that it was trained with, and unlike them, before anyone relies on it."""

import logging

import numpy as np

from app.errors import BodyError, InvalidBody
from app.memory import reserving
from model.arrays import FloatArray
from model.predictors import Classifier, Regressor
from model.table import UNSEEN

log = logging.getLogger("scorecast.upload")


def try_out(predictor: Regressor | Classifier) -> None:
    """Raise `InvalidBody` for a predictor that does not answer the middle of its own range, or answers some row with an error."""
    rows = _make_rows(predictor)
    try:
        with reserving(predictor.buffer_bytes), np.errstate(all="ignore"):
            found = predictor.predict(rows)
    except MemoryError:
        raise
    except Exception as error:  # whatever it is, each such row would meet it
        log.warning("an upload is refused, as it cannot answer", exc_info=True)
        detail = f"the checkpoint cannot be served: a row is answered with {type(error).__name__}"
        raise InvalidBody([BodyError(detail, "")]) from None
    answers = found.probabilities if isinstance(predictor, Classifier) else found.mean  # type: ignore[union-attr]
    if not np.isfinite(answers[0]).all():
        detail = "the checkpoint cannot be served: the middle of its own range has no finite answer"
        raise InvalidBody([BodyError(detail, "")])


def _make_rows(predictor: Regressor | Classifier) -> FloatArray:
    """Return rows (rows, features): the middle of each feature's range, its ends, what may be missing, words never seen."""
    features, encoding = predictor.signature.features, predictor.category_encoding
    low, high = np.zeros(len(features)), np.zeros(len(features))
    plain = np.isnan(encoding.code)
    low[encoding.source[plain]], high[encoding.source[plain]] = predictor.domain[:, plain]
    is_category = np.array([column.is_category for column in features])
    may_be_missing = np.array([column.may_be_missing for column in features])
    middle = low / 2 + high / 2
    blank = np.where(may_be_missing, np.nan, middle)
    unseen = np.where(is_category, UNSEEN, middle)
    return np.stack([middle, low, high, blank, unseen])
