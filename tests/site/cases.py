"""The table of misbehaviours: class, name, what the server does, and what fetching it must come to.

Adding a case is adding a row. `requests` counts what the server may be asked in one night, redirect hops included.
"""

import gzip
import zlib

from msgspec import Struct
from msgspec.structs import replace

from tests.site.behaviours import (
    FEED,
    OK_HEAD,
    answer,
    chunked,
    close,
    damaged_gzip,
    drip,
    encoded,
    framed,
    gzip_bomb,
    hang,
    in_turn,
    raw,
    raw_deflate,
    redirect,
    reset,
)
from tests.site.server import Handler


class Case(Struct, frozen=True, kw_only=True):
    """One way in which a feed's server behaves."""

    kind: str
    name: str
    handler: Handler
    error: str | None = None  # class of models.errors; None: a document came
    status: int | None = 200
    requests: int = 1
    is_complete: bool = True
    body: bytes = FEED  # what must have come, where no error is expected

    @property
    def is_silent(self) -> bool:
        """Whether a time-out is what ends it, at least its first try."""
        return self.error == "TimedOut" or "hang" in self.name

    @property
    def path(self) -> str:
        """The path under which the case is served; no two rows share one."""
        return "/" + f"{self.kind}/{self.name}".replace(" ", "-").replace(",", "")


def arrives(kind: str, name: str, handler: Handler, *, requests: int = 1, body: bytes = FEED) -> Case:
    """Describe a case whose document comes."""
    return Case(kind=kind, name=name, handler=handler, requests=requests, body=body)


def breaks_off(kind: str, name: str, handler: Handler) -> Case:
    """Describe a case whose document comes without its proper end."""
    return replace(arrives(kind, name, handler), is_complete=False)


def fails(kind: str, name: str, handler: Handler, error: str, status: int | None = None) -> Case:
    """Describe a case that fails, with the last status that was seen."""
    return Case(kind=kind, name=name, handler=handler, error=error, status=status)


def asked(requests: int, case: Case) -> Case:
    """Describe a case that takes more than one request."""
    return replace(case, requests=requests)


STATUS = (
    arrives("status", "200", answer()),
    replace(arrives("status", "203 from a proxy", answer(203)), status=203),
    *(
        fails("status", f"{status}", answer(status), "HttpRefused", status)
        for status in (201, 202, 300, 400, 401, 403, 404, 410, 418, 451, 600, 999)
    ),
    fails("status", "204", answer(204, b""), "HttpRefused", 204),
    fails("status", "206 unasked", answer(206), "HttpRefused", 206),
    fails("status", "304 unasked", answer(304, b""), "HttpRefused", 304),
)
RETRY = (
    *(
        asked(3, fails("retry", f"{status}", answer(status), "TryLater", status))
        for status in (408, 425, 429, 500, 502, 503, 504, 599)
    ),
    asked(3, arrives("retry", "500 twice then fine", in_turn(answer(500), answer(500), answer()))),
    asked(2, arrives("retry", "reset once then fine", in_turn(reset, answer()))),
    asked(2, arrives("retry", "closed once then fine", in_turn(close, answer()))),
    asked(2, arrives("retry", "hang once then fine", in_turn(hang(), answer()))),
    asked(2, fails("retry", "503 then 404", in_turn(answer(503), answer(404)), "HttpRefused", 404)),
)
NETWORK = (
    asked(3, fails("network", "reset", reset, "ConnectFailed")),
    asked(3, fails("network", "closed", close, "ConnectFailed")),
    asked(3, fails("network", "cut inside headers", raw(OK_HEAD), "ConnectFailed")),
    fails("network", "not HTTP", raw(b"SSH-2.0-OpenSSH_9.2\r\n"), "BadResponse"),
    fails("network", "HTTP/0.9", raw(FEED), "BadResponse"),
)
SLOW = (
    asked(2, fails("slow", "hang before headers", hang(), "TimedOut")),
    asked(2, fails("slow", "hang inside headers", hang(OK_HEAD), "TimedOut")),
    asked(2, fails("slow", "hang after headers", hang(framed(b"", 900)), "TimedOut", 200)),
    asked(2, fails("slow", "hang inside the body", hang(framed(FEED, 9000)), "TimedOut", 200)),
    asked(2, fails("slow", "dripping headers", drip(OK_HEAD, b"X-Drop: 1\r\n", 0.02), "TimedOut")),
    asked(2, fails("slow", "dripping body", drip(framed(b"", 90_000), b" ", 0.02), "TimedOut", 200)),
    arrives("slow", "slow but fine", raw(framed(FEED[:99], len(FEED)), 0.1, FEED[99:])),
)
TWO_LENGTHS = OK_HEAD + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nfeed"
FRAMING = (
    breaks_off("framing", "truncated", raw(framed(FEED, len(FEED) + 900))),
    breaks_off("framing", "last chunk missing", raw(chunked(FEED, end=b""))),
    breaks_off("framing", "cut inside a chunk", raw(chunked(end=b"fff\r\n" + FEED))),
    breaks_off("framing", "bad chunk later", raw(chunked(FEED, end=b""), 0.05, b"ZZ\r\n")),
    arrives("framing", "chunked", raw(chunked(FEED[:100], FEED[100:]))),
    arrives("framing", "HTTP/1.0 until close", raw(b"HTTP/1.0 200 OK\r\n\r\n" + FEED)),
    arrives("framing", "no length until close", raw(OK_HEAD + b"\r\n" + FEED)),
    arrives("framing", "empty body", answer(200, b""), body=b""),
    arrives("framing", "one byte", answer(200, b"<"), body=b"<"),
    fails("framing", "two lengths", raw(TWO_LENGTHS), "BadResponse"),
    fails("framing", "400 headers", answer(200, FEED, {f"X-{n}": "1" for n in range(400)}), "BadResponse"),
    fails("framing", "200 KB header", answer(200, FEED, {"X-Long": "x" * 200_000}), "BadResponse"),
)
ENCODING = (
    arrives("encoding", "gzip", encoded(gzip.compress(FEED), "gzip")),
    arrives("encoding", "x-gzip", encoded(gzip.compress(FEED), "x-gzip")),
    arrives("encoding", "two gzip members", encoded(gzip.compress(FEED[:80]) + gzip.compress(FEED[80:]), "gzip")),
    arrives("encoding", "gzip with padding", encoded(gzip.compress(FEED) + b"\0" * 64, "gzip")),
    arrives("encoding", "deflate", encoded(zlib.compress(FEED), "deflate")),
    arrives("encoding", "raw deflate", encoded(raw_deflate(FEED), "deflate")),
    arrives("encoding", "gzip of a packed file", encoded(gzip.compress(gzip.compress(FEED)), "gzip")),
    arrives("encoding", "gzip twice", encoded(gzip.compress(gzip.compress(FEED)), "gzip, gzip")),
    breaks_off("encoding", "gzip of a cut file", encoded(gzip.compress(gzip.compress(FEED)[:-4]), "gzip")),
    arrives("encoding", "gzip undeclared", answer(200, gzip.compress(FEED))),
    arrives("encoding", "gzip falsely declared", encoded(FEED, "gzip")),
    arrives("encoding", "deflate falsely declared", encoded(FEED, "deflate")),
    arrives("encoding", "charset in its place", encoded(FEED, "UTF-8")),
    breaks_off("encoding", "gzip cut off", encoded(gzip.compress(FEED)[:-4], "gzip")),
    fails("encoding", "gzip damaged", encoded(damaged_gzip(FEED), "gzip"), "BadResponse", 200),
    fails("encoding", "brotli unasked", encoded(b"\x0b\x02\x80", "br"), "BadResponse", 200),
    fails("encoding", "zstd unasked", encoded(b"\x28\xb5\x2f\xfd", "zstd"), "BadResponse", 200),
)
SIZE = (
    fails("size", "gzip bomb in a packed file", encoded(gzip.compress(gzip_bomb(60_000_000)), "gzip"), "TooLarge", 200),
    fails("size", "gzip bomb", encoded(gzip_bomb(60_000_000), "gzip"), "TooLarge", 200),
    fails("size", "60 MB declared", hang(framed(FEED, 60_000_000)), "TooLarge", 200),
    fails("size", "endless", drip(OK_HEAD + b"\r\n", b" " * 65_536, 0), "TooLarge", 200),
)
PING_PONG = in_turn(redirect(302, "?a"), redirect(302, "/redirect/ping-pong"))
COOKIE_WALL = answer(302, b"", {"Location": "/redirect/cookie-wall", "Set-Cookie": "seen=1"})
FOUR_HOPS = in_turn(*(redirect(301, f"?{n}") for n in range(4)), answer())
FORTY_HOPS = in_turn(*(redirect(301, f"?{n}") for n in range(40)))
HOP_THEN_500 = (redirect(302, "?a"), answer(500))
REDIRECT = (
    *(
        asked(2, arrives("redirect", f"{status}", in_turn(redirect(status, "?moved"), answer())))
        for status in (301, 302, 303, 307, 308)
    ),
    asked(5, arrives("redirect", "4 hops", FOUR_HOPS)),
    asked(11, fails("redirect", "40 hops", FORTY_HOPS, "RedirectFailed", 301)),
    fails("redirect", "loop", redirect(302, "/redirect/loop"), "RedirectFailed", 302),
    asked(2, fails("redirect", "ping-pong", PING_PONG, "RedirectFailed", 302)),
    fails("redirect", "cookie wall", COOKIE_WALL, "RedirectFailed", 302),
    fails("redirect", "no Location", redirect(301, None), "RedirectFailed", 301),
    fails("redirect", "file", redirect(302, "file:///etc/hostname"), "AddressRefused", 302),
    fails("redirect", "javascript", redirect(302, "javascript:alert(1)"), "AddressRefused", 302),
    fails("redirect", "malformed", redirect(302, "http://[::1/"), "AddressRefused", 302),
    fails("redirect", "user name", redirect(302, "http://me:secret@tide.example/"), "AddressRefused", 302),
    asked(4, arrives("redirect", "500 at its end", in_turn(*HOP_THEN_500, redirect(302, "?a"), answer()))),
)

CASES: tuple[Case, ...] = STATUS + RETRY + NETWORK + SLOW + FRAMING + ENCODING + SIZE + REDIRECT
