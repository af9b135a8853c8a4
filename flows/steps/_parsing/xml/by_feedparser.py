"""The one place that calls feedparser: with bytes of known encoding, never an address or a path."""

import io
from collections.abc import Mapping
from typing import Any
from xml.sax import SAXException, SAXParseException

import feedparser
from msgspec import Struct

from flows.steps._parsing.entry import ENTRY_TROUBLE
from flows.steps._parsing.xml.attributes import without_excess
from flows.steps._parsing.xml.document import with_characters_for_names

_HEADERS = {"content-type": "application/xml; charset=utf-8"}


class ReadDocument(Struct, frozen=True):
    """What feedparser found."""

    feed: Mapping[str, Any]
    version: str  # as feedparser names it; empty where it knows none
    items: tuple[Mapping[str, Any], ...]
    trouble: str = ""  # one line; empty where all was well


def read_document(text: str) -> ReadDocument:
    """Read a document that has no XML declaration; where feedparser raises, nothing is found but that trouble."""
    try:
        result = feedparser.parse(
            io.BytesIO(without_excess(with_characters_for_names(text)).encode("utf-8")),
            response_headers=_HEADERS,
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except ENTRY_TROUBLE as error:
        return ReadDocument({}, "", (), f"feedparser raised {type(error).__name__}: {error}")
    bozo = result.get("bozo_exception")
    trouble = f"not well-formed: {_described(bozo)}" if isinstance(bozo, SAXException) else ""
    return ReadDocument(result["feed"], result["version"], tuple(result["entries"]), trouble)


def text_of(holder: Mapping[str, Any], name: str) -> str:
    """Read a field as it is stored, "" where it is no text: feedparser's own lookup has aliases, and warns of some."""
    value = dict.get(holder, name) if isinstance(holder, dict) else None
    return value if isinstance(value, str) else ""


def details_of(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Read a field of several parts in the same way."""
    value = dict.get(holder, name) if isinstance(holder, dict) else None
    return value if isinstance(value, dict) else {}


def list_of(holder: Mapping[str, Any], name: str) -> list[Any]:
    """Read a field that repeats in the same way."""
    value = dict.get(holder, name) if isinstance(holder, dict) else None
    return value if isinstance(value, list) else []


def _described(error: SAXException) -> str:
    if not isinstance(error, SAXParseException):
        return str(error.getMessage())
    # feedparser puts a declaration on a line of its own before the document.
    return f"{error.getMessage()}: line {(error.getLineNumber() or 1) - 1}, column {error.getColumnNumber()}"
