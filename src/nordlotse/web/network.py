"""Who is asking: the client's address, believing only the proxies an administrator has named."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Return the address of the client; `X-Forwarded-For` counts only behind a trusted proxy, from the right."""
    address = str(request.META.get("REMOTE_ADDR") or "unknown")
    networks = [ipaddress.ip_network(n, strict=False) for n in settings.CONFIGURATION.trusted_proxies]
    hops = [h.strip() for h in str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",") if h.strip()]
    while networks and hops and _within(address, networks):
        address = hops.pop()
    return address


def _within(address: str, networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    try:
        value = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(value.version == network.version and value in network for network in networks)


def is_loopback(request: HttpRequest) -> bool:
    """Tell whether the request comes from this very machine, not through a proxy."""
    if request.META.get("HTTP_X_FORWARDED_FOR"):
        return False
    try:
        return ipaddress.ip_address(str(request.META.get("REMOTE_ADDR"))).is_loopback
    except ValueError:
        return False
