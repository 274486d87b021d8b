"""scikit-learn's own checks of estimators, over a real service: all of them, none skipped or expected to fail.

One needs a process of its own, since scipy reads SCIPY_ARRAY_API when it is first imported; without it the check skips itself.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from scorecast.sklearn import ScorecastClassifier, ScorecastRegressor
from tests.support.server import Server

pytestmark = pytest.mark.slow

APART = "check_array_api_input"

SCRIPT = """
import sys
import scorecast.sklearn
from sklearn.utils.estimator_checks import estimator_checks_generator

checks = estimator_checks_generator(getattr(scorecast.sklearn, sys.argv[1])())
chosen = [(estimator, check) for estimator, check in checks if getattr(check, "func", check).__name__ == sys.argv[2]]
for estimator, check in chosen:
    check(estimator)
print(len(chosen))
"""


@pytest.fixture(scope="module", autouse=True)
def service(server: Server) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCORECAST_URL", str(server.client.base_url))
        yield


@parametrize_with_checks([ScorecastRegressor(), ScorecastClassifier()])  # type: ignore[untyped-decorator]
def test_the_estimators_pass(estimator: Any, check: Any) -> None:
    if APART in str(check):
        run_apart(type(estimator).__name__)
    else:
        check(estimator)


def run_apart(estimator: str) -> None:
    """Run the check that needs a process of its own."""
    environment = {**os.environ, "SCIPY_ARRAY_API": "1"}
    command = [sys.executable, "-c", SCRIPT, estimator, APART]

    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 0
