"""Identity: which entries are one story, which are new, and what counts as a revision."""

import hashlib

from tests.site.behaviours import answer, on_nights
from tests.site.nights.case import (
    NEW_THEN_KNOWN,
    Expected,
    NightCase,
    Story,
    case,
    item,
    named,
    ok,
    rss,
    title_of,
    titled,
)
from tests.site.server import Handler

_LONG = (
    "The council of the harbour town voted on Tuesday for a sea wall of forty centimetres more, which the engineers "
    "had asked for since the flood of the winter before last."
)


def told(first: str, second: str) -> Handler:
    """Serve items, and others on the second night; the bytes differ in any case."""
    return on_nights(answer(200, rss(first)), answer(200, rss(second) + b"<!-- later -->"))


def _without(*missing: str) -> NightCase:
    """Describe an item that lacks fields and is the same story on the second night."""
    fields = dict.fromkeys(missing)
    return case(
        f"no {' and no '.join(missing)}",
        lambda me: told(item(me, **fields), item(me, **fields)),
        *NEW_THEN_KNOWN,
        stories=titled("" if "title" in missing else title_of(_id(f"no {' and no '.join(missing)}"))),
    )


def _changed(name: str, before: dict[str, str], after: dict[str, str], *, revisions: int = 0) -> NightCase:
    """Describe a story whose fields are others on the second night."""
    return case(
        name,
        lambda me: told(item(me, **before), item(me, **after)),
        ok(new=1),
        ok(updated=1) if revisions else ok(unchanged=1),
        stories=(Story(title=after.get("title", title_of(_id(name))), revisions=revisions),),
    )


def _id(name: str) -> str:
    return f"identity-{name.replace(' ', '-')}"


def _two(name: str, one: dict[str, str | None], other: dict[str, str | None]) -> NightCase:
    """Describe two items that have something in common and are two stories."""

    def play(me: str) -> Handler:
        items = item(me, 1, **one) + item(me, 2, **other)
        return told(items, items)

    return case(name, play, ok(new=2), ok(unchanged=2), stories=titled(*(title_of(_id(name), n) for n in (1, 2))))


def items(me: str, *numbers: int) -> str:
    """Write items by their numbers."""
    return "".join(item(me, n) for n in numbers)


def _window(name: str, first: tuple[int, ...], second: tuple[int, ...]) -> NightCase:
    """Describe a feed that shows these stories on the first night and those on the second."""
    return case(
        name,
        lambda me: told(items(me, *first), items(me, *second)),
        ok(new=len(first)),
        _counted(set(first), set(second)),
        stories=titled(*(title_of(_id(name), n) for n in sorted({*first, *second}))),
    )


def _counted(first: set[int], second: set[int]) -> Expected:
    counts = {"new": len(second - first), "unchanged": len(second & first)}
    return ok(**{name: count for name, count in counts.items() if count})


def _long(me: str, least: int) -> str:
    """Make a name of at least so many characters, which no database can pack."""
    made = ""
    while len(made) < least:
        made += hashlib.sha256(f"{me}{len(made)}".encode()).hexdigest()
    return made


_PIXEL = "&lt;img src='http://pixel.example/{}.gif' width=1 height=1&gt;"
_LINK = "http://identity.example/"
IDENTITY = named(
    "identity",
    (
        *(_without(name) for name in ("guid", "link", "title", "description")),
        *(_without("guid", name) for name in ("link", "title", "description")),
        _without("guid", "link", "title"),
        _without("guid", "link", "description"),
        _without("guid", "title", "description"),
        _without("link", "title", "description"),
        _two("duplicate guid on different items", {"guid": "post"}, {"guid": "post"}),
        _two(
            "duplicate link on different items",
            {"link": f"{_LINK}a", "guid": None},
            {"link": f"{_LINK}a", "guid": None},
        ),
        _two("front page as the link of all", {"link": _LINK, "guid": None}, {"link": _LINK, "guid": None}),
        _two(
            "an id in the query that matters",
            {"link": f"{_LINK}q?id=1", "guid": None},
            {"link": f"{_LINK}q?id=2", "guid": None},
        ),
        case(
            "the same item twice",
            lambda me: told(item(me) * 2, item(me) * 2),
            ok(new=1, duplicate=1),
            ok(unchanged=1, duplicate=1),
            stories=titled(title_of(_id("the same item twice"))),
        ),
        _changed("guid changes", {"guid": "1"}, {"guid": "urn:1"}),
        _changed("link changes", {"link": f"{_LINK}old"}, {"link": f"{_LINK}2024/new"}),
        case(
            "guid of 9000 characters",
            lambda me: told(item(me, 1) + item(me, 2, guid=_long(me, 9000)), items(me, 1, 2)),
            ok(new=2),
            ok(unchanged=2),
            stories=titled(*(title_of(_id("guid of 9000 characters"), n) for n in (1, 2))),
        ),
        case(
            "link of 6000 characters",
            lambda me: told(*(item(me, 1) + item(me, 2, link=f"{_LINK}{_long(me, 6000)}") for _ in range(2))),
            ok(new=2),
            ok(unchanged=2),
            stories=titled(*(title_of(_id("link of 6000 characters"), n) for n in (1, 2))),
        ),
        _changed("http to https", {"link": f"{_LINK}s"}, {"link": f"{_LINK}s".replace("http:", "https:")}),
        _changed(
            "utm and fbclid", {"link": f"{_LINK}u?utm_source=rss"}, {"link": f"{_LINK}u?utm_source=x&amp;fbclid=9"}
        ),
        _changed(
            "body revised", {"description": _LONG}, {"description": f"{_LONG} It will cost two million."}, revisions=1
        ),
        _changed(
            "title revised",
            {"title": "Council votes for wall"},
            {"title": "Council votes for higher wall"},
            revisions=1,
        ),
        _changed(
            "cosmetic churn",
            {"description": f"&lt;p&gt;{_LONG}&lt;/p&gt;{_PIXEL.format(1)}"},
            {"description": f"&lt;p class=x&gt; {_LONG}&lt;/p&gt;\n{_PIXEL.format(2)}"},
        ),
        _changed(
            "date churn", {"pubDate": "Mon, 11 Nov 2024 09:30:00 GMT"}, {"pubDate": "Tue, 12 Nov 2024 10:00:00 GMT"}
        ),
        _window("sliding window", (1, 2, 3), (3, 4, 5)),
        _window("reordered", (1, 2, 3), (3, 1, 2)),
        _window("emptied", (1, 2), ()),
        _window("empty at first", (), (1,)),
        _window("backfilled", (3, 4), (1, 2, 3, 4)),
        _window("5000 entries", tuple(range(5000)), tuple(range(5000))),
        case(
            "an article that a second feed will show",
            lambda me: told(item("shared", 1), item("shared", 1)),
            *NEW_THEN_KNOWN,
        ),
        case(
            "the article of the first feed",
            lambda me: told("", item("shared", 1, guid="other")),
            ok(),
            ok(duplicate=1),
            stories=titled(title_of("shared")),
        ),
    ),
)
