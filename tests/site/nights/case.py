"""A feed as the site plays it over two nights, and what each night must make of it."""

import json
from collections.abc import Callable, Iterable
from html import escape
from re import sub
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from models.reports import Counts, FeedStatus
from tests.site.server import Handler

# Bytes below this long are one document; the fetcher of these nights stops here.
FEED_MAX_BYTES = 6_000_000


class Expected(Struct, frozen=True, kw_only=True):
    """What a night must come to for one feed."""

    status: FeedStatus
    counts: Counts = field(default_factory=Counts)
    error: str | None = None  # class of models.errors
    requests: int | None = 1  # what its path was asked, redirect hops included; None: it is not on the site
    says: str = ""  # words of the reason


class Story(Struct, frozen=True, kw_only=True):
    """What a case may expect of a story in the archive; None: it does not matter."""

    title: str
    published: str | None = None  # "2024-11-11T09:30:00+00:00", or "unknown"
    published_raw: str | None = None
    holds: tuple[str, ...] = ()  # words of the text
    html: str | None = None  # a part of its HTML
    revisions: int | None = None


class NightCase(Struct, frozen=True, kw_only=True):
    """One way in which a feed fails, or does not."""

    kind: str
    name: str
    play: Callable[[str], Handler] | None  # from the feed's id to what the site does; None: it is not on the site
    nights: tuple[Expected, Expected]
    stories: tuple[Story, ...] | None = None  # that the feed shows or showed, by title; None: only the counts matter
    url: str = ""  # where the feed is, if not on the site

    @property
    def id(self) -> str:
        """The feed's id."""
        return sub(r"[^a-z0-9]+", "-", f"{self.kind} {self.name}".lower()).strip("-")


def ok(requests: int = 1, **counts: int) -> Expected:
    """Expect a document that was read; counts as new=1."""
    sums = Counts(seen=sum(counts.values()), **counts)
    return Expected(status=FeedStatus.OK, counts=sums, requests=requests)


def same(requests: int = 1) -> Expected:
    """Expect a document that is the one of the night before."""
    return Expected(status=FeedStatus.UNCHANGED, requests=requests)


def fails(error: str, says: str = "", requests: int | None = 1) -> Expected:
    """Expect a failure, and words of its reason."""
    return Expected(status=FeedStatus.FAILED, error=error, says=says, requests=requests)


def gone() -> Expected:
    """Expect a feed that has said that it is no more."""
    return Expected(status=FeedStatus.GONE, error="HttpRefused")


def skipped(says: str) -> Expected:
    """Expect a feed that is not asked."""
    return Expected(status=FeedStatus.SKIPPED, requests=0, says=says)


def titled(*titles: str) -> tuple[Story, ...]:
    """Expect stories of which only the titles matter."""
    return tuple(Story(title=title) for title in titles)


def twice(expected: Expected) -> tuple[Expected, Expected]:
    """Expect both nights to come to the same."""
    return expected, expected


NEW_THEN_SAME = (ok(new=1), same())
NEW_THEN_KNOWN = (ok(new=1), ok(unchanged=1))  # other bytes, the same story


def item(me: str, n: int = 1, /, **fields: str | None) -> str:
    """Write an item of a feed as RSS; a field given as None is left out, one given as text stands as it is."""
    given: dict[str, str | None] = {
        "title": title_of(me, n),
        "link": f"http://{me}.example/{n}",
        "guid": f"{me}-{n}",
        "description": f"{WORDS[n % len(WORDS)]} number {n} of {me} is told here",
    }
    given |= fields
    return f"<item>{''.join(f'<{name}>{value}</{name}>' for name, value in given.items() if value is not None)}</item>"


WORDS = ("The sea wall", "A drought", "The emissions report", "A heatwave", "The glacier", "A carbon tax")


def title_of(me: str, n: int = 1) -> str:
    """Give the title that an item has if it is not given another."""
    return f"Story {n} of {me}"


def rss(*items: str, head: str = '<?xml version="1.0" encoding="utf-8"?>', encoding: str = "utf-8") -> bytes:
    """Write a feed around items."""
    return f'{head}\n<rss version="2.0"><channel><title>T</title>{"".join(items)}</channel></rss>'.encode(encoding)


def feed(me: str, **fields: str | None) -> bytes:
    """Write a feed with one item."""
    return rss(item(me, **fields))


def json_feed(me: str, *items: dict[str, Any]) -> bytes:
    """Write a JSON Feed."""
    document = {"version": "https://jsonfeed.org/version/1.1", "title": me, "items": list(items)}
    return json.dumps(document).encode()


def html_body(source: str) -> str:
    """Write HTML as a description holds it."""
    return escape(source)


def named(kind: str, cases: Iterable[NightCase]) -> tuple[NightCase, ...]:
    """Put cases under a kind."""
    return tuple(replace(case, kind=kind) for case in cases)


def case(
    name: str,
    play: Callable[[str], Handler] | None,
    *nights: Expected,
    stories: tuple[Story, ...] | None = None,
    url: str = "",
) -> NightCase:
    """Describe a case; one night stands for both."""
    first, second = nights if len(nights) == 2 else (nights[0], nights[0])
    return NightCase(kind="", name=name, play=play, nights=(first, second), stories=stories, url=url)
