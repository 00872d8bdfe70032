"""Who is asking: the client's address, believing only the proxies an administrator has named."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

#: Headers with which a proxy betrays that it stands between.
_FORWARDED = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
    "HTTP_FORWARDED",
    "HTTP_VIA",
)
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


@lru_cache(maxsize=8)
def _networks(named: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(n, strict=False) for n in named)


def client_address(request: HttpRequest) -> str:
    """Return the address of the client; `X-Forwarded-For` counts only behind a trusted proxy, from the right."""
    address = str(request.META.get("REMOTE_ADDR") or "unknown")
    networks = _networks(settings.CONFIGURATION.trusted_proxies)
    hops = [h.strip() for h in str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",") if h.strip()]
    while networks and hops and _within(address, networks):
        address = hops.pop()
    return address


def limited_address(request: HttpRequest) -> str:
    """Return what a limit counts by: an IPv4 address, or the /64 network that one IPv6 customer holds."""
    address = client_address(request)
    try:
        value = ipaddress.ip_address(address)
    except ValueError:
        return address[:45]
    if isinstance(value, ipaddress.IPv6Address):
        return str(value.ipv4_mapped or ipaddress.ip_network((value, 64), strict=False).network_address)
    return str(value)


def _within(address: str, networks: tuple[Network, ...]) -> bool:
    try:
        value = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(value.version == network.version and value in network for network in networks)


def is_loopback(request: HttpRequest) -> bool:
    """Tell whether the request comes from this very machine: local address, local name asked for, no proxy between."""
    if any(request.META.get(name) for name in _FORWARDED):
        return False
    name = str(request.META.get("HTTP_HOST", "")).rpartition(":")[0] or str(request.META.get("HTTP_HOST", ""))
    if name and name not in _LOCAL_NAMES:
        return False
    try:
        return ipaddress.ip_address(str(request.META.get("REMOTE_ADDR"))).is_loopback
    except ValueError:
        return False
