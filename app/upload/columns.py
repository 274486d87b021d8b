"""The columns of an upload: held to what a declaration is held to, and compared with the columns that a model has."""

from collections.abc import Iterator

from app.budget import MAX_COLUMNS, check_categories
from app.errors import BodyError, InvalidBody, OtherColumns, shorten
from app.tables import MAX_FEATURES, MAX_NAME_CHARACTERS, MAX_TARGETS, is_reading
from model.table import Column, Signature

MAX_TEXT_CHARACTERS = 200
"""Of a category, a unit, a mark, a way to write numbers."""

MAX_MARKS = 1000


def check_signature(signature: Signature) -> None:
    """Raise `InvalidBody` or `BodyTooLarge` for columns that no declaration could have."""
    for problem in _problems(signature):
        raise InvalidBody([BodyError(f"the checkpoint's columns: {problem}", "")])
    check_categories(sum(len(column.categories) for column in signature.columns))


def _problems(signature: Signature) -> Iterator[str]:
    counts = (len(signature.features), MAX_FEATURES), (len(signature.targets), MAX_TARGETS)
    if any(count > most for count, most in (*counts, (len(signature.left_out), MAX_COLUMNS))):
        yield f"at most {MAX_FEATURES} features, {MAX_TARGETS} targets and {MAX_COLUMNS} others can be served"
    for column in signature.targets:
        if column.may_be_missing or column.marks:
            yield f"target {column.name!r} cannot be missing"
    for name in signature.left_out:
        if len(name) > MAX_NAME_CHARACTERS:
            yield f"{shorten(name)!r} is too long a name"
    for column in signature.columns:
        yield from _problems_of(column)


def _problems_of(column: Column) -> Iterator[str]:
    texts = [*column.categories, *column.marks, column.unit or "", column.reading or ""]
    if len(column.name) > MAX_NAME_CHARACTERS or any(len(text) > MAX_TEXT_CHARACTERS for text in texts):
        yield f"{shorten(column.name)!r} has a name or a text of more than {MAX_TEXT_CHARACTERS} characters"
    if "" in column.categories or len(column.marks) > MAX_MARKS:
        yield f"{column.name!r} has an empty category, or more than {MAX_MARKS} marks"
    if not is_reading(column):
        yield f"{column.name!r} cannot be read as {column.reading!r} says"


def check_same(name: str, declared: Signature, sent: Signature) -> None:
    """Raise `OtherColumns` for columns that are not those that a model is declared with, and say which."""
    difference = next(_differences(declared, sent), None)
    if difference is not None:
        raise OtherColumns(
            f"model {name!r} is declared otherwise: {difference}. Upload it to a model of another name, or with "
            "?columns=own: then it answers with its own columns"
        )


def _differences(declared: Signature, sent: Signature) -> Iterator[str]:
    for side in ("features", "targets"):
        ours, theirs = ([column.name for column in getattr(each, side)] for each in (declared, sent))
        if ours != theirs:
            yield f"its {side} are {shorten(', '.join(ours))}, not {shorten(', '.join(theirs))}"
    for column, other in zip(declared.columns, sent.columns, strict=False):
        for member in [each for each, value in vars(column).items() if value != getattr(other, each)]:
            yield f"{member!r} of column {column.name!r} is {_tell(column, member)}, not {_tell(other, member)}"
    if declared.left_out != sent.left_out:
        yield "it leaves out other columns"


def _tell(column: Column, member: str) -> str:
    return shorten(repr(getattr(column, member)))
