"""RSS 0.9x to 2.0, RDF, Atom and CDF: from feedparser's loose dictionaries to entries."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flows.steps._language import language_tag
from flows.steps._parsing.by_feedparser import Item, Unreadable, read_document
from flows.steps._parsing.entry import (
    RawEntry,
    build_entries,
    link_in_guid,
    plain_text,
    plain_to_html,
)
from flows.steps._parsing.not_a_feed import describe_text
from flows.steps._parsing.xml_document import feed_document
from flows.steps.urls import absolute_http_url
from models.errors import NotAFeed
from models.stages import ParsedFeed

_HTML_TYPES = ("text/html", "application/xhtml+xml", "application/xml", "text/xml")


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What an item takes from its document where it says nothing itself."""

    home_or_url: str
    language: str
    authors: tuple[str, ...]


def parse_xml_feed(text: str, url: str) -> ParsedFeed:
    """Read an XML feed from its decoded text. Raises NotAFeed for any other document."""
    document = feed_document(text)
    result = read_document(document) if document else None
    if document is None or result is None or not (result.version or result.items):
        raise NotAFeed(f"this is {describe_text(text, url)}, not a feed")
    home = absolute_http_url(_text(result.feed, "link"), url)
    language = _text(result.feed, "language") or _text(_mapping(result.feed, "title_detail"), "language")
    authors = _authors(result.feed) if result.version.startswith("atom") else ()
    around = _Surroundings(home or url, language, authors)
    entries, failures = build_entries(result.items, lambda item: _raw_entry(item, around))
    cut = "the document was cut off; the items before the cut were kept" if document.is_cut else ""
    return ParsedFeed(
        kind=result.version or "unknown",
        title=plain_text(_text(result.feed, "title")),
        language=language_tag(language),
        home_url=home,
        is_complete=not document.is_cut,
        entries=entries,
        failures=failures,
        warnings=tuple(filter(None, (cut, result.trouble))),
    )


def _raw_entry(item: Item, around: _Surroundings) -> RawEntry:
    if isinstance(item, Unreadable):
        raise item.error
    body, body_detail = _longest_body(item)
    title_detail = _mapping(item, "title_detail")
    return RawEntry(
        guid=_text(item, "id"),
        link=_link(item),
        link_base=around.home_or_url,
        title_html=_as_html(_text(item, "title"), title_detail),
        html=body,
        html_base=_text(body_detail, "base"),
        authors=_authors(item) or around.authors,
        tags=tuple(_text(tag, "label") or _text(tag, "term") for tag in _list(item, "tags")),
        dates=(_text(item, "published"), _text(item, "updated"), _text(item, "created")),
        languages=(
            _text(item, "language"),
            _text(body_detail, "language"),
            _text(title_detail, "language"),
            around.language,
        ),
    )


def _link(item: Mapping[str, Any]) -> str:
    """Choose the link: a proxy tells the publisher's own beside its own, and a guid is one only if it is absolute."""
    own = _text(item, "feedburner_origlink") or _text(item, "link")
    return own if own != _text(item, "id") else link_in_guid(own)


def _longest_body(item: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Choose the longest of an item's contents and its summary; pictures and films in them are none."""
    summary = {**_mapping(item, "summary_detail"), "value": _text(item, "summary")}
    candidates: Iterable[Mapping[str, Any]] = (*_list(item, "content"), summary)
    bodies = [(_as_html(_text(part, "value"), part), part) for part in candidates if _is_text(part)]
    return max(bodies, key=lambda body: len(body[0]), default=("", {}))


def _is_text(part: Mapping[str, Any]) -> bool:
    kind = _text(part, "type")
    return not kind or kind.startswith("text/") or kind in _HTML_TYPES


def _as_html(value: str, detail: Mapping[str, Any]) -> str:
    kind = _text(detail, "type")
    is_plain = kind == "text/plain" if kind else "<" not in value
    # A description is HTML by name; where it holds no tag, its blank lines are all the form it has.
    return plain_to_html(value) if is_plain or not re.search(r"<[a-zA-Z/!]", value) else value


def _authors(holder: Mapping[str, Any]) -> tuple[str, ...]:
    """Name the authors; the last one's raw text is kept and is better, as feedparser splits long domains of mail."""
    names = [_text(author, "name") for author in _list(holder, "authors")]
    raw = _text(holder, "author")
    return (*names[:-1], raw) if names and "@" in raw else tuple(names)


def _text(holder: Mapping[str, Any], name: str) -> str:
    """Read a field as it is stored: feedparser's own lookup has aliases, and warns of some."""
    value = dict.get(holder, name) if isinstance(holder, dict) else None
    return value if isinstance(value, str) else ""


def _mapping(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = dict.get(holder, name) if isinstance(holder, dict) else None
    return value if isinstance(value, dict) else {}


def _list(holder: Mapping[str, Any], name: str) -> list[Any]:
    value = dict.get(holder, name) if isinstance(holder, dict) else None
    return value if isinstance(value, list) else []
