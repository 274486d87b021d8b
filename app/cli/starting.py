"""What has to be so before the service begins: else the start ends, with a sentence that says what is wrong."""

import ssl

from app.access import open_keys
from app.errors import MissingExtra, StoreError
from app.extras import check_extra
from app.settings import Settings
from app.store import StoreIdentity, open_store


def check_start(settings: Settings) -> None:
    """End where the service must not begin, or cannot."""
    if settings.mcp:
        _check_tools()
    _check_access(settings)
    _check_certificate(settings)


def _check_tools() -> None:
    """Serve nothing if the tools of agents are asked for, and what they need is not installed."""
    try:
        check_extra("mcp", "mcp", "SCORECAST_MCP=true")
    except MissingExtra as error:
        raise SystemExit(f"scorecast: {error}") from None


def _check_access(settings: Settings) -> None:
    """End unless those who can reach the service need keys, which can be read, or need none by the operator's will."""
    try:
        has_keys = open_keys(settings) is not None
    except ValueError as error:
        raise SystemExit(f"scorecast: {settings.api_keys_file or 'SCORECAST_API_KEYS'}: {error}") from None
    if not (has_keys or settings.allow_anonymous or settings.is_loopback):
        raise SystemExit(
            f"scorecast: whoever reaches {settings.host} could train and remove models, as no keys are set: "
            "make one (scorecast keys add --help) and set SCORECAST_API_KEYS_FILE, "
            "or set SCORECAST_ALLOW_ANONYMOUS=true if nobody else can reach it"
        )


def _check_certificate(settings: Settings) -> None:
    """End if the certificate and its key are not there, or are none."""
    cert, key = settings.tls_cert, settings.tls_key
    if cert is None:
        return
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(cert, key)
    except OSError as error:
        is_other = isinstance(error, ssl.SSLError)
        reason = "these are not a certificate and its private key in PEM form" if is_other else error.strerror
        raise SystemExit(f"scorecast: SCORECAST_TLS_CERT={cert} and SCORECAST_TLS_KEY={key}: {reason}") from None


def find_store(settings: Settings) -> StoreIdentity:
    """Return which store is served; where there is none, and none can be made, nothing is served."""
    try:
        return open_store(settings.store).identity
    except StoreError as error:
        raise SystemExit(f"scorecast: SCORECAST_STORE={settings.store}: {error}") from None
