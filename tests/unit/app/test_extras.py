"""What is said where the packages of an extra are not installed."""

import pytest

from app.errors import MissingExtra
from app.extras import needs_extra


def test_a_missing_package_is_reported_with_what_to_install() -> None:
    advice = r"A Parquet file needs .* pip install 'scorecast\[arrow\]'"
    with pytest.raises(MissingExtra, match=advice), needs_extra("arrow", "A Parquet file"):
        import scorecast_package_that_does_not_exist  # type: ignore[import-not-found]  # noqa: F401, PLC0415


def test_what_is_installed_is_imported() -> None:
    with needs_extra("arrow", "A Parquet file"):
        import json  # noqa: PLC0415
    assert json.loads("1") == 1
