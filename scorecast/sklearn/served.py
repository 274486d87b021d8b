"""What both estimators share: a service trains the model, keeps it, and answers; the estimator knows its name and version."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from numbers import Integral
from typing import Any, Self
from uuid import uuid4

from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from scorecast.client import Client, Prediction, Refused, TrainingStopped
from scorecast.client.query import add_categories
from scorecast.sklearn.columns import Features
from scorecast.sklearn.connections import connect, hold, keep

WRONG = frozenset({400, 409, 413, 422})
"""Statuses that say that a table or an option is wrong."""
NOT_FOUND = 404


class ServedEstimator(BaseEstimator):  # type: ignore[misc]
    """An estimator whose model a Scorecast service trains, keeps and asks."""

    def __init__(  # noqa: PLR0913 - parameters of an estimator are arguments
        self,
        *,
        model: str | None = None,
        url: str | None = None,
        trainer: str | None = None,
        hidden_layers: Any = None,
        max_epochs: int | None = None,
        random_state: Any = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self.model = model
        self.url = url
        self.trainer = trainer
        self.hidden_layers = hidden_layers
        self.max_epochs = max_epochs
        self.random_state = random_state
        self.options = options

    def delete_model(self) -> Self:
        """Have the service remove the model, with all its versions; the estimator is as if it had not been fitted."""
        check_is_fitted(self)
        connect(self.url).delete(self.model_name_)
        keep(self.__dict__.pop("_holder", None))
        del self.model_name_, self.model_version_
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model_version_")

    def __getstate__(self) -> dict[str, Any]:
        """What is pickled may be read anywhere, any time: its model stays until it is removed."""
        state = {**super().__getstate__()}
        keep(state.pop("_holder", None))
        return state

    def _train(self, features: Features, targets: Mapping[str, list[Any]], categories: Sequence[str] = ()) -> None:
        """Have the service train a version on features and targets. Raises `ValueError` for what it refuses."""
        client = connect(self.url)
        columns, found = features.to_columns()
        name = self.model or f"sklearn-{uuid4().hex[:16]}"
        options = {**self._options(), "targets": [*targets]}
        if self.model is None or not _is_declared(client, name):
            options = {"missing": "mean", **add_categories(options, [*found, *categories])}
        holder = None if self.model else hold(self, client.url, name)
        try:
            with _refusals():
                done = client.train(name, {"rows": {**columns, **targets}}, **options)
        except BaseException:
            _release(holder)
            raise
        _release(self.__dict__.pop("_holder", None))
        self._holder = holder
        self.model_name_, self.model_version_ = name, done.version.number
        self.target_names_, self.report_ = [*targets], done.version.report

    def _ask(self, features: Features, *, coverage: float | None = None, **options: Any) -> Prediction:
        client, name, version = connect(self.url), self.model_name_, self.model_version_
        with _refusals():
            return client.ask(name, features.table, version, coverage=coverage, names=features.names, **options)

    def _options(self) -> dict[str, Any]:
        seed = self.random_state
        if seed is not None:
            seed = int(seed) if isinstance(seed, Integral) else int(check_random_state(seed).randint(2**31))
        layers = None if self.hidden_layers is None else [*self.hidden_layers]
        named = {"trainer": self.trainer, "hidden_layers": layers, "max_epochs": self.max_epochs, "seed": seed}
        return {**{name: value for name, value in named.items() if value is not None}, **(self.options or {})}

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


def _is_declared(client: Client, name: str) -> bool:
    """Return whether there is a model of this name, which says by itself what its columns are."""
    try:
        client.model(name)
    except Refused as error:
        if error.status == NOT_FOUND:
            return False
        raise
    return True


def _release(holder: Any) -> None:
    """Have the model of an earlier fit, or of one that has failed, removed."""
    if holder is not None:
        holder()


@contextmanager
def _refusals() -> Iterator[None]:
    """Raise `ValueError`, as estimators do, where the service refuses what it was sent."""
    try:
        yield
    except Refused as error:
        if error.status not in WRONG:
            raise
        raise ValueError(str(error)) from error
    except TrainingStopped as error:
        if error.status != "failed":
            raise
        raise ValueError(str(error)) from error
