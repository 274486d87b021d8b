"""What is said where the packages of an extra are not installed."""

import pytest

from app.errors import MissingExtra
from app.extras import check_extra, needs_extra


def test_a_missing_package_is_reported_with_what_to_install() -> None:
    advice = r"A Parquet file needs .* pip install 'scorecast\[arrow\]'"
    with pytest.raises(MissingExtra, match=advice), needs_extra("arrow", "A Parquet file"):
        import scorecast_package_that_does_not_exist  # type: ignore[import-not-found]  # noqa: F401, PLC0415


def test_what_is_installed_is_imported() -> None:
    with needs_extra("arrow", "A Parquet file"):
        import json  # noqa: PLC0415
    assert json.loads("1") == 1


def test_whether_a_package_is_there_is_told_without_importing_it() -> None:
    check_extra("mcp", "json", "SCORECAST_MCP")
    with pytest.raises(MissingExtra, match=r"SCORECAST_MCP needs .* pip install 'scorecast\[mcp\]'"):
        check_extra("mcp", "scorecast_package_that_does_not_exist", "SCORECAST_MCP")
