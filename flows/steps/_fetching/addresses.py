"""Which addresses may be asked: public ones, and those that the configuration names.

The check stands where the socket is made, after the name was resolved: no spelling of an address, no DNS answer and no
redirect gets around it.
"""

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

from yarl import URL

from models.errors import AddressRefused

_GLOBAL_UNICAST = IPv6Network("2000::/3")  # all of IPv6 that is given out so far
_NAT64 = IPv6Network("64:ff9b::/96")  # an IPv6-only network reaches every IPv4 host through it
_SHOWN_LENGTH = 200  # a hostile Location may be as long as a header line

_asked_for: ContextVar[str] = ContextVar("asked_for", default="")


class RefusedAddressError(PermissionError):
    """Raised in place of a socket; an OSError, because only those pass through aiohttp's race of addresses."""

    def __init__(self, address: str) -> None:
        super().__init__(errno.EACCES, f"{address} is not a public address")


class AddressGuard:
    """Makes sockets for public addresses and for those on the allow list, for no others."""

    def __init__(self, allowed: frozenset[str]) -> None:
        self._allowed = frozenset(name.lower() for name in allowed)

    @contextmanager
    def asking_for(self, url: URL) -> Iterator[None]:
        """Let the sockets made inside know which host:port the URL names, since an allow list may hold names."""
        token = _asked_for.set(host_and_port(url))
        try:
            yield
        finally:
            _asked_for.reset(token)

    def make_socket(self, addr_info: tuple[Any, ...]) -> socket.socket:
        """Make an unconnected socket for one resolved address; raise RefusedAddressError if it may not be asked."""
        family, kind, protocol, _, address = addr_info
        ip = _effective_ip(address[0])
        if not _is_public(ip) and not {_name(ip, address[1]), _asked_for.get()} & self._allowed:
            raise RefusedAddressError(str(ip))
        return socket.socket(family=family, type=kind, proto=protocol)


def checked_url(text: str) -> URL:
    """Read an absolute http(s) URL.

    Raises AddressRefused if it is none, or if it carries a user name: that would be stored, logged and shown.
    """
    shown = text[:_SHOWN_LENGTH]
    try:
        url = URL(text.strip())
        host, port, user = url.host, url.port, url.user or url.password
    except ValueError as error:
        raise AddressRefused(f"{shown!r} is not a URL") from error
    if url.scheme not in {"http", "https"}:
        raise AddressRefused(f"{shown!r} is neither http nor https")
    if user:
        raise AddressRefused(f"the URL for {host} holds a user name or password")
    if not host or not port:
        raise AddressRefused(f"{shown!r} names no host or an impossible port")
    return url.with_fragment(None)


def host_and_port(url: URL) -> str:
    """Name the server behind a URL: "example.org:443", "[::1]:8000"."""
    return f"{url.host_subcomponent}:{url.port}".lower()


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the open Internet, looking through IPv4 that is wrapped in IPv6."""
    return _is_public(_effective_ip(address))


def _effective_ip(address: str) -> IPv4Address | IPv6Address:
    ip = ip_address(address.partition("%")[0])  # "%eth0" names an interface
    if isinstance(ip, IPv4Address):
        return ip
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip


def _is_public(ip: IPv4Address | IPv6Address) -> bool:
    is_given_out = not ip.is_multicast if isinstance(ip, IPv4Address) else ip in _GLOBAL_UNICAST
    return is_given_out and ip.is_global and not ip.is_reserved


def _name(ip: IPv4Address | IPv6Address, port: int) -> str:
    return f"{ip}:{port}" if isinstance(ip, IPv4Address) else f"[{ip}]:{port}"
