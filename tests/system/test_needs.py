"""What a test needs of the machine is said where it is missing, and in CI it is an error."""

import pytest

from tests.support import needs as needs_module
from tests.support.needs import Need, needs, skip_what_cannot_run


@pytest.fixture
def item(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> pytest.Item:
    monkeypatch.setitem(needs_module.NEEDS, "a unicorn", Need("a unicorn: ask the moon", lambda: False))
    item = pytest.Function.from_parent(request.node.parent, name="test_item", callobj=lambda: None)
    item.add_marker(needs("a unicorn"))
    return item


def test_a_need_that_is_not_met_is_told_with_how_to_meet_it(item: pytest.Item, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    skip_what_cannot_run([item])
    (skip,) = item.iter_markers("skip")
    assert skip.kwargs["reason"] == "needs a unicorn: ask the moon"


def test_in_ci_it_is_an_error(item: pytest.Item, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.UsageError, match="needs a unicorn: ask the moon"):
        skip_what_cannot_run([item])


def test_a_need_has_to_be_known() -> None:
    with pytest.raises(AssertionError, match=r"not in tests/support/needs\.py"):
        needs("a pony")
