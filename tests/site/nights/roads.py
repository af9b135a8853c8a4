"""Redirects, the network and slow servers: whether the feed can be reached at all, and in time."""

from functools import partial

from tests.site.behaviours import OK_HEAD, answer, close, drip, framed, hang, in_turn, on_nights, raw, redirect, reset
from tests.site.nights.case import case, fails, feed, named, ok, same
from tests.site.server import Conversation, Handler

# The play puts ports in their places: the canary's, one where nobody listens, one that speaks TLS.
CANARY_PORT, CLOSED_PORT, TLS_PORT = "{canary}", "{closed}", "{tls}"


def moved(status: int, me: str) -> Handler:
    """Point to the place where the feed is now."""

    async def handle(talk: Conversation) -> None:
        if talk.seen.path.endswith("?moved"):
            await talk.send(200, feed(me))
        else:
            await talk.send(status, b"", {"Location": f"/{me}?moved"})

    return handle


def to_canary(address: str) -> Handler:
    """Point to an address within a private network."""

    async def handle(talk: Conversation) -> None:
        await talk.send(302, b"", {"Location": f"http://{address}:{talk.site.canary_port}/secret"})

    return handle


def hops(me: str, count: int, status: int = 302) -> Handler:
    """Point on and on, then serve the feed."""
    return in_turn(*(redirect(status, f"?{n}") for n in range(count)), answer(200, feed(me)))


REDIRECTS = named(
    "redirect",
    (
        *(case(f"{status}", partial(moved, status), ok(2, new=1), same(2)) for status in (301, 308)),
        *(case(f"{status}", partial(moved, status), ok(2, new=1), same(2)) for status in (302, 307)),
        case("303", partial(moved, 303), ok(2, new=1), same(2)),
        case("relative", lambda me: in_turn(redirect(302, "?there"), answer(200, feed(me))), ok(2, new=1), same(2)),
        case("loop", lambda me: redirect(302, f"/{me}"), fails("RedirectFailed", "loop")),
        case(
            "ping-pong",
            lambda me: in_turn(redirect(302, "?a"), redirect(302, f"/{me}")),
            fails("RedirectFailed", "loop", 2),
        ),
        case("4 hops", lambda me: hops(me, 4), ok(5, new=1), same(5)),
        case("40 hops", lambda me: hops(me, 40), fails("RedirectFailed", "more than 10", 11)),
        case("no Location", lambda me: redirect(302, None), fails("RedirectFailed", "without Location")),
        case(
            "file", lambda me: redirect(302, "file:///etc/hostname"), fails("AddressRefused", "neither http nor https")
        ),
        case("to a private address", lambda me: to_canary("127.0.0.99"), fails("AddressRefused", "not a public")),
        case("to a private address as one number", lambda me: to_canary("2130706531"), fails("AddressRefused")),
        case("to a private address in hex", lambda me: to_canary("0x7f000063"), fails("AddressRefused")),
        case("to a private address in IPv6", lambda me: to_canary("[::ffff:127.0.0.99]"), fails("AddressRefused")),
        case("to a private address, short", lambda me: to_canary("127.99"), fails("AddressRefused")),
        case("to a name of a private address", lambda me: to_canary("private.example"), fails("AddressRefused")),
        case(
            "cookie wall",
            lambda me: answer(302, b"", {"Location": f"/{me}", "Set-Cookie": "seen=1"}),
            fails("RedirectFailed", "loop"),
        ),
        case(
            "301 to a page that is no feed",
            lambda me: on_nights(
                in_turn(redirect(301, "?page"), answer(200, b"<html>moved</html>")), answer(200, feed(me))
            ),
            fails("NotAFeed", "an HTML page", 2),
            ok(new=1),
        ),
        case(
            "302 then 301",
            lambda me: in_turn(redirect(302, "?a"), redirect(301, "?b"), answer(200, feed(me))),
            ok(3, new=1),
            same(3),
        ),
    ),
)
NETWORK = named(
    "network",
    (
        case("refused", None, fails("ConnectFailed", requests=None), url=f"http://127.0.0.98:{CLOSED_PORT}/"),
        case("unknown host", None, fails("UnknownHost", requests=None), url="http://nowhere.example/feed"),
        case("name not resolved now", None, fails("TemporaryDnsFailure", requests=None), url="http://later.example/"),
        case(
            "private name", None, fails("AddressRefused", requests=None), url=f"http://private.example:{CANARY_PORT}/"
        ),
        case("self-signed", None, fails("TlsFailed", requests=None), url=f"https://127.0.0.97:{TLS_PORT}/"),
        case("TLS garbage", None, fails("TlsFailed", requests=None), url="https://127.0.0.97:{garbage}/"),
        case("a label that is too long", None, fails("UnknownHost", requests=None), url=f"http://{'a' * 64}.example/"),
        case("user name in the URL", None, fails("AddressRefused", requests=None), url="http://me:pw@{site}/x"),
        case("reset", lambda me: reset, fails("ConnectFailed", requests=5)),
        case("closed", lambda me: close, fails("ConnectFailed", requests=5)),
        case("not HTTP", lambda me: raw(b"220 ftp.example ready\r\n"), fails("BadResponse")),
        case(
            "closed on the second night",
            lambda me: on_nights(answer(200, feed(me)), close),
            ok(new=1),
            fails("ConnectFailed", requests=5),
        ),
    ),
)
SLOW = named(
    "slow",
    (
        case("hang once", lambda me: in_turn(hang(), answer(200, feed(me))), ok(2, new=1), same(2)),
        case("hang before headers", lambda me: hang(), fails("TimedOut", requests=4)),
        case("hang after headers", lambda me: hang(framed(b"", 900)), fails("TimedOut", requests=4)),
        case("dripping headers", lambda me: drip(OK_HEAD, b"X-Drop: 1\r\n", 0.05), fails("TimedOut", requests=4)),
        case("dripping body", lambda me: drip(framed(b"", 90_000), b" ", 0.05), fails("TimedOut", requests=4)),
        case(
            "slow but fine", lambda me: raw(framed(feed(me)[:99], len(feed(me))), 0.2, feed(me)[99:]), ok(new=1), same()
        ),
    ),
)
