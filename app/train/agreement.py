"""Agreement: what a query may ask of a model that is declared already."""

from collections.abc import Iterator

from app.errors import OtherColumns, OtherTargets, shorten
from app.registry import Declaration
from app.tables import clean_name, parse_date_format, split_names
from app.train.declaring import TableQuery
from model.table import Signature


def check_agreement(name: str, declaration: Declaration, query: TableQuery) -> None:
    """Raise `OtherTargets` or `OtherColumns` where a query asks for what the model is not declared to be."""
    declared = [clean_name(column.name) for column in declaration.signature.targets]
    if query.targets and sorted(split_names(query.targets)) != sorted(declared):
        raise OtherTargets(f"model {name!r} predicts {', '.join(declared)}; call a model with other targets otherwise")
    for contradiction in _contradictions(declaration.signature, query):
        raise OtherColumns(
            f"model {name!r} is declared already: {contradiction}. PUT /models/{name} changes its declaration; DELETE "
            f"/models/{name} removes it with its versions; or train a model of another name"
        )


def _contradictions(signature: Signature, query: TableQuery) -> Iterator[str]:
    """Yield what a query asks for, and the declared columns are not."""
    by_name = {clean_name(column.name): column for column in signature.columns}
    features = {clean_name(column.name) for column in signature.features}
    for name in split_names(query.categories):
        if name not in by_name:
            yield f"it has no column {shorten(name)!r} that could be of categories"
        elif not by_name[name].is_category:
            yield f"its column {name!r} holds {by_name[name].kind}s, not categories"
    if query.features and set(split_names(query.features)) - {*by_name} | features - {*split_names(query.features)}:
        yield f"its features are {shorten(', '.join(sorted(features)))}"
    for name in split_names(query.ignore):
        if name in by_name:
            yield f"it reads column {name!r}, so that cannot be ignored"
    yield from _contradictions_about_cells(signature, query)


def _contradictions_about_cells(signature: Signature, query: TableQuery) -> Iterator[str]:
    if marks := set(split_names(query.marks)) - {mark for column in signature.features for mark in column.marks}:
        yield f"it was declared without marks={','.join(sorted(marks))}"
    may_be_missing = any(column.may_be_missing for column in signature.features)
    if "missing" in query.model_fields_set and may_be_missing != (query.missing == "mean"):
        yield f"it was declared {'with' if may_be_missing else 'without'} missing=mean"
    for column in signature.features if query.dates else ():
        if column.is_date and (order := parse_date_format(column.reading).order) not in {None, query.dates}:
            yield f"its column {column.name!r} is read {order}"
