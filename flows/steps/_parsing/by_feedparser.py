"""The one place that calls feedparser: with bytes of known encoding, never an address or a path."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from xml.sax import SAXException

import feedparser

from flows.steps._parsing.entry import ENTRY_TROUBLE
from flows.steps._parsing.xml_document import XmlDocument

_HEADERS = {"content-type": "application/xml; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An item that made the parser raise."""

    text: str
    error: Exception

    def __str__(self) -> str:
        """Give the item alone: it is known again by this, whatever the error."""
        return self.text


Item = Mapping[str, Any] | Unreadable


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """What feedparser found."""

    feed: Mapping[str, Any]
    version: str  # as feedparser names it; empty where it knows none
    items: tuple[Item, ...]
    trouble: str = ""  # one line; empty where all was well


def read_document(document: XmlDocument) -> ReadDocument:
    """Read the whole document at once; where one item makes the parser raise, every item by itself."""
    try:
        return _read(document.text)
    except ENTRY_TROUBLE as error:
        frame, *items = document.apart()
        around = _read_apart(frame)
        found = tuple(item for text in items for item in _read_apart(text).items)
        trouble = f"read item by item, as the whole made the parser raise {type(error).__name__}"
        return replace(around, items=found, trouble=trouble)


def _read(text: str) -> ReadDocument:
    result = feedparser.parse(
        io.BytesIO(text.encode("utf-8")),
        response_headers=_HEADERS,
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    error = result.get("bozo_exception")
    trouble = f"not well-formed: {error}" if isinstance(error, SAXException) else ""
    return ReadDocument(result["feed"], result["version"], tuple(result["entries"]), trouble)


def _read_apart(text: str) -> ReadDocument:
    try:
        return _read(text)
    except ENTRY_TROUBLE as error:
        return ReadDocument({}, "", (Unreadable(text, error),))
