"""Addresses: made absolute for following, made canonical for identity. A key is never fetched and never shown."""

import re
from urllib.parse import SplitResult, urljoin, urlsplit

from w3lib.url import canonicalize_url

from models.tracking import TRACKING_PARAMETERS as TRACKING_PARAMETERS
from models.tracking import without_tracking

# A change of the rules below or of models/tracking.py raises it, and ships with a migration that adds the new key for
# every sighting.
KEY_VERSION = 1

_MAX_READINGS = 5
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
# Of such an address its key is seen at once: nothing in it is written in a way that has others.
_SIMPLE = re.compile(
    r"https?://(?P<host>[a-z0-9]+(?:[.-][a-z0-9]+)*)(?P<port>:(?!0)(?!80(?!\d)|443(?!\d))(?:[1-5]\d{4}|\d{2,4}))?"
    r"(?P<path>(?:/[\w-]+(?:\.[\w-]+)*)+/?)(?:#[\w-]*)?",
    re.ASCII,
)
_LONGEST_LABEL = 63  # of a host's name


def absolute_http_url(url: str, base: str) -> str | None:
    """Resolve a publisher's link against its base; None unless the result is an http(s) address with a host."""
    if not url.strip():
        return None
    if _SIMPLE.fullmatch(url) and not url.endswith("#"):  # whatever its base
        return url
    try:
        resolved = urljoin(base, _UNPRINTABLE.sub("", url).strip())
        parts = urlsplit(resolved)
    except ValueError:  # an unclosed bracket in the host
        return None
    return resolved.replace(" ", "%20") if _is_http(parts) else None


def url_key(url: str) -> str | None:
    """Give the canonical form by which one article is known under all its links; None where it cannot identify.

    A fragment is dropped unless it is a `#!` route, which some sites use as a path. The key of a key is itself.
    """
    if (simple := _SIMPLE.fullmatch(url)) and len(simple["host"]) <= _LONGEST_LABEL:
        path = simple["path"].rstrip("/")
        return f"{_without_www(simple['host'])}{simple['port'] or ''}{path}" if path else None
    key = _canonical(url)
    # w3lib settles some odd paths (dots or bars among parameters) only at a second or third reading.
    for _ in range(_MAX_READINGS):
        again = _canonical(f"https://{key}") if key else None
        if again == key:
            break
        key = again
    return key


def registrable_domain(url: str) -> str | None:
    """Name the domain that somebody registered (bbc.co.uk); the bare host where there is none, None without a host."""
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return None
    from tld import get_fld  # a twentieth of the start of a night, and most nights ask for no domain

    return get_fld(url, fail_silently=True) or host


def _canonical(url: str) -> str | None:
    try:
        # An ampersand escaped once too often is an ampersand.
        parts = urlsplit(canonicalize_url(_UNPRINTABLE.sub("", url).replace("&amp;", "&"), keep_fragments=True))
        is_http = _is_http(parts)
        host = _key_host(parts)
    except ValueError:
        return None
    path = without_tracking(parts.path, ";").rstrip("/")
    query = without_tracking(parts.query, "&")
    route = f"#{parts.fragment}" if parts.fragment.startswith("!") else ""
    if not is_http or not (path or query or route):
        return None
    return host + path + (f"?{query}" if query else "") + route


def _is_http(parts: SplitResult) -> bool:
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _key_host(parts: SplitResult) -> str:
    """Drop userinfo, `www.` and both default ports: the key names no scheme, so neither port may tell two apart."""
    host = _without_www((parts.hostname or "").rstrip("."))
    host = f"[{host}]" if ":" in host else host
    return host if parts.port in {None, 80, 443} else f"{host}:{parts.port}"


def _without_www(host: str) -> str:
    while host.startswith("www.") and "." in host[4:]:
        host = host[4:]
    return host
