"""The estimators as a data scientist uses them, over a real service: frames, searches, pipelines, pickles, and what stays behind."""

import gc
import pickle
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from scorecast.client import Client, Refused
from scorecast.sklearn import ScorecastClassifier, ScorecastRegressor
from scorecast.sklearn.classifier import write_classes
from tests.support.server import running
from tests.support.waiting import until

QUICK: dict[str, Any] = {"trainer": "lbfgs", "max_epochs": 20, "hidden_layers": (4,)}

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 3))
y = X @ [1.0, -2.0, 0.5] + 0.1 * rng.normal(size=60)
labels = np.where(y > 0, "high", "low")
FRAME = pd.DataFrame(X, columns=["a", "b", "c"]).assign(
    wood=["oak" if each > 0 else "pine" for each in X[:, 2]],
    code=pd.Categorical(np.arange(60) % 4),
    when=pd.date_range("2024-01-01", periods=60),
)
FRAME.loc[3, "a"] = np.nan
FRAME.loc[4, "wood"] = None


@pytest.fixture(scope="module", autouse=True)
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client of a service that has no models but those of these tests, so that what stays can be told."""
    with running(tmp_path_factory.mktemp("server")) as server, pytest.MonkeyPatch.context() as patch:
        url = str(server.client.base_url)
        patch.setenv("SCORECAST_URL", url)
        with Client(url) as client:
            yield client


def names(client: Client) -> list[str]:
    """Return the names of the estimators' own models."""
    gc.collect()
    return [each.name for each in client.models() if each.name.startswith("sklearn-")]


def assert_nothing_stays(client: Client) -> None:
    until(lambda: not names(client), "no estimator's own model is left")


def test_a_frame_of_everything_is_learned_and_predicted(client: Client) -> None:
    regressor = ScorecastRegressor(**QUICK).fit(FRAME, pd.Series(y, name="price"))

    assert list(regressor.feature_names_in_) == list(FRAME.columns)
    assert regressor.n_features_in_ == 6
    assert regressor.target_names_ == ["price"]
    kinds = {each["name"]: each["kind"] for each in client.model(regressor.model_name_).document["features"]}
    assert [kinds[name] for name in FRAME.columns] == ["number"] * 3 + ["category"] * 2 + ["date"]
    assert regressor.score(FRAME, y) > 0.5
    assert set(regressor.report_["leave_one_out"]) <= {"price"}
    of_polars = ScorecastRegressor(**QUICK).fit(pl.from_pandas(FRAME.drop(columns="code")), y)
    assert of_polars.predict(pl.from_pandas(FRAME.drop(columns="code"))).shape == (60,)


@pytest.mark.slow
def test_intervals_deviations_and_quantiles_agree() -> None:
    regressor = ScorecastRegressor(random_state=1).fit(X, y)

    means, deviations = regressor.predict(X, return_std=True)
    interval = regressor.predict_interval(X, 0.9)
    quantiles = regressor.predict_quantiles(X, [0.05, 0.25, 0.5, 0.95])

    assert means.shape == deviations.shape == (60,)
    assert interval.shape == (60, 2)
    assert quantiles.shape == (60, 4)
    assert regressor.predict_quantiles(X, np.linspace(0.004, 0.996, 125).tolist()).shape == (60, 125)
    assert np.array_equal(interval, quantiles[:, [0, 3]])
    assert (np.diff(quantiles, axis=1) > 0).all()
    assert (deviations > 0).all()
    assert (np.diff(interval, axis=1)[:, 0] > 2 * deviations).all()
    assert np.abs(quantiles[:, 2] - means).max() < deviations.min()
    for wrong in ([], [0.0, 0.5], [1.5]):
        with pytest.raises(ValueError, match="between 0 and 1"):
            regressor.predict_quantiles(X, wrong)


def test_several_targets_keep_their_axis() -> None:
    targets = pd.DataFrame({"sum": y, "difference": X[:, 0] - X[:, 1]})

    regressor = ScorecastRegressor(**QUICK).fit(X, targets)

    assert regressor.target_names_ == ["sum", "difference"]
    assert regressor.predict(X).shape == (60, 2)
    assert regressor.predict_interval(X).shape == (60, 2, 2)
    assert regressor.predict_quantiles(X, [0.1, 0.5, 0.9]).shape == (60, 2, 3)
    assert regressor.predict(X, return_std=True)[1].shape == (60, 2)
    assert regressor.score(X, targets) > 0.5


@pytest.mark.parametrize("classes", [["high", "low"], [0, 1], [True, False], [1.0, 2.0], [" a", "a"], ["", "b"]])
def test_classes_are_answered_as_they_were_given(classes: list[Any]) -> None:
    given = np.array(classes)[(y > 0).astype(int)]

    classifier = ScorecastClassifier(**QUICK).fit(X, given)

    assert classifier.classes_.tolist() == sorted(classes)
    assert classifier.predict(X).dtype == given.dtype
    assert classifier.score(X, given) > 0.9
    assert np.allclose(classifier.predict_proba(X).sum(axis=1), 1)


def test_words_for_classes_are_told_apart() -> None:
    assert write_classes(["a", "b"]) == ["a", "b"]
    assert write_classes([1, 2]) == ["1", "2"]
    assert write_classes([" a", "a"]) == write_classes(["", "a"]) == ["class 0", "class 1"]


def test_cross_validation_leaves_no_models_behind(client: Client) -> None:
    scores = cross_val_score(ScorecastRegressor(**QUICK), X, y, cv=4)

    assert scores.min() > 0.3
    assert_nothing_stays(client)


@pytest.mark.slow
def test_nor_do_other_processes(client: Client) -> None:
    cross_val_score(ScorecastRegressor(**QUICK), X, y, cv=4, n_jobs=2, error_score="raise")

    assert_nothing_stays(client)


def test_a_search_finds_options_and_keeps_the_best(client: Client) -> None:
    grid = {"max_epochs": [1, 20], "options": [None, {"members": 2}]}
    search = GridSearchCV(ScorecastRegressor(**QUICK), grid, cv=2, error_score="raise").fit(X, y)

    assert search.best_params_["max_epochs"] == 20
    until(lambda: names(client) == [search.best_estimator_.model_name_], "the best one alone stays")
    assert search.best_estimator_.predict_interval(X).shape == (60, 2)
    assert search.predict(X).shape == (60,)


def test_it_stands_at_the_end_of_a_pipeline_and_inside_of_a_transformed_target() -> None:
    columns = ColumnTransformer([("scaled", StandardScaler(), ["a", "b", "c"]), ("words", OneHotEncoder(), ["wood"])])
    frame = FRAME.assign(wood=FRAME["wood"].fillna("oak"))
    pipeline = make_pipeline(columns, ScorecastRegressor(**QUICK))
    target = TransformedTargetRegressor(pipeline, func=np.arcsinh, inverse_func=np.sinh)

    assert pipeline.fit(frame, y).score(frame, y) > 0.5
    assert target.fit(frame, y).predict(frame).shape == (60,)
    passed = make_pipeline(ColumnTransformer([("all", "passthrough", ["a", "wood"])]), ScorecastClassifier(**QUICK))
    assert set(passed.fit(frame, labels).predict(frame)) <= {"high", "low"}  # an array of objects: numbers and words


def test_a_fit_replaces_the_model_of_the_one_before(client: Client) -> None:
    regressor = ScorecastRegressor(**QUICK).fit(X, y)
    first = regressor.model_name_

    regressor.fit(X[:, :2], y)

    until(lambda: names(client) == [regressor.model_name_] != [first], "the first model goes")


def test_what_is_pickled_stays_until_it_is_deleted(client: Client) -> None:
    regressor = ScorecastRegressor(**QUICK).fit(X, y)
    answers, text = regressor.predict(X), pickle.dumps(regressor)
    del regressor
    gc.collect()

    again = pickle.loads(text)  # noqa: S301

    assert np.array_equal(again.predict(X), answers)
    assert names(client) == [again.model_name_]
    again.delete_model()
    assert names(client) == []
    with pytest.raises(NotFittedError):
        again.predict(X)
    with pytest.raises(Refused, match="no model called"):
        pickle.loads(text).predict(X)  # noqa: S301


def test_a_named_model_gets_a_version_with_each_fit_and_stays(client: Client) -> None:
    first = ScorecastRegressor(model="estimator-named", **QUICK).fit(FRAME, y)
    second = clone(first).set_params(random_state=7).fit(FRAME, y)

    assert (first.model_version_, second.model_version_) == (1, 2)
    before, after = first.predict(FRAME), second.predict(FRAME)
    assert not np.array_equal(before, after)  # each asks the version that it has trained
    del first, second
    gc.collect()
    assert [each.number for each in client.versions("estimator-named")] == [2, 1]


def test_what_the_service_refuses_is_a_value_error_with_its_reason(client: Client) -> None:
    client.train("estimator-other", [{"p": 1, "q": 2}, {"p": 2, "q": 3}, {"p": 3, "q": 5}], targets="q", **QUICK)
    with pytest.raises(ValueError, match="predicts q") as refused:
        ScorecastRegressor(model="estimator-other", **QUICK).fit(X, y)
    assert isinstance(refused.value.__cause__, Refused)
    with pytest.raises(ValueError, match="trainer"):
        ScorecastRegressor(trainer="unknown").fit(X, y)
    with pytest.raises(ValueError, match="one class"):
        ScorecastClassifier().fit(X, np.ones(60))
    with pytest.raises(TypeError, match="sample_weight"):
        ScorecastRegressor().fit(X, y, sample_weight=np.ones(60))  # type: ignore[call-arg]
    assert_nothing_stays(client)


@pytest.mark.slow
def test_what_a_process_leaves_is_removed_when_it_ends(client: Client) -> None:
    script = """
import numpy as np
from scorecast.sklearn import ScorecastRegressor
held = [ScorecastRegressor(trainer="lbfgs", max_epochs=3).fit(np.arange(8.0)[:, None], np.arange(8.0)) for _ in range(2)]
print(*(each.model_name_ for each in held))
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=True)

    assert len(done.stdout.split()) == 2
    assert done.stderr == ""
    assert names(client) == []


def test_without_the_extra_it_says_what_to_install() -> None:
    script = "import sys; sys.modules['sklearn'] = None; import scorecast.sklearn"

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert "pip install 'scorecast[sklearn]'" in done.stderr
