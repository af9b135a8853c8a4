"""XML namespaces of feeds: from the many addresses in use to one short name each."""

import re

# The elements of the format itself. Everything else in a feed is an extension, and most extensions are foreign.
RSS, ATOM = "", "atom"

# Addresses without scheme and final mark, in lower case.
_BY_ADDRESS = {
    "purl.org/rss/1.0": RSS,
    "purl.org/net/rss1.1": RSS,
    "my.netscape.com/rdf/simple/0.9": RSS,
    "channel.netscape.com/rdf/simple/0.9": RSS,
    "my.netscape.com/publish/formats/rss-0.91.dtd": RSS,
    "backend.userland.com/rss": RSS,
    "backend.userland.com/rss2": RSS,
    "blogs.law.harvard.edu/tech/rss": RSS,
    "w3.org/2005/atom": ATOM,
    "purl.org/atom/ns": ATOM,
    "purl.org/dc/elements/1.1": "dc",
    "purl.org/dc/elements/1.0": "dc",
    "purl.org/dc/terms": "dcterms",
    "purl.org/rss/1.0/modules/content": "content",
    "purl.org/rss/1.0/modules/dcterms": "dcterms",
    "search.yahoo.com/mrss": "media",
    "itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "example.com/dtds/podcast-1.0.dtd": "itunes",
    "rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "w3.org/1999/02/22-rdf-syntax-ns": "rdf",
    "w3.org/1999/xhtml": "xhtml",
    "news.yandex.ru": "yandex",
    "turbo.yandex.ru": "turbo",
}  # fmt: skip
_WELL_KNOWN_PREFIXES = {
    "rss": RSS,
    "atom": ATOM,
    "a10": ATOM,
    **{name: name for name in ("dc", "dcterms", "content", "media", "itunes", "feedburner", "rdf", "xhtml", "yandex")},
    **{name: name for name in ("prism", "googleplay", "pheedo", "turbo")},
}
_AROUND = re.compile(r"^https?://(?:www\.)?|[/#]+$")
_PRISM = re.compile(r"(?:prismstandard|purl)\.org/(?:rss/1\.0/modules/prism|namespaces)")


def namespace(address: str, prefix: str) -> str:
    """Name a namespace shortly: by its address, else by a prefix that always means the same."""
    known = _AROUND.sub("", address.strip().lower())
    if known in _BY_ADDRESS:
        return _BY_ADDRESS[known]
    if _PRISM.match(known):
        return "prism"
    return _WELL_KNOWN_PREFIXES.get(prefix, address.strip() or prefix)


def undeclared(prefix: str) -> str:
    """Name the namespace of a prefix that the document forgot to declare."""
    return _WELL_KNOWN_PREFIXES.get(prefix, prefix)
