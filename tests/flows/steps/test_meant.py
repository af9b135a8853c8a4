"""Links as programs write them wrong, and what they mean."""

import pytest

from flows.steps._parsing.meant import meant_address
from flows.steps.parse import parse_feed

BASE = "https://one.example/feed"
SEA = "https://one.example/sea"

BROKEN = [
    ("no scheme", "www.one.example/sea", "https://www.one.example/sea"),
    ("no scheme, the site's own name", "one.example/sea", SEA),
    ("no scheme, a port", "one.example:8080/sea", "https://one.example:8080/sea"),
    ("another's name without a scheme", "www.two.example/sea", "https://www.two.example/sea"),
    ("two schemes", "http://https://one.example/sea", SEA),
    ("three schemes", "http://https://https://one.example/sea", SEA),
    ("the site's address twice", "https://one.examplehttps://one.example/sea", SEA),
    ("no colon", "https//one.example/sea", SEA),
    ("one stroke", "https:/one.example/sea", SEA),
    ("three strokes", "https:///one.example/sea", SEA),
    ("a site that has no name", "http:///sea", "/sea"),
    ("for a feed reader", "feed:https://one.example/sea", SEA),
    ("for a feed reader, with strokes", "feed://one.example/sea", "http://one.example/sea"),
    ("an element around it", '<a href="https://one.example/sea?a=1&amp;b=2">Sea</a>', f"{SEA}?a=1&b=2"),
    ("the author's machine", "http://localhost:4000/sea?a#b", f"{SEA}?a#b"),
    ("the author's machine by its number", "http://127.0.0.1:1313/sea", SEA),
    ("all addresses of the author's machine", "http://0.0.0.0:4000/sea", SEA),
    ("the author's machine in six", "http://[::1]:3000/sea", SEA),
    ("a stroke that was escaped twice", "https://one.example&#47;sea", SEA),
    ("a mark that was escaped twice", f"{SEA}?a&#x3D;1", f"{SEA}?a=1"),
    ("escaped twice", f"{SEA}?a=1&amp;b=2&#038;c=3", f"{SEA}?a=1&b=2&c=3"),
]
SOUND = [
    SEA,
    "/sea",
    "sea.html",
    "2026/one.example",
    "?p=1",
    "https:/sea",
    "two.example/sea",
    "feed.html",
    "mailto:desk@one.example",
    "tag:one.example,2026:1",
    "https://archive.example/2026/https://one.example/sea",
    "https://one.example?of=https://two.example/sea",
    "https://localhost.example/sea",
    "http://intranet/sea",
]


@pytest.mark.parametrize(("written", "meant"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_a_broken_address_is_read_as_it_was_meant(written: str, meant: str) -> None:
    """It led to no page, or to another."""
    assert meant_address(written, BASE) == meant


@pytest.mark.parametrize("written", SOUND)
def test_any_other_address_stays(written: str) -> None:
    """Relative ones too, and those that hold another address."""
    assert meant_address(written, BASE) == written


def test_a_feed_of_this_machine_links_to_it() -> None:
    """Where the feed itself is read from there."""
    assert meant_address("http://localhost:4000/sea", "http://127.0.0.1:4000/feed") == "http://localhost:4000/sea"


@pytest.mark.parametrize(
    "document",
    [
        "<rss version='2.0'><channel><link>http://localhost:4000/</link><item><title>T</title><link>{}</link></item>"
        "</channel></rss>",
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>T</title><link href="{}"/></entry></feed>',
        '{{"version": "https://jsonfeed.org/version/1.1", "home_page_url": "http://localhost:4000/", '
        '"items": [{{"id": "1", "url": "{}"}}]}}',
    ],
    ids=["RSS", "Atom", "JSON"],
)
def test_links_of_every_format_are_read_so(document: str) -> None:
    """The one of the feed's own site too, on which relative ones stand."""
    for link in ("http://localhost:4000/sea", "one.example/sea", "sea"):
        [entry] = parse_feed(document.format(link).encode(), content_type="text/xml", url=BASE).entries
        assert entry.url == SEA
