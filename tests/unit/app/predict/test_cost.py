"""What a prediction costs is known before it is made: where it is worked on, and when it is refused."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from app import budget
from app.budget import MAX_SMALL_BODY_BYTES, OPERATIONS_A_ROW, WorkSize
from app.errors import BodyTooLarge
from app.frames import PARQUET
from app.predict.cost import check_answer, check_rows, choose_any_size, choose_body_size, choose_values_size
from app.predict.request import PredictRequest
from app.tables import CSV, JSON, XLSX, Body
from model.predictors import Regressor
from model.table import Column, Signature
from tests.support.trained import checkpoint

REGRESSOR: Regressor = checkpoint().predictor
FEATURES = REGRESSOR.signature.features
WORDS = tuple(map(str, range(1000)))

ONE_ROW, MANY_ROWS = b'{"x": 1}', b'{"rows":[' + b"{}," * 1000 + b"{}]}"


def predictor(*, operations: int = 0, is_quick: bool = True, categories: tuple[str, ...] = ()) -> Any:
    """Return all that is asked about a predictor of two features and a target."""
    feature = Column("z", kind="category", categories=categories) if categories else Column("z")
    signature = Signature((Column("x"), feature), (Column("y"),))
    return SimpleNamespace(signature=signature, operations_a_row=operations, draws_a_gap=1, is_quick=is_quick)


@pytest.mark.parametrize(
    ("body", "of", "size"),
    [
        (Body(ONE_ROW), predictor(), WorkSize.SMALL),
        (Body(ONE_ROW), predictor(is_quick=False), WorkSize.MEDIUM),
        (Body(ONE_ROW + b" " * MAX_SMALL_BODY_BYTES), predictor(), WorkSize.MEDIUM),
        (Body(b"PK", XLSX), predictor(), WorkSize.MEDIUM),
        (Body(b"PAR1", PARQUET), predictor(), WorkSize.MEDIUM),
        (Body(MANY_ROWS), predictor(), WorkSize.MEDIUM),
        (Body(MANY_ROWS), predictor(operations=4_000_000), WorkSize.MEDIUM),
        (Body(MANY_ROWS), predictor(operations=8_000_000), WorkSize.LARGE),
        (Body(MANY_ROWS), predictor(categories=WORDS), WorkSize.LARGE),
        (Body(b"x\n" + b"1\n" * 500, CSV), predictor(), WorkSize.SMALL),
        (Body(b"x\r" + b"1\r" * 500, CSV), predictor(), WorkSize.SMALL),
        (Body(b"x\n" + b"1\n" * 20_000, CSV), predictor(), WorkSize.MEDIUM),
        (Body(b"x\n" + b"1\n" * 50_000, CSV), predictor(), WorkSize.LARGE),
        (Body(b"x\r" + b"1\r" * 50_000, CSV), predictor(), WorkSize.LARGE),
        (Body(b'{"x":[' + b"1," * 50_000 + b"1]}", JSON), predictor(), WorkSize.LARGE),
    ],
)
def test_small_is_what_is_cheap_and_not_what_is_short(body: Body, of: Any, size: WorkSize) -> None:
    assert choose_body_size(body, of) is size


def test_rows_that_take_too_many_operations_are_refused_with_the_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "MAX_OPERATIONS", 5 * OPERATIONS_A_ROW)

    with pytest.raises(BodyTooLarge, match=r"^10 rows take about 0 billion .* send at most [12] rows at a time$"):
        check_rows(np.zeros((10, len(FEATURES))), REGRESSOR, FEATURES)
    check_rows(np.zeros((1, len(FEATURES))), REGRESSOR, FEATURES)


def test_an_answer_of_too_many_numbers_is_refused_with_the_number() -> None:
    request = PredictRequest(np.zeros((4_000_000, 1)), 0.9)

    with pytest.raises(BodyTooLarge, match="12,000,000 numbers, of at most 10,000,000: send at most 3,333,333 rows"):
        check_answer(request, REGRESSOR)
    check_answer(replace(request, coverage=None), REGRESSOR)


def test_pieces_are_answered_as_the_whole() -> None:
    features = np.random.default_rng(0).uniform(0, 10, (1000, len(FEATURES)))
    pieces = replace(check_rows(features, REGRESSOR, FEATURES), rows=1)
    whole = REGRESSOR.predict(features)

    mean, places, nothing = pieces.run(
        features, lambda piece, place: (REGRESSOR.predict(piece).mean, np.arange(1000)[place], None)
    )

    assert mean is not None
    assert places is not None
    assert mean.tobytes() == whole.mean.tobytes()
    assert places.tolist() == list(range(1000))
    assert nothing is None


def test_what_is_short_in_bytes_may_hold_many_rows() -> None:
    """Tensors and instances name no columns: 64 KB of them may be 16,000 rows, which are not answered in front of all others."""
    lengths = (100, 32_000, 64_000, 10_000_000)

    sizes = [choose_values_size(length, REGRESSOR) for length in lengths]

    assert sizes[0] is WorkSize.SMALL
    assert WorkSize.SMALL not in sizes[1:]
    assert sizes[-1] is WorkSize.LARGE


def test_a_body_of_few_objects_or_of_few_values_may_hold_many_rows() -> None:
    """A frame has three objects whatever its rows; rows of objects may leave values out."""
    frame = Body(b'{"dataframe_split": {"data": [' + b"[1,2]," * 9_000 + b']}, "params": {}}')
    objects = Body(b'{"instances": [' + b"{}," * 15_000 + b"]}")

    assert choose_body_size(frame, REGRESSOR) is WorkSize.SMALL
    assert choose_any_size(frame, REGRESSOR) is not WorkSize.SMALL
    assert choose_any_size(objects, REGRESSOR) is not WorkSize.SMALL
    assert choose_any_size(Body(b'{"instances": [[1, 2]]}'), REGRESSOR) is WorkSize.SMALL
