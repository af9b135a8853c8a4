"""JSON Feed 1.0 and 1.1 (jsonfeed.org), read as leniently as feeds need and no further."""

import json
import re
from itertools import islice
from typing import Any

from msgspec import Struct

from flows.steps._parsing.bodies import fullest
from flows.steps._parsing.entry import (
    RawEntry,
    build_entries,
    link_in_guid,
    plain_text,
    plain_to_html,
)
from flows.steps._parsing.meant import meant_address
from flows.steps._parsing.origin import Origin
from flows.steps.text.language import language_tag
from flows.steps.text.urls import absolute_http_url
from models.errors import NotAFeed
from models.stages import ParsedFeed

_VERSION = re.compile(r"jsonfeed\.org/version/(\d+(?:\.[1-9])?)", re.IGNORECASE)
_ITEMS = re.compile(r'"items"\s*:\s*\[')
# A template that writes a comma behind each member writes one behind the last; one in a string is none of them, nor one
# in what was cut off within a string.
_LAST_COMMA = re.compile(r'("(?:[^"\\]++|\\.)*+(?:"|\\?\Z))|,(?=\s*+[]}])', re.DOTALL)
_NEXT_OBJECT = re.compile(r",\s*+(?=\{)")
_TRIES = 100  # to find, behind a broken item, where another begins
_TEXTS = frozenset({"content_html", "content_text"})
_OF_FEEDS_ALONE = _TEXTS | {"home_page_url", "feed_url"}
_NAMES = frozenset({"title", "url"})
# Control characters within strings are forgiven: they are dropped later.
_DECODER = json.JSONDecoder(strict=False)


def parse_json_feed(text: str, url: str, origin: Origin) -> ParsedFeed:
    """Read a JSON Feed. Raises NotAFeed for any other JSON, and for what only looks like JSON."""
    loaded = _load(text)
    document = loaded.document
    kind = _kind(document) if isinstance(document, dict) else None
    items = kind and (document.get("items") or [])  # one in which nothing was published yet may have none
    if not kind or not isinstance(items, list):
        raise NotAFeed("this is JSON that is no feed")
    home = absolute_http_url(meant_address(_text(document.get("home_page_url")), url), url)
    entries, failures = build_entries(items, lambda item: _raw_entry(item, document, home or url), origin)
    return ParsedFeed(
        kind=kind,
        title=plain_text(_text(document.get("title"))),
        language=language_tag(_text(document.get("language"))),
        home_url=home,
        is_complete=loaded.is_complete,
        entries=entries,
        failures=failures,
        older_url=absolute_http_url(_text(document.get("next_url")), url),
        warnings=loaded.warnings,
    )


def _kind(document: dict[str, Any]) -> str | None:
    """Name the version; where a program forgot it, or wrote its number alone, what else the format alone has tells."""
    said = _text(document.get("version"))
    if version := _VERSION.search(said):
        return "json10" if version[1] == "1" else "json11"
    items = document.get("items")
    found = set(document).union(*(item for item in items if isinstance(item, dict))) if isinstance(items, list) else ()
    is_feed = not _OF_FEEDS_ALONE.isdisjoint(found)
    return ("json10" if said in {"1", "1.0"} else "json11") if is_feed else None


class _Loaded(Struct, frozen=True):
    """What could be read of a document."""

    document: Any
    is_complete: bool = True
    warnings: tuple[str, ...] = ()


def _load(text: str) -> _Loaded:
    """Load the document, or of one that is no JSON what is readable.

    Commas too many are forgiven; an item that is broken is given as its text, which is no item, between the others.
    """
    try:
        return _Loaded(_decoded(text))
    except json.JSONDecodeError as error:
        mistake = error
    warning = f"not well-formed: {mistake}"
    try:
        return _Loaded(_decoded(_LAST_COMMA.sub(r"\1", text)), warnings=(warning,))
    except json.JSONDecodeError:
        start = _ITEMS.search(text)
    if not start or not _VERSION.search(text):
        raise NotAFeed(f"this looks like JSON and is none: {mistake.msg}") from mistake
    items, is_complete = _readable_items(text, start.end())
    is_cut = not (is_complete or text.rstrip().endswith("}"))
    told = "the document was cut off; the items before the cut were kept" if is_cut else warning
    return _Loaded(_head(text[: start.end()]) | {"items": items}, is_complete, (told,))


def _decoded(text: str) -> object:
    try:
        return _DECODER.decode(text.strip())
    except RecursionError as error:
        raise NotAFeed("this is JSON that is no feed: it is nested without end") from error


def _head(text: str) -> dict[str, Any]:
    """Read the document's own fields, which stand before its items."""
    try:
        head = _DECODER.decode(text.strip() + "]}")
    except json.JSONDecodeError:
        return {}
    return head if isinstance(head, dict) else {}


def _readable_items(text: str, position: int) -> tuple[list[Any], bool]:
    """Give the items from position on, and whether their list comes to its end; what is broken of them as text."""
    items: list[Any] = []
    while True:
        while position < len(text) and text[position] in ", \t\r\n":
            position += 1
        try:
            item, end = _DECODER.raw_decode(text, position)
        except (json.JSONDecodeError, RecursionError):
            following = None if text.startswith("]", position) else _next_item(text, position)
            if following is None and text.startswith("]", position):
                return items, True
            if following is None:
                return [*items, text[position:]] if text.rstrip().endswith("}") else items, False
            item, end = text[position:following], following
        items.append(item)
        position = end


def _next_item(text: str, position: int) -> int | None:
    """Find where the next object begins that is an item."""
    for match in islice(_NEXT_OBJECT.finditer(text, position), _TRIES):
        try:
            found, _ = _DECODER.raw_decode(text, match.end())
        except (json.JSONDecodeError, RecursionError):
            continue
        if _is_item(found):
            return match.end()
    return None


def _is_item(found: dict[str, Any]) -> bool:
    """Tell an item from a tag, an author or an attachment of one."""
    return not _TEXTS.isdisjoint(found) or ("id" in found and not _NAMES.isdisjoint(found))


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
        tags=_names(tags.split(",") if isinstance(tags := item.get("tags"), str) else tags),
        dates=(_text(item.get("date_published")),),  # date_modified is another moment
        languages=(_text(item.get("language")),),
        document_language=_text(document.get("language")),
    )


def _authors(holder: dict[str, Any]) -> tuple[str, ...]:
    """Name the authors: 1.1 has a list, 1.0 one object; feeds write either under both names."""
    return _names(holder.get("authors")) or _names(holder.get("author"))


def _names(value: object) -> tuple[str, ...]:
    """Give the names in a list, or the one that stands in its place: bare strings, or objects with a name."""
    values = value if isinstance(value, list) else [value]
    named = (_text(one.get("name")) if isinstance(one, dict) else _text(one) for one in values)
    return tuple(filter(None, named))


def _text(value: object) -> str:
    """Give a string as it is and a number as it is written; anything else is no text."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
