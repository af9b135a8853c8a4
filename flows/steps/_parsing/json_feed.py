"""JSON Feed 1.0 and 1.1 (jsonfeed.org), read as leniently as feeds need and no further."""

import json
import re
from collections.abc import Iterator
from typing import Any

from flows.steps._parsing.bodies import fullest
from flows.steps._parsing.entry import (
    RawEntry,
    build_entries,
    link_in_guid,
    plain_text,
    plain_to_html,
)
from flows.steps._parsing.origin import Origin
from flows.steps.text.language import language_tag
from flows.steps.text.urls import absolute_http_url
from models.errors import NotAFeed
from models.stages import ParsedFeed

_VERSION = re.compile(r"jsonfeed\.org/version/1(\.1)?", re.IGNORECASE)
_ITEMS = re.compile(r'"items"\s*:\s*\[')
# Control characters within strings are forgiven: they are dropped later.
_DECODER = json.JSONDecoder(strict=False)


def parse_json_feed(text: str, url: str, origin: Origin) -> ParsedFeed:
    """Read a JSON Feed. Raises NotAFeed for any other JSON, and for what only looks like JSON."""
    document, is_complete = _load(text)
    version = _VERSION.search(_text(document.get("version"))) if isinstance(document, dict) else None
    if not version or not isinstance(document.get("items"), list):
        raise NotAFeed("this is JSON that is no feed")
    home = absolute_http_url(_text(document.get("home_page_url")), url)
    entries, failures = build_entries(document["items"], lambda item: _raw_entry(item, document, home or url), origin)
    return ParsedFeed(
        kind="json11" if version[1] else "json10",
        title=plain_text(_text(document.get("title"))),
        language=language_tag(_text(document.get("language"))),
        home_url=home,
        is_complete=is_complete,
        entries=entries,
        failures=failures,
        older_url=absolute_http_url(_text(document.get("next_url")), url),
        warnings=() if is_complete else ("the document was cut off; the items before the cut were kept",),
    )


def _load(text: str) -> tuple[Any, bool]:
    """Load the document; one that is cut off gives the items that are whole, and False."""
    try:
        return _DECODER.decode(text.strip()), True
    except RecursionError as error:
        raise NotAFeed("this is JSON that is no feed: it is nested without end") from error
    except json.JSONDecodeError as error:
        start = _ITEMS.search(text)
        if not start or not _VERSION.search(text):
            raise NotAFeed(f"this looks like JSON and is none: {error.msg}") from error
        return _head(text[: start.end()]) | {"items": list(_whole_items(text, start.end()))}, False


def _head(text: str) -> dict[str, Any]:
    """Read the document's own fields, which stand before its items."""
    try:
        head = _DECODER.decode(text.strip() + "]}")
    except json.JSONDecodeError:
        return {}
    return head if isinstance(head, dict) else {}


def _whole_items(text: str, position: int) -> Iterator[Any]:
    while True:
        while position < len(text) and text[position] in ", \t\r\n":
            position += 1
        try:
            item, position = _DECODER.raw_decode(text, position)
        except (json.JSONDecodeError, RecursionError):
            return
        yield item


def _raw_entry(item: object, document: dict[str, Any], base: str) -> RawEntry:
    if not isinstance(item, dict):
        raise TypeError("an item must be an object")
    bodies = (
        _text(item.get("content_html")),
        plain_to_html(_text(item.get("content_text"))),
        plain_to_html(_text(item.get("summary"))),
    )
    return RawEntry(
        guid=_text(item.get("id")),
        link=_text(item.get("url")) or _text(item.get("external_url")) or link_in_guid(_text(item.get("id"))),
        link_base=base,
        title_html=plain_to_html(_text(item.get("title"))),
        html=bodies[chosen] if (chosen := fullest(bodies)) is not None else "",
        authors=_authors(item) or _authors(document),
        tags=tuple(_text(tag) for tag in _list(item.get("tags"))),
        dates=(_text(item.get("date_published")),),  # date_modified is another moment
        languages=(_text(item.get("language")),),
        document_language=_text(document.get("language")),
    )


def _authors(holder: dict[str, Any]) -> tuple[str, ...]:
    """Name the authors: 1.1 has a list, 1.0 one object; some feeds write a bare string."""
    authors = _list(holder.get("authors")) or [holder.get("author")]
    return tuple(_text(author.get("name")) if isinstance(author, dict) else _text(author) for author in authors)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    """Give a string as it is and a number as it is written; anything else is no text."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
