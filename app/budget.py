"""The budget of a request: what it may cost, in operations, cells and bytes, reckoned before anything is computed.

An operation is one floating-point operation of a matrix product; on one core of an ordinary machine there are about
10 billion in a second. What Python does for a row or a cell counts as so many operations as take as long.
"""

from enum import Enum

from app.errors import BodyTooLarge

OPERATIONS_A_ROW = 100_000
"""What it takes to read, answer and write a row, beside its cells and its networks: 10 microseconds."""

OPERATIONS_A_CELL = 10_000
"""What it takes to read a cell: 1 microsecond."""

MAX_SMALL_OPERATIONS = 100_000_000
"""Of what is done at once, in front of all others: about 700 rows of three columns, in some 15 milliseconds."""

MAX_MEDIUM_OPERATIONS = 5_000_000_000
"""Of what takes about half a second: what is larger waits for its turn, and keeps nothing smaller waiting."""

MAX_OPERATIONS = 1_000_000_000_000
"""Of one prediction or evaluation: one to two minutes."""

MAX_ANSWER_CELLS = 10_000_000
"""Numbers in an answer, bounds of intervals and probabilities among them: until it is written, they take 80 MB."""

MAX_ANSWER_BYTES = 1_000_000_000
"""Of an answer as text. It is never in memory as a whole."""

MAX_WORKBOOK_CELLS = 1_000_000
"""Of an answer as a workbook, which is in memory as a whole, at about 200 bytes a cell."""

MAX_FRAME_BYTES = 256 * 1024 * 1024
"""Of an answer as Arrow or Parquet, which is in memory as a whole."""

MAX_CHECKED_CELLS = 1_000_000
"""Of a table that is checked and answered as it was read: as text in JSON it may take several times what it came as."""

MAX_SMALL_BODY_BYTES = 64 * 1024
"""Of a body that is worked on at once."""

MAX_HELD_BYTES = 64 * 1024 * 1024
"""Of the bodies of all requests that are worked on in threads, or wait for that; one alone may have more."""

MAX_PARAMETERS = 2_000_000
"""The most parameters that the networks of one ensemble may have together; a server keeps them in memory."""

MAX_TRAINING_VALUES = 100_000_000
"""The most numbers in one pass of a training through a network: rows times inputs and units."""

MAX_COLUMNS = 10_000
"""Of a table, with those that are left out. A header of 3 million took a gigabyte."""

MAX_CATEGORIES = 50_000
"""Of all columns of a model together: every row's schema, and every answer about the model, has all of them."""

MAX_JSON_VALUES = 200_000
"""Of a JSON body that is no table: twice what a declaration of 10,000 columns and 50,000 categories has."""

MAX_ABSENT_CELLS = 20_000_000
"""The most cells that the rows of one JSON body may leave out: `{}` takes two bytes, but as wide a row in memory as any."""


BODY_SETTINGS = (
    "(SCORECAST_MAX_BODY_BYTES; for trainings, checks, evaluations and uploads SCORECAST_MAX_TRAIN_BODY_BYTES)"
)
"""What sets how large a body may be, as an error names it."""

SEND_FEWER = "send fewer rows at a time"
"""What to do about a body that is too large."""


class WorkSize(Enum):
    """Where something is computed: at once, or in one of the threads that are there for work of its size."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


def choose_size(operations: float) -> WorkSize:
    """Return how large something is that takes so many operations."""
    if operations <= MAX_SMALL_OPERATIONS:
        return WorkSize.SMALL
    return WorkSize.MEDIUM if operations <= MAX_MEDIUM_OPERATIONS else WorkSize.LARGE


def check_operations(rows: int, operations: float) -> None:
    """Raise `BodyTooLarge` for rows that take too many operations with their model."""
    if operations > MAX_OPERATIONS:
        most = max(1, int(rows * MAX_OPERATIONS / operations))
        raise BodyTooLarge(
            f"{rows:,} rows take about {operations / 1e9:,.0f} billion operations with this model, of at most "
            f"{MAX_OPERATIONS / 1e9:,.0f} in one request: send at most {most:,} rows at a time"
        )


def check_answer_cells(rows: int, cells_a_row: int, most: int = MAX_ANSWER_CELLS) -> None:
    """Raise `BodyTooLarge` for rows whose answer would have too many numbers."""
    if rows * cells_a_row > most:
        raise BodyTooLarge(
            f"the answer to {rows:,} rows would hold {rows * cells_a_row:,} numbers, of at most {most:,}: "
            f"send at most {most // cells_a_row or 1:,} rows at a time"
        )


def check_answer_bytes(rows: int, answer_bytes: int) -> None:
    """Raise `BodyTooLarge` for rows whose answer would be too long a text."""
    if answer_bytes > MAX_ANSWER_BYTES:
        most = max(1, rows * MAX_ANSWER_BYTES // answer_bytes)
        raise BodyTooLarge(
            f"the answer to {rows:,} rows would have about {answer_bytes:,} bytes, of at most {MAX_ANSWER_BYTES:,}: "
            f"send at most {most:,} rows at a time"
        )


def check_json_values(number: int) -> None:
    """Raise `BodyTooLarge` for a JSON body, which is no table, of too many values."""
    if number > MAX_JSON_VALUES:
        raise BodyTooLarge(f"the body holds about {number:,} values, of at most {MAX_JSON_VALUES:,}")


def check_categories(number: int) -> None:
    """Raise `BodyTooLarge` for the columns of a model that have too many categories together."""
    if number > MAX_CATEGORIES:
        raise BodyTooLarge(
            f"the columns have {number:,} categories together, of at most {MAX_CATEGORIES:,}: leave some columns out, "
            "or put rare categories together as one"
        )
