"""Settings come from the environment, once, and stay as they are. No other file reads it."""

import os
import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Literal, Self

from pydantic import Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.setting_texts import EVERY_ORIGIN, Location, Origins, RequestRate, split

MEBIBYTE = 1024 * 1024

PREFIX = "SCORECAST_"

_OF_OTHERS = re.compile("KEY|URL|(SERVICE|PORT)_.*")
"""Variables of the client, and those that Kubernetes sets where a Service is called scorecast."""

LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})


class Settings(BaseSettings):
    """One field a variable, named `SCORECAST_` and the field in capitals. The README has the table."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True)

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    root_path: str = Field(default="", pattern="^(/[A-Za-z0-9._~-]+)*$")
    allowed_hosts: str | None = None
    cors_origins: Origins | None = None
    api_keys_file: str | None = None
    api_keys: str | None = Field(default=None, repr=False)
    allow_anonymous: bool = False
    open_probes: bool = True
    open_metrics: bool = False
    tls_cert: str | None = None
    tls_key: str | None = None
    store: Location = "./data"
    workers: int = Field(default=1, ge=1)
    runner: Literal["process"] = "process"
    mcp: bool = False
    max_body_bytes: int = Field(default=8 * MEBIBYTE, ge=1)
    max_train_body_bytes: int = Field(default=128 * MEBIBYTE, ge=1)
    max_rows: int = Field(default=10_000_000, ge=1)
    max_columns: int = Field(default=10_000, ge=2, le=10_000)
    max_parameters: int = Field(default=2_000_000, ge=1)
    max_epochs: int = Field(default=100_000_000, ge=1, le=100_000_000)
    max_train_memory_bytes: int | None = Field(default=None, ge=MEBIBYTE)
    max_train_seconds: float = Field(default=3600.0, gt=0)
    max_queued_jobs: int = Field(default=100, ge=1)
    max_queued_bytes: int = Field(default=2048 * MEBIBYTE, ge=1)
    max_rate: RequestRate | None = None
    max_concurrent_predictions: int = Field(default=200, ge=1)
    max_event_streams: int = Field(default=2000, ge=1)
    max_models: int = Field(default=10_000, ge=1)
    max_store_bytes: int | None = Field(default=None, ge=1)
    keep_jobs: int = Field(default=1000, ge=1)
    keep_jobs_seconds: float = Field(default=7 * 24 * 3600.0, gt=0)
    keep_versions: int | None = Field(default=None, ge=1)
    keep_tables: bool = True
    receive_seconds: float = Field(default=30.0, gt=0)
    grace_seconds: int = Field(default=30, ge=0)
    invocations_model: str | None = None
    access_log: bool = False
    log_format: Literal["json", "text"] | None = None
    log_level: Literal["critical", "error", "warning", "info", "debug"] = "info"

    @model_validator(mode="after")
    def _check_pairs(self) -> Self:
        """Refuse settings that contradict each other, or lack the other one."""
        if self.api_keys is not None and self.api_keys_file is not None:
            raise PydanticCustomError(
                "keys", "SCORECAST_API_KEYS and SCORECAST_API_KEYS_FILE: set only one of them", {}
            )
        if (self.tls_cert is None) != (self.tls_key is None):
            raise PydanticCustomError("tls", "SCORECAST_TLS_CERT and SCORECAST_TLS_KEY: set both, or neither", {})
        if EVERY_ORIGIN in self.origins and self.api_keys is None and self.api_keys_file is None:
            raise PydanticCustomError(
                "origins",
                "SCORECAST_CORS_ORIGINS: * lets every page that is open in a browser train and remove models here: set "
                "keys (SCORECAST_API_KEYS_FILE), or list the origins of the pages instead of *",
                {},
            )
        return self

    @property
    def origins(self) -> frozenset[str]:
        """The origins of pages of other sites that may ask here; `*` stands for all."""
        return split(self.cors_origins)

    @property
    def is_loopback(self) -> bool:
        """Whether only its own machine can reach the service."""
        return self.host in LOOPBACK_HOSTS | {"::1"}

    @property
    def hosts(self) -> frozenset[str]:
        """The names, in lower case, that the service is called by; `*` stands for all.

        A service that only its own machine can reach is called by the names of that: another name in a browser's request
        is a page's that has had its own name point here (DNS rebinding).
        """
        if self.allowed_hosts is not None:
            return split(self.allowed_hosts.lower())
        return LOOPBACK_HOSTS if self.is_loopback else frozenset({"*"})

    @property
    def logs_access(self) -> bool:
        """Whether requests are logged: they are of level info."""
        return self.access_log and self.log_level in {"info", "debug"}


def read_settings() -> Settings:
    """Return the settings; end with a line for each that cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = ["".join(f"{PREFIX}{name}: ".upper() for name in each["loc"]) + each["msg"] for each in error.errors()]
        raise SystemExit("\n".join(["scorecast: these settings cannot be used", *wrong])) from None


def find_misspelt() -> Iterator[str]:
    """Yield a sentence for each variable of the environment that looks like a setting and is none."""
    known = [name.upper() for name in Settings.model_fields]
    for variable in sorted(os.environ):
        name = variable.upper().removeprefix(PREFIX)
        if variable.upper().startswith(PREFIX) and name not in known and not _OF_OTHERS.fullmatch(name):
            near = "".join(f"; did you mean {PREFIX}{each}?" for each in get_close_matches(name, known, 1))
            yield f"{variable} is not a setting and is ignored{near}"


def asks_for_traces() -> bool:
    """Return whether variables of OpenTelemetry ask for traces: they say where to send them, or by what."""
    if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    exporter = os.environ.get("OTEL_TRACES_EXPORTER", "").strip().lower()
    places = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    return exporter == "otlp" or (not exporter and any(os.environ.get(name) for name in places))


def trusted_proxies() -> str:
    """Return the addresses, between commas, of proxies whose word on who asks is taken: none unless they are named."""
    return os.environ.get("FORWARDED_ALLOW_IPS", "")


def use_one_blas_thread() -> None:
    """Ask for BLAS on one thread; has to be called before NumPy is imported."""
    # our matrices are small: more threads only spin, and take the processor from the server
    for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
        os.environ.setdefault(name, "1")


def import_nothing_from_here() -> None:
    """Have the processes that are started from now on import nothing from the folder in which the service was started."""
    # a file `app.py` there would be taken for the service by the training process
    os.environ["PYTHONSAFEPATH"] = "1"
