"""Hooks for every test."""

import pytest

from tests.needs import skip_what_cannot_run


@pytest.hookimpl(trylast=True)  # when those that were not asked for are gone
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    skip_what_cannot_run(items)
