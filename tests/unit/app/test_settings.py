"""Settings: from the environment, checked, and never changed again."""

import os
from typing import Any

import pytest
from pydantic import ValidationError

from app.settings import Settings, asks_for_traces, find_misspelt, use_one_blas_thread

BLAS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment that says nothing of the service."""
    for name in (*(f"SCORECAST_{field.upper()}" for field in Settings.model_fields), *BLAS):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_without_an_environment_it_listens_to_this_machine_alone() -> None:
    settings = Settings()

    assert (settings.host, settings.port, settings.store, settings.workers) == ("127.0.0.1", 8000, "./data", 1)
    assert settings.max_body_bytes == 8 * 1024 * 1024
    assert settings.max_train_body_bytes == 128 * 1024 * 1024


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("HOST", "0.0.0.0", "0.0.0.0"),  # noqa: S104 - nothing is bound to it
        ("PORT", "0", 0),
        ("STORE", "/data", "/data"),
        ("STORE", "./a:b", "./a:b"),
        ("WORKERS", "4", 4),
        ("MAX_BODY_BYTES", "1", 1),
        ("MAX_TRAIN_SECONDS", "0.5", 0.5),
        ("MAX_RATE", "100/second", "100/second"),
        ("GRACE_SECONDS", "0", 0),
        ("ACCESS_LOG", "true", True),
        ("LOG_LEVEL", "debug", "debug"),
    ],
)
def test_each_variable_is_read(clean: pytest.MonkeyPatch, name: str, text: str, value: Any) -> None:
    clean.setenv(f"SCORECAST_{name}", text)

    assert getattr(Settings(), name.lower()) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PORT", "-1"),
        ("PORT", "65536"),
        ("PORT", "http"),
        ("PORT", ""),
        ("WORKERS", "0"),
        ("RUNNER", "thread"),
        ("MAX_RATE", "100"),
        ("MAX_RATE", "0/second"),
        ("MAX_RATE", "5/day"),
        ("MAX_RATE", ""),
        ("MAX_BODY_BYTES", "0"),
        ("MAX_BODY_BYTES", "8M"),
        ("MAX_TRAIN_SECONDS", "0"),
        ("MAX_QUEUED_JOBS", "0"),
        ("GRACE_SECONDS", "-1"),
        ("LOG_LEVEL", "INFO"),
        ("ACCESS_LOG", "maybe"),
        ("STORE", ""),
        ("STORE", "file:/tmp/x"),
        ("STORE", "s3://bucket"),
        ("STORE", "~/data"),
    ],
)
def test_what_makes_no_sense_is_refused(clean: pytest.MonkeyPatch, name: str, text: str) -> None:
    clean.setenv(f"SCORECAST_{name}", text)

    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("file:///tmp/x", "write /tmp/x"),
        ("file:/tmp/x", "write /tmp/x"),
        ("s3://bucket", "not s3:; write its path"),
        ("aa:b", "./aa:b if it is called so"),
    ],
)
def test_a_store_that_is_no_folder_is_refused_with_what_to_write(
    clean: pytest.MonkeyPatch, text: str, words: str
) -> None:
    clean.setenv("SCORECAST_STORE", text)

    with pytest.raises(ValidationError, match=words):
        Settings()


@pytest.mark.parametrize("text", ["100", "0/second", "5/day", "100/second\n"])
def test_a_rate_that_is_none_is_refused_with_what_to_write(clean: pytest.MonkeyPatch, text: str) -> None:
    clean.setenv("SCORECAST_MAX_RATE", text)

    with pytest.raises(ValidationError, match="write a number of requests and a time, such as 100/second"):
        Settings()


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().port = 1


def test_blas_is_asked_for_one_thread_unless_somebody_has_asked_for_more(clean: pytest.MonkeyPatch) -> None:
    clean.setenv(BLAS[0], "4")
    for name in BLAS[1:]:
        clean.setenv(name, "")
        clean.delenv(name)

    use_one_blas_thread()

    assert [os.environ[name] for name in BLAS] == ["4", "1", "1"]


@pytest.mark.parametrize(
    ("variables", "asked"),
    [
        ({}, False),
        ({"OTEL_SERVICE_NAME": "x"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://x"}, True),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_TRACES_EXPORTER": "none"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_SDK_DISABLED": "TRUE"}, False),
    ],
)
def test_traces_are_asked_for_by_the_variables_of_opentelemetry(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], *, asked: bool
) -> None:
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert asks_for_traces() is asked


def test_a_variable_that_is_no_setting_is_told_with_the_setting_that_is_near(clean: pytest.MonkeyPatch) -> None:
    for name in ("MAX_TRAIN_SECOND", "STOER", "XYZZY", "KEY", "URL", "PORT_8000_TCP", "SERVICE_HOST", "PORT"):
        clean.setenv(f"SCORECAST_{name}", "8000")
    clean.setenv("scorecast_workers", "2")

    assert list(find_misspelt()) == [
        "SCORECAST_MAX_TRAIN_SECOND is not a setting and is ignored; did you mean SCORECAST_MAX_TRAIN_SECONDS?",
        "SCORECAST_STOER is not a setting and is ignored; did you mean SCORECAST_STORE?",
        "SCORECAST_XYZZY is not a setting and is ignored",
    ]
    assert Settings().workers == 2
