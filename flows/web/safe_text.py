"""Publishers' words on their way into a page: marked, cut into paragraphs, and their HTML made safe once more."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final
from urllib.parse import urlsplit

import nh3
from markupsafe import Markup

from models.stages import Evidence
from models.wording import UNSAFE_CHARACTERS

_TAG_NAMES: Final = """
    a abbr b blockquote br caption cite code dd del dfn dl dt em h2 h3 h4 h5 h6 hr i ins kbd li mark ol p pre q s samp
    small strong sub sup table tbody td tfoot th thead tr u ul var
"""
_TAGS: Final = set(_TAG_NAMES.split())
# No picture, no frame, no style: nothing that a browser would load from a publisher.
_CLEANER: Final = nh3.Cleaner(
    tags=_TAGS,
    attributes={
        "a": {"href", "title"},
        "abbr": {"title"},
        "ol": {"start"},
        "td": {"colspan", "rowspan"},
        "th": {"colspan", "rowspan", "scope"},
    },
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="noopener noreferrer nofollow",
)
_HEADING: Final = re.compile(r"<(/?)h1\b", re.IGNORECASE)
_EMPTY: Final = re.compile(r"<(p|li|h[2-6]|blockquote|td|caption)>\s*</\1>")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}")
_CONTROLS: Final = re.compile(f"[{UNSAFE_CHARACTERS}]")


def plain(text: str | None) -> str:
    """Return a text without controls and marks that turn the direction of writing."""
    return _CONTROLS.sub("", text or "")


def safe_body(html: str) -> Markup:
    """Return a story's cleaned HTML, sanitised again for a page: no picture, and its headings below ours."""
    lowered = _HEADING.sub(r"<\1h2", _CONTROLS.sub("", html))
    return Markup(_EMPTY.sub("", _CLEANER.clean(lowered)))  # noqa: S704 (nh3 has just cleaned it)


def paragraphs(text: str) -> list[list[str]]:
    """Return a text's blocks, each a list of its paragraphs."""
    return [block.splitlines() for block in re.split(r"\n[ \t]*\n", plain(text)) if block.strip()]


def marked(text: str, places: Iterable[tuple[int, int]]) -> Markup:
    """Return a text with places of it marked, of overlapping ones the one that begins first."""
    shown, at = Markup(), 0
    for start, end in sorted(places, key=lambda place: (place[0], -place[1])):
        if at <= start < end:
            shown += Markup("{}<mark>{}</mark>").format(plain(text[at:start]), plain(text[start:end]))
            at = end
    return shown + Markup("{}").format(plain(text[at:]))


def explained(text: str, evidence: Sequence[Evidence]) -> Markup:
    """Return a text with the words that spoke for a topic marked, and its key sentences underlined.

    Each mark has a title that tells its weight and who read it.
    """
    shown = Markup()
    for start, end, said in _pieces(len(text), evidence):
        piece = Markup("{}").format(plain(text[start:end]))
        for one in said:
            piece = Markup('<mark class="{}" title="{}">{}</mark>').format(_kind(one), _told(one), piece)
        shown += piece
    return shown


def outbound(url: str | None) -> str | None:
    """Return an address that a page may link to; None for any but http and https."""
    try:
        return url if url and urlsplit(url).scheme.lower() in {"http", "https"} else None
    except ValueError:
        return None


def language_tag(tag: str | None) -> str:
    """Return a language's tag for an attribute; empty where it is none."""
    return tag if tag and _LANGUAGE.fullmatch(tag) else ""


def _pieces(length: int, evidence: Sequence[Evidence]) -> Iterator[tuple[int, int, list[Evidence]]]:
    """Cut a text wherever a mark begins or ends; give each piece with the marks over it.

    Of those a word and a sentence at most.
    """
    spans = [one for one in evidence if 0 <= one.start < one.end <= length]
    cuts = sorted({0, length, *(one.start for one in spans), *(one.end for one in spans)})
    for start, end in pairwise(cuts):
        over = [one for one in spans if one.start <= start and end <= one.end]
        words = [one for one in over if _kind(one) == "word"][:1]
        yield start, end, words + [one for one in over if _kind(one) == "sentence"][:1]


def _kind(one: Evidence) -> str:
    return "sentence" if one.kind in {"sentence", "meaning"} else "word"


def _told(one: Evidence) -> str:
    readers = {
        "term": "term of topics.yaml",
        "ngram": "learnt word",
        "sentence": "key sentence",
        "meaning": "read by its meaning",
        "tag": "the publisher's tag",
    }
    weight = f", weight {one.weight:g}" if one.kind != "sentence" else ""
    return f"{readers.get(one.kind, one.kind)}{weight}"
