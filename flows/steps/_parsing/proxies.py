"""Links of services that count or show what others publish: the address within is the story's own."""

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import SplitResult, parse_qs, urlsplit

from msgspec import Struct

_MOST_LAYERS = 3  # a search engine's around a cache's
_ADDRESS = re.compile(r"https?://[^\s/?#]+\.[^\s]+", re.IGNORECASE)
_SERVICE = re.compile(
    r"https?://(?:[\w-]+\.){0,3}(?:ampproject\.org|bing\.com|facebook\.com|google\.[a-z.]+)/", re.IGNORECASE
)
# "c" is a page, "v" one in a viewer, "s" its scheme; what stands behind is host and path.
_CACHED = re.compile(r"/(?:[a-z]+/)?(?P<scheme>s/)?(?P<address>[\w-]+(?:\.[\w-]+)+/.+)", re.IGNORECASE)


class _Proxy(Struct, frozen=True):
    """A service by its host, the path of such addresses, and what tells the address within."""

    host: re.Pattern[str]
    path: re.Pattern[str]
    inner: Callable[[SplitResult], str]


def _in_query(*names: str) -> Callable[[SplitResult], str]:
    def inner(parts: SplitResult) -> str:
        known = parse_qs(parts.query, max_num_fields=100)
        return next((known[name][0] for name in names if name in known), "")

    return inner


def _in_path(parts: SplitResult) -> str:
    cached = _CACHED.fullmatch(parts.path)
    if cached is None:
        return ""
    query = f"?{parts.query}" if parts.query else ""
    return f"http{'s' if cached['scheme'] else ''}://{cached['address']}{query}"


def _proxy(host: str, path: str, inner: Callable[[SplitResult], str]) -> _Proxy:
    return _Proxy(re.compile(host), re.compile(path), inner)


# Sorted by service. The addresses that Google News writes today hold none.
_PROXIES: Final = (
    _proxy(r"(?:[\w-]+\.)?cdn\.ampproject\.org", r"/[cv]/.+", _in_path),
    _proxy(r"(?:www\.)?bing\.com", r"/news/apiclick\.aspx", _in_query("url")),
    _proxy(r"lm?\.facebook\.com", r"/l\.php", _in_query("u")),
    _proxy(r"(?:www\.|news\.)?google\.[a-z]{2,3}(?:\.[a-z]{2})?", r"/(?:news/)?url", _in_query("url", "q")),
    _proxy(r"(?:www\.)?google\.[a-z]{2,3}(?:\.[a-z]{2})?", r"/amp/.+", _in_path),
)


def publishers_address(address: str) -> str:
    """Return the address that a proxy's address holds; any other as it is. Nothing is asked of anybody."""
    for _ in range(_MOST_LAYERS):
        inner = _inner(address)
        if not inner:
            break
        address = inner
    return address


def _inner(address: str) -> str:
    if not _SERVICE.match(address):  # of nearly all that is told here, and quickly
        return ""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        proxy = next((one for one in _PROXIES if one.host.fullmatch(host) and one.path.fullmatch(parts.path)), None)
        found = proxy.inner(parts).strip() if proxy else ""
    except ValueError:  # an unclosed bracket in the host, or fields without end
        return ""
    return found if _ADDRESS.fullmatch(found) else ""
