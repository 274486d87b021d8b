"""From features with categories and gaps to numbers alone."""

from dataclasses import replace

import numpy as np

from model.table.categories import CategoryEncoding
from model.table.dataset import Dataset
from model.table.signature import UNSEEN, Column, Signature

NAN = np.nan
SIGNATURE = Signature(
    features=(
        Column("size", may_be_missing=True),
        Column("colour", kind="category", categories=("blue", "red", "white"), may_be_missing=True),
        Column("age"),
    ),
    targets=(Column("price"),),
)
ROWS = np.array([[1.0, 0.0, 10.0], [NAN, 2.0, 20.0], [3.0, NAN, 30.0]])


def test_categories_become_columns_and_without_imputation_gaps_the_mean() -> None:
    """As in checkpoints of format 2."""
    category_encoding = replace(CategoryEncoding.fit(SIGNATURE, ROWS), imputation=None)

    assert category_encoding.apply(ROWS).tolist() == [[1, 1, 0, 0, 10], [2, 0, 0, 1, 20], [3, 0, 0, 0, 30]]


def test_without_imputation_a_gap_is_filled_with_the_mean_of_the_rows_learned_from() -> None:
    category_encoding = replace(CategoryEncoding.fit(SIGNATURE, ROWS), imputation=None)

    assert category_encoding.apply(np.array([[NAN, 1.0, 5.0]])).tolist() == [[2, 0, 1, 0, 5]]


def test_cells_that_are_known_stay_as_they_are_and_gaps_are_finite() -> None:
    columns = CategoryEncoding.fit(SIGNATURE, ROWS).apply(ROWS)

    assert columns[0].tolist() == [1, 1, 0, 0, 10]
    assert columns[1, 1:].tolist() == [0, 0, 1, 20]
    assert np.isfinite(columns).all()


def test_columns_carry_the_names_of_their_categories() -> None:
    names = [column.name for column in CategoryEncoding.fit(SIGNATURE, ROWS).columns(SIGNATURE)]

    assert names == ["size", "colour=blue", "colour=red", "colour=white", "age"]


def test_what_is_found_in_a_category_is_found_in_its_feature() -> None:
    found = np.array([[False, False, True, False, False], [True, False, False, False, False]])

    assert CategoryEncoding.fit(SIGNATURE, ROWS).collapse(found).tolist() == [
        [False, True, False],
        [True, False, False],
    ]


def test_numbers_alone_pass_untouched() -> None:
    signature = Signature((Column("a"), Column("b")), (Column("y"),))
    rows = np.arange(6.0).reshape(3, 2)

    assert CategoryEncoding.fit(signature, rows).apply(rows) is rows


def test_a_feature_that_is_always_missing_is_no_obstacle() -> None:
    signature = Signature((Column("a", may_be_missing=True), Column("b")), (Column("y"),))
    rows = np.array([[NAN, 1.0], [NAN, 2.0]])

    assert np.isfinite(CategoryEncoding.fit(signature, rows).apply(rows)).all()


def test_a_filled_table_has_no_gaps() -> None:
    filled = CategoryEncoding.fit(SIGNATURE, ROWS).fill_missing(Dataset(ROWS, np.ones((3, 1))))

    assert filled.features.tolist() == [[1, 0, 10], [2, 2, 20], [3, -1, 30]]


def test_a_row_with_a_gap_and_a_word_never_seen_goes_through_all_levels_though_there_are_fewer_donors() -> None:
    """Of a column with more categories than the table has rows."""
    colour = Column("colour", kind="category", categories=tuple("abcdefg"))
    signature = Signature((Column("size", may_be_missing=True), colour), SIGNATURE.targets)
    encoding = CategoryEncoding.fit(signature, np.array([[1.0, 0.0], [NAN, 1.0], [3.0, 2.0]]))

    draws = encoding.draw(np.array([[NAN, UNSEEN]]))

    assert draws is not None
    assert draws.columns[:, 1:].tolist() == np.eye(7).tolist()
    assert np.isfinite(draws.columns).all()
