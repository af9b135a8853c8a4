"""HTTP statuses, retries and caching: whether the feed is asked again, and what is asked."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from gzip import compress

from tests.site.behaviours import XML, answer, cached, encoded, framed, in_turn, on_nights, reset
from tests.site.nights.case import (
    NEW_THEN_KNOWN,
    NEW_THEN_SAME,
    case,
    fails,
    feed,
    gone,
    item,
    named,
    ok,
    rss,
    same,
    skipped,
    title_of,
    titled,
)
from tests.site.server import Conversation, Handler


def fine(me: str) -> Handler:
    """Serve a feed of one story."""
    return answer(200, feed(me))


def refusing(status: int) -> Callable[[str], Handler]:
    """Serve a feed under a status that says that there is none."""
    return lambda me: answer(status, feed(me))


def poisoned(me: str) -> Handler:
    """Send a validator with a body that breaks off, then know that validator for good."""
    whole = rss(item(me, 1), item(me, 2))

    async def handle(talk: Conversation) -> None:
        if talk.seen.headers.get("if-none-match") == '"poison"':
            await talk.send(304, b"", {"ETag": '"poison"'})
        elif talk.seen.night == 1:
            half = whole[: whole.index(b"<item>", whole.index(b"</item>")) + 20]
            await talk.send_raw(framed(half, len(whole)).replace(b"\r\n\r\n", b'\r\nETag: "poison"\r\n\r\n', 1))
            talk.close()
        else:
            await talk.send(200, whole, XML)

    return handle


def changing_etag(me: str) -> Handler:
    """Send the same bytes under another ETag at every visit."""

    async def handle(talk: Conversation) -> None:
        await talk.send(200, feed(me), XML | {"ETag": f'"{talk.seen.night}-{talk.seen.visit}"'})

    return handle


def later_by_date(me: str) -> Handler:
    """Ask for a pause until a moment, then serve."""

    async def handle(talk: Conversation) -> None:
        moment = talk.site.clock() + timedelta(seconds=2)
        await talk.send(503, b"", {"Retry-After": format_datetime(moment.astimezone(UTC), usegmt=True)})

    return in_turn(handle, fine(me))


def same_but_for_the_night(me: str) -> Handler:
    """Serve a document whose bytes change every night while its story stays."""

    async def handle(talk: Conversation) -> None:
        await talk.send(200, feed(me) + f"<!-- night {talk.seen.night} -->".encode(), XML)

    return handle


FOR_A_DAY = {"Retry-After": "90000"}  # the next night comes an hour too early
LONG_AGO = format_datetime(datetime(2024, 1, 1, tzinfo=UTC), usegmt=True)

STATUS = named(
    "status",
    (
        case("204", lambda me: answer(204, b""), fails("HttpRefused", "204")),
        *(
            case(f"{status}", refusing(status), fails("HttpRefused", f"{status}"))
            for status in (401, 403, 404, 451, 999)
        ),
        case(
            "404 later",
            lambda me: on_nights(fine(me), answer(404, b"")),
            ok(new=1),
            fails("HttpRefused", "404"),
            stories=titled(title_of("status-404-later")),
        ),
        case("410", lambda me: answer(410, b""), gone(), skipped("410")),
        case(
            "410 later",
            lambda me: on_nights(fine(me), answer(410, b"")),
            ok(new=1),
            gone(),
            stories=titled(title_of("status-410-later")),
        ),
        case("500 whose body is a feed", lambda me: answer(500, feed(me)), fails("TryLater", "500", 5), stories=()),
        case("503 for ever", lambda me: answer(503, b""), fails("TryLater", "503", 5)),
        case("503 for one night", lambda me: on_nights(answer(503), fine(me)), fails("TryLater", "503", 5), ok(new=1)),
        case(
            "503 on the second night", lambda me: on_nights(fine(me), answer(503)), ok(new=1), fails("TryLater", "", 5)
        ),
        case("304 to nothing", lambda me: answer(304, b""), fails("HttpRefused", "304")),
    ),
)
RETRY = named(
    "retry",
    (
        case("500 twice then fine", lambda me: in_turn(answer(500), answer(500), fine(me)), ok(3, new=1), same(3)),
        case(
            "503 with Retry-After in seconds",
            lambda me: in_turn(answer(503, b"", {"Retry-After": "1"}), fine(me)),
            ok(2, new=1),
            same(2),
        ),
        case("503 with Retry-After as a date", later_by_date, ok(2, new=1), same(2)),
        case(
            "429 in seconds",
            lambda me: in_turn(answer(429, b"", {"Retry-After": "1"}), fine(me)),
            ok(2, new=1),
            same(2),
        ),
        case(
            "429 as a date of long ago",
            lambda me: in_turn(answer(429, b"", {"Retry-After": LONG_AGO}), fine(me)),
            ok(2, new=1),
            same(2),
        ),
        case("429 for a day", lambda me: answer(429, b"", FOR_A_DAY), fails("TryLater", "429"), skipped("Retry-After")),
        case("503 for a day", lambda me: answer(503, b"", FOR_A_DAY), fails("TryLater", "503"), skipped("Retry-After")),
        case(
            "429 with a Retry-After that says nothing",
            lambda me: in_turn(answer(429, b"", {"Retry-After": "soon"}), fine(me)),
            ok(2, new=1),
            same(2),
        ),
        case("reset once", lambda me: in_turn(reset, fine(me)), ok(2, new=1), same(2)),
    ),
)
CACHING = named(
    "caching",
    (
        case("ETag", lambda me: cached(feed(me), etag='"a"'), *NEW_THEN_SAME),
        case("Last-Modified", lambda me: cached(feed(me), last_modified=LONG_AGO), *NEW_THEN_SAME),
        case(
            "weak ETag and gzip",
            lambda me: on_nights(
                answer(200, compress(feed(me)), {"Content-Encoding": "gzip", "ETag": 'W/"b-gzip"'}),
                cached(feed(me), etag='W/"b-gzip"'),
            ),
            *NEW_THEN_SAME,
        ),
        case("an ever-new ETag", changing_etag, *NEW_THEN_SAME),
        case("max-age", lambda me: answer(200, feed(me), {"Cache-Control": "max-age=604800"}), *NEW_THEN_SAME),
        case("no-store", lambda me: answer(200, feed(me), {"Cache-Control": "no-store"}), *NEW_THEN_SAME),
        case("poisoned validator", poisoned, ok(new=1), ok(unchanged=1, new=1)),
        case("other bytes and the same story", same_but_for_the_night, *NEW_THEN_KNOWN),
        case(
            "validators of no use",
            lambda me: answer(200, feed(me), {"ETag": "", "Last-Modified": "yesterday"}),
            *NEW_THEN_SAME,
        ),
        case(
            "304 after the story was told",
            lambda me: on_nights(encoded(feed(me), ""), cached(feed(me), etag='"never sent"')),
            *NEW_THEN_SAME,
        ),
    ),
)
