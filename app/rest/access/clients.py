"""Clients: who asks, as far as that can be known. What is shared out, is shared out between them."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Network, ip_address

from starlette.types import Scope

from app.access import ApiKey

SITE_BITS = 64
"""Of an IPv6 address: who has one, mostly has all that begin like it (RFC 6177)."""


def name_client(key: ApiKey | None, scope: Scope) -> str:
    """Return who asks: the name of the key, or else the address; nothing where neither is known."""
    if key is not None:
        return f"key {key.name}"
    client = scope.get("client")
    return f"address {_name_address(client[0])}" if client else ""


@lru_cache(maxsize=1024)
def _name_address(address: str) -> str:
    """Return an address, of IPv6 the network that it is in; whatever else a proxy passes on is the one address "unknown"."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(IPv6Network((found, SITE_BITS), strict=False))
