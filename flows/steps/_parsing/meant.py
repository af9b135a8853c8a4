"""Addresses that a program wrote wrong, as they were meant: what is left of a link would lead nowhere or elsewhere."""

import html
import re
from collections.abc import Callable
from urllib.parse import SplitResult, urlsplit

# Of such an address nothing has to be guessed.
_SOUND = re.compile(r"\s*+(?:https?://(?!127\.|0\.0\.0\.0)[\w-]++(?:\.[\w-]++)+(?::\d+)?(?=[/?#]|\Z)|/)", re.IGNORECASE)
_ESCAPED_TWICE = re.compile(
    r"&(?:amp|#0*(?:3[3-9]|[4-9]\d|1[01]\d|12[0-6])|#x0*(?:2[1-9a-f]|[3-6][\da-f]|7[\da-e]));", re.IGNORECASE
)
_ANCHOR = re.compile(r"<a\s[^<>]*?\bhref\s*=\s*(?:\"([^\"<>]*)\"|'([^'<>]*)'|([^\s\"'<>]+))", re.IGNORECASE)
_FEED_SCHEME = re.compile(r"feed:(?=https?:)|feed(?=://)", re.IGNORECASE)
# "http://https://one.example", and a site's address before one that has it already.
_DOUBLED = re.compile(r"https?:/*[\w.-]*?(?=https?://)", re.IGNORECASE)
_NO_SCHEME = re.compile(
    r"(?:(?P<scheme>https?)(?:[:;]/?|[:;]?/{3,}|//))?(?P<host>[\w-]+(?:\.[\w-]+)+)(?=[/?#:]|\Z)", re.IGNORECASE
)
_NO_HOST = re.compile(r"https?:/{3,}", re.IGNORECASE)
# What is a machine's own is nobody else's: a site that was built for a look at it, and published as it was.
_OWN_MACHINE = re.compile(
    r"https?://(?:localhost|127(?:\.\d+){3}|0\.0\.0\.0|\[::1?\])(?::\d+)?(?=[/?#]|\Z)", re.IGNORECASE
)


def meant_address(written: str, base: str) -> str:
    """Give the address that a broken one means, by the address that it stands on; any other as it is."""
    written = _ESCAPED_TWICE.sub(lambda found: html.unescape(found[0]), written) if "&" in written else written
    if not written or _SOUND.match(written):
        return written
    try:
        around = urlsplit(base)
    except ValueError:  # an unclosed bracket in the host
        return written
    address = written.strip()
    for mend in _MENDS:
        address = mend(address, around)
    return address


def _out_of_markup(address: str, _around: SplitResult) -> str:
    anchor = _ANCHOR.match(address)
    return html.unescape(next(filter(None, anchor.groups()), "")) if anchor else address


def _with_one_scheme(address: str, _around: SplitResult) -> str:
    as_web = _FEED_SCHEME.sub("", address, count=1) if address[:4].lower() == "feed" else address
    as_web = f"http{as_web}" if as_web.startswith("://") else as_web
    start = 0
    while doubled := _DOUBLED.match(as_web, start):
        start = doubled.end()
    return as_web[start:]


def _with_scheme(address: str, around: SplitResult) -> str:
    """Take the first part for a host where it is the site's own, or is named as one."""
    found = _NO_SCHEME.match(address)
    host = found["host"].lower() if found else ""
    if found and (host.startswith("www.") or host.removeprefix("www.") == (around.hostname or "").removeprefix("www.")):
        return f"{found['scheme'] or around.scheme}://{address[found.start('host') :]}"
    return _NO_HOST.sub("/", address, count=1)


def _on_its_site(address: str, around: SplitResult) -> str:
    own = _OWN_MACHINE.match(address)
    if not own or _OWN_MACHINE.match(f"{around.scheme}://{around.netloc}"):
        return address
    return f"{around.scheme}://{around.netloc}{address[own.end() :]}"


_MENDS: tuple[Callable[[str, SplitResult], str], ...] = (_out_of_markup, _with_one_scheme, _with_scheme, _on_its_site)
