"""aiohttp, and the certificates by which https addresses are trusted, which are loaded for the first such address.

aiohttp itself loads the machine's certificates twice while it is imported: 7 % of a night that brings nothing. Here it
is imported without, so that only a request with `ssl=trusted()` can be made to an https address: any other is refused.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache


@contextmanager
def _no_certificates() -> Iterator[None]:
    def load_none(_self: ssl.SSLContext) -> None:
        pass

    setattr(ssl.SSLContext, "set_default_verify_paths", load_none)  # noqa: B010 (over what it inherits, for a moment)
    try:
        yield
    finally:
        delattr(ssl.SSLContext, "set_default_verify_paths")


with _no_certificates():
    import aiohttp as aiohttp
    from aiohttp.abc import AbstractResolver as AbstractResolver
    from aiohttp.abc import ResolveResult as ResolveResult


@cache
def trusted() -> ssl.SSLContext:
    """Return what checks the name and the certificate of a host, by the certificates of this machine."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context
