"""Clients: who asks, as far as that can be known. What is shared out, is shared out between them."""

from functools import lru_cache
from ipaddress import IPv6Address, IPv6Network

from starlette.types import Scope

from app.access import ApiKey

SITE_BITS = 64
"""Of an IPv6 address: who has one, mostly has all that begin like it (RFC 6177)."""


def name_client(key: ApiKey | None, scope: Scope) -> str:
    """Return who asks: the name of the key, or else the address; nothing where neither is known."""
    if key is not None:
        return f"key {key.name}"
    client = scope.get("client")
    return _name_address(client[0]) if client else ""


@lru_cache(maxsize=1024)
def _name_address(address: str) -> str:
    """Return an address, of IPv6 the network that it is in."""
    try:
        found = IPv6Address(address.partition("%")[0]) if ":" in address else None
    except ValueError:  # whatever a proxy calls it
        return address
    if found is None:
        return address
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(IPv6Network((found, SITE_BITS), strict=False))
