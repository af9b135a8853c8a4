"""What a document is that is no feed, in words that help whoever configured it."""

import re
from collections.abc import Sequence
from html.parser import HTMLParser

from flows.steps.text.markup import without_markup
from flows.steps.text.urls import absolute_http_url

# The first bytes of what servers send in a feed's place.
_SIGNATURES = (
    (b"\x89PNG", "a PNG image"),
    (b"GIF8", "a GIF image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"RIFF", "a WebP image or a sound"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "gzip data that nobody announced"),
)
_ROOTS = {
    "opml": "an OPML list of feeds",
    "urlset": "a sitemap",
    "sitemapindex": "an index of sitemaps",
    "svg": "an SVG image",
    "opensearchdescription": "a description of a search",
    "error": "an error message in XML",
}
_HTML_ROOTS = {"html", "head", "body", "meta", "title", "script", "div", "p", "h1", "!doctype html"}
_FEED_TYPES = {"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"}
_SEARCHED_CHARACTERS = 500_000  # a page names its feeds in its head

_TITLE = re.compile(r"<title\b[^<>]{0,300}>([^<>]{1,1000})", re.IGNORECASE)
_LONGEST_TITLE = 80
# RSS-Bridge tells its errors so, unless it is set to answer with a status; behind it stands the number of the day.
_REPORT = re.compile(r"(Bridge returned error \d{1,3}!) \(\d{1,6}\)")
# A page's doctype begins a page, unless a feed follows it.
_BEFORE_ROOT = re.compile(
    r"\s+|<\?.*?(?:\?>|>)|<!--.*?-->|"
    r"<!(?!doctype\s+html(?![^>]{0,300}>\s{0,99}<(?:rss|feed|rdf:rdf)[\s>]))[^>\[]*(?:\[.*?\]\s*)?>",
    re.DOTALL | re.IGNORECASE,
)
_ROOT = re.compile(r"<(!doctype\s+html|[A-Za-z_][\w.:-]*)", re.IGNORECASE)


def describe_bytes(body: bytes) -> str | None:
    """Name a document that is no text at all; None where it may be text."""
    if not body.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        return "an empty document"
    return next((name for start, name in _SIGNATURES if body.startswith(start)), None)


def describe_text(text: str, url: str) -> str:
    """Name a text that is no feed; for a web page also the feed addresses that it points to."""
    root = root_name(text)
    if root is None:
        return "plain text"
    if root not in _HTML_ROOTS:
        return _ROOTS.get(root, f"XML of another kind, with the root element <{root[:40]}>")
    addresses, title = _named_feeds(text, url), _title(text)
    named = f'an HTML page titled "{title}"' if title else "an HTML page"
    return named + (f" that names the feed {' and '.join(addresses)}" if addresses else "")


def describe_report(titles: Sequence[str]) -> str | None:
    """Name a document that a program wrote in a feed's place to tell its reader what went wrong; None for a feed."""
    report = _REPORT.fullmatch(titles[0].strip()) if len(titles) == 1 else None
    return f'the report of RSS-Bridge "{report[1]}"' if report else None


def root_name(text: str) -> str | None:
    """Name the first element in lower case and without its prefix; None where the text begins otherwise."""
    position = 0
    while before := _BEFORE_ROOT.match(text, position):
        position = before.end()
    root = _ROOT.match(text, position)
    return " ".join(root[1].lower().split()).rpartition(":")[2] if root else None


def _title(text: str) -> str:
    """Give the title of a page, which often says why it came in a feed's place."""
    found = _TITLE.search(text, 0, _SEARCHED_CHARACTERS)
    words = " ".join(without_markup(found[1]).split()) if found else ""
    return "".join(filter(str.isprintable, words))[:_LONGEST_TITLE].strip()


def _named_feeds(text: str, url: str) -> list[str]:
    links = _FeedLinks()
    links.feed(text[:_SEARCHED_CHARACTERS])
    addresses = (absolute_http_url(link, url) for link in links.found)
    return list(dict.fromkeys(filter(None, addresses)))[:3]


class _FeedLinks(HTMLParser):
    """Collects what `<link rel=alternate>` names as a feed."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the address if the tag is such a link."""
        values = {name: value or "" for name, value in attrs}
        kind = values.get("type", "").partition(";")[0].strip().lower()
        if tag == "link" and "alternate" in values.get("rel", "").lower().split() and kind in _FEED_TYPES:
            self.found.append(values.get("href", ""))
