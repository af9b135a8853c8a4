"""From feedparser's loose dictionary of an item to its raw fields."""

import re
from collections.abc import Mapping
from typing import Any

from flows.steps._parsing.bodies import fullest
from flows.steps._parsing.entry import RawEntry, link_in_guid, plain_to_html
from flows.steps._parsing.xml.by_feedparser import details_of, list_of, text_of

_TAG = re.compile(r"<[a-zA-Z/!]")
_TEXT_KIND = re.compile(r"(?:text/.*|application/(?:xhtml\+)?xml|)", re.DOTALL)

Told = Mapping[str, Any]


def told_entry(told: Told, *, link_base: str, document_language: str) -> RawEntry:
    """Read an item by feedparser alone. Its `updated` may be the moment of a change, and dates nothing."""
    body, about_body = body_of(told)
    link, guid = text_of(told, "link"), text_of(told, "id")
    title_language = text_of(details_of(told, "title_detail"), "language")
    return RawEntry(
        guid=guid,
        link=link if link != guid else link_in_guid(guid),
        link_base=link_base,
        title_html=title_of(told),
        html=body,
        html_base=text_of(about_body, "base"),
        authors=authors_of(told),
        tags=tags_of(told),
        dates=(text_of(told, "published"), text_of(told, "created")),
        languages=(text_of(told, "language"), text_of(about_body, "language"), title_language),
        document_language=document_language,
    )


def title_of(told: Told) -> str:
    """Give the title as HTML."""
    return _as_html(text_of(told, "title"), details_of(told, "title_detail"))


def body_of(told: Told) -> tuple[str, Told]:
    """Choose the fullest of contents and summary, as HTML, with what feedparser says of it."""
    summary = {**details_of(told, "summary_detail"), "value": text_of(told, "summary")}
    parts = [part for part in (*list_of(told, "content"), summary) if _TEXT_KIND.fullmatch(text_of(part, "type"))]
    bodies = [_as_html(text_of(part, "value"), part) for part in parts]
    chosen = fullest(bodies)
    return ("", {}) if chosen is None else (bodies[chosen], parts[chosen])


def tags_of(told: Told) -> tuple[str, ...]:
    """Give the tags as readers would see them."""
    return tuple(text_of(tag, "label") or text_of(tag, "term") for tag in list_of(told, "tags"))


def authors_of(told: Told) -> tuple[str, ...]:
    """Name the authors; the last one's raw text is kept and is better, as feedparser splits long domains of mail."""
    names = [text_of(author, "name") for author in list_of(told, "authors")]
    raw = text_of(told, "author")
    return (*names[:-1], raw) if names and "@" in raw else tuple(names)


def _as_html(value: str, detail: Told) -> str:
    is_plain = text_of(detail, "type") == "text/plain" or not _TAG.search(value)
    return plain_to_html(value) if is_plain else value
