"""Which of an item's links is its own: the article that it tells of, as this feed's readers would open it."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from msgspec import Struct

_ALTERNATE = frozenset({"", "alternate", "http://www.iana.org/assignments/relation/alternate"})
_ALSO_OWN = frozenset({"bookmark", "permalink", "canonical"})  # used by some, where no alternate is given
_PAGES = frozenset({"", "html", "text", "xhtml", "text/html", "application/xhtml+xml", "application/xml", "text/xml"})
# What a reader of a feed never means by an article.
_NO_ARTICLE = re.compile(
    r"(?:image|audio|video|font)/|application/(?:rss|atom|rdf|feed|activity|ld)\+|application/json"
)
_OTHER_SHAPE = re.compile(r"(?:^|[/?&=._-])(?:print(?:er|able|version)?|amp|mobile|handheld)(?=[/?&=._-]|$)|^m\.")
_FRONT = re.compile(r"(?:https?://[^/?#]+)?/*", re.IGNORECASE)
# What programs write where they have no link.
_NO_ADDRESS = frozenset({"", "#", "-", "n/a", "none"})
_OTHER_MEDIA = re.compile(r"\b(?:print|handheld|aural|speech|braille|tv)\b")


class Link(Struct, frozen=True, kw_only=True):
    """A link as the feed writes it."""

    address: str
    rel: str = ""
    kind: str = ""  # media type
    language: str = ""  # hreflang
    media: str = ""
    title: str = ""


def own_link(links: Sequence[Link], languages: Sequence[str | None]) -> str:
    """Choose the address of the article itself, "" where no link is one.

    Of several the one in the wanted language, then a web page for screens, then the first. `languages`: the best first.
    """
    named = [link for link in links if link.address.strip() and not _NO_ARTICLE.match(link.kind.lower())]
    own = [link for link in named if _relations(link) & _ALTERNATE] or [
        link for link in named if _relations(link) & _ALSO_OWN
    ]
    if len(own) == 1:
        return own[0].address.strip()
    wanted = next((language.split("-")[0].lower() for language in languages if language), "")
    return min(own, key=lambda link: _distance(link, wanted)).address.strip() if own else ""


def is_nowhere(address: str) -> bool:
    """Tell what stands where an address should, and is none."""
    written = address.strip().lower()
    return written in _NO_ADDRESS or written.startswith("javascript:")


def leads_to_no_article(address: str, home: str) -> bool:
    """Tell an address that is none, or a front page's, which a program writes where it knows no other."""
    written = address.strip()
    return is_nowhere(written) or bool(_FRONT.fullmatch(written)) or _bare(written) == _bare(home)


def _bare(address: str) -> str:
    return address.partition("://")[2].rstrip("/")


def _relations(link: Link) -> frozenset[str]:
    return frozenset(link.rel.lower().split()) or frozenset({""})


def _distance(link: Link, wanted: str) -> tuple[int, bool, bool]:
    """Tell how far a link is from what is wanted; the first of equals is the nearest."""
    language = link.language.replace("_", "-").split("-")[0].strip().lower()
    tongue = 1 if not language or not wanted or language == "x" else (0 if language == wanted else 2)
    return tongue, link.kind.partition(";")[0].strip().lower() not in _PAGES, _is_other_shape(link)


def _is_other_shape(link: Link) -> bool:
    """Tell a copy for print or small screens, by its medium, its name or its address."""
    try:
        parts = urlsplit(link.address.strip().lower())
    except ValueError:
        return True
    marks = (parts.netloc, parts.path, parts.query, link.title.strip().lower())
    return bool(_OTHER_MEDIA.search(link.media.lower())) or any(map(_OTHER_SHAPE.search, marks))
