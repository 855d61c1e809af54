"""Who asks: the address of a client behind trusted proxies, and what of it counts as one visitor."""

import ipaddress
import re
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

_IPV6_PREFIX = 64
"""Bits; a household or a machine is commonly given this much."""

_WITH_PORT = re.compile(r"\[(?P<six>[^\]]+)\](?::\d+)?|(?P<four>[0-9.]+):\d+")


class Forwarded:
    """Middleware: with proxies in front, puts the client's own address and scheme in place of the proxy's.

    Whatever a client writes into `X-Forwarded-For` by itself stands left of what the proxies add, and is
    not looked at.

    Args:
        trusted_hops: how many proxies add to the header. With 0 no header is believed.
    """

    def __init__(self, app: ASGIApp, trusted_hops: int) -> None:
        self.app = app
        self.trusted_hops = trusted_hops

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.trusted_hops and scope["type"] == "http":
            headers = Headers(scope=scope)
            address = forwarded_address(headers.getlist("x-forwarded-for"), self.trusted_hops)
            scheme = headers.get("x-forwarded-proto", "").rpartition(",")[2].strip().lower()
            if address:
                scope["client"] = (address, 0)
            if scheme in ("http", "https"):
                scope["scheme"] = scheme
        await self.app(scope, receive, send)


def forwarded_address(headers: Sequence[str], trusted_hops: int) -> str | None:
    """The address that the outermost trusted proxy saw, or None where it named none.

    Args:
        headers: the values of `X-Forwarded-For`, in order.
    """
    named = [each.strip() for value in headers for each in value.split(",")]
    if len(named) < trusted_hops:
        return None
    address = named[-trusted_hops]
    if match := _WITH_PORT.fullmatch(address):
        address = match["six"] or match["four"]
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return None


def visitor_of(scope: Scope) -> str:
    """What limits count as one visitor: an IPv4 address, or the /64 network of an IPv6 one."""
    host = scope["client"][0] if scope.get("client") else ""
    return network_of(host)


def network_of(host: str) -> str:
    """An IPv4 address as it is, an IPv6 one as its /64 network; anything else is one and the same visitor."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, _IPV6_PREFIX), strict=False))
