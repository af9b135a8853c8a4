"""Writes a feed in its format: RSS 2.0, RSS 0.91, RSS 1.0 (RDF), Atom 1.0, JSON Feed 1.1."""

import json
from collections.abc import Callable, Iterable
from email.utils import format_datetime
from xml.etree import ElementTree as ET

from flows.demo.content import Format
from flows.demo.edition import Channel, EditionItem

# Prefixes are written by hand: ElementTree would keep its own in a table for the whole process.
_ATOM = "http://www.w3.org/2005/Atom"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_DC = "http://purl.org/dc/elements/1.1/"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_RSS_10 = "http://purl.org/rss/1.0/"


def render_feed(channel: Channel, written_as: Format) -> bytes:
    """Write the document that is served."""
    return _RENDERERS[written_as](channel)


def _rss_20(channel: Channel) -> bytes:
    root = ET.Element("rss", {"version": "2.0", "xmlns:content": _CONTENT, "xmlns:dc": _DC, "xmlns:atom": _ATOM})
    top = ET.SubElement(root, "channel")
    _add(top, _heading(channel))
    ET.SubElement(top, "atom:link", {"rel": "self", "type": "application/rss+xml", "href": channel.url})
    _add(top, [("lastBuildDate", format_datetime(channel.changed_at))])
    for item in channel.items:
        element = ET.SubElement(top, "item")
        _add(element, [("title", item.title), ("link", item.url), ("dc:creator", item.author)])
        ET.SubElement(element, "guid", {"isPermaLink": "false"}).text = item.guid
        _add(element, [("pubDate", item.date_text), *(("category", tag) for tag in item.tags)])
        _add(element, [("description", item.summary), ("content:encoded", item.html)])
    return _document(root, channel)


def _rss_091(channel: Channel) -> bytes:
    root = ET.Element("rss", {"version": "0.91"})
    top = ET.SubElement(root, "channel")
    _add(top, _heading(channel))
    for item in channel.items:
        # The format of 1999 knows neither guid nor date nor author.
        _add(
            ET.SubElement(top, "item"), [("title", item.title), ("link", item.url), ("description", _description(item))]
        )
    return _document(root, channel)


def _rdf(channel: Channel) -> bytes:
    root = ET.Element("rdf:RDF", {"xmlns:rdf": _RDF, "xmlns": _RSS_10, "xmlns:dc": _DC, "xmlns:content": _CONTENT})
    top = ET.SubElement(root, "channel", {"rdf:about": channel.url})
    _add(top, [("title", channel.title), ("link", channel.home_url), ("description", channel.tagline)])
    _add(top, [("dc:language", channel.language), ("dc:date", channel.changed_at.isoformat())])
    sequence = ET.SubElement(ET.SubElement(top, "items"), "rdf:Seq")
    for item in channel.items:
        ET.SubElement(sequence, "rdf:li", {"rdf:resource": item.url})
        element = ET.SubElement(root, "item", {"rdf:about": item.url})
        _add(element, [("title", item.title), ("link", item.url), ("description", item.summary)])
        _add(element, [("content:encoded", item.html), ("dc:creator", item.author), ("dc:date", item.date_text)])
        _add(element, [("dc:subject", tag) for tag in item.tags])
    return _document(root, channel)


def _atom(channel: Channel) -> bytes:
    root = ET.Element("feed", {"xmlns": _ATOM, "xml:lang": channel.language})
    _add(root, [("id", channel.guid), ("title", channel.title), ("subtitle", channel.tagline)])
    _add(root, [("updated", channel.changed_at.isoformat())])
    ET.SubElement(root, "link", {"rel": "self", "href": channel.url})
    ET.SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": channel.home_url})
    for item in channel.items:
        element = ET.SubElement(root, "entry")
        _add(element, [("id", item.guid), ("title", item.title)])
        _add(element, [("published", item.date_text), ("updated", item.date_text)])
        ET.SubElement(element, "link", {"rel": "alternate", "href": item.url})
        _add(ET.SubElement(element, "author"), [("name", item.author)])
        for tag in item.tags:
            ET.SubElement(element, "category", {"term": tag})
        _add(element, [("summary", item.summary)])
        if item.html is not None:
            ET.SubElement(element, "content", {"type": "html"}).text = item.html
    return _document(root, channel)


def _json(channel: Channel) -> bytes:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "description": channel.tagline,
        "home_page_url": channel.home_url,
        "feed_url": channel.url,
        "language": channel.language,
        "items": [_json_item(item) for item in channel.items],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode(channel.encoding)


def _json_item(item: EditionItem) -> dict[str, object]:
    body = {"content_text": item.summary} if item.html is None else {"content_html": item.html}
    return {
        "id": item.guid,
        "url": item.url,
        "title": item.title,
        **body,
        "summary": item.summary,
        "date_published": item.date_text,
        "authors": [{"name": item.author}],
        "tags": list(item.tags),
    }


_RENDERERS: dict[Format, Callable[[Channel], bytes]] = {
    Format.RSS_20: _rss_20,
    Format.RSS_091: _rss_091,
    Format.RDF: _rdf,
    Format.ATOM: _atom,
    Format.JSON: _json,
}


def _heading(channel: Channel) -> list[tuple[str, str]]:
    return [
        ("title", channel.title),
        ("link", channel.home_url),
        ("description", channel.tagline),
        ("language", channel.language),
    ]


def _description(item: EditionItem) -> str:
    return item.summary if item.html is None else item.html


def _add(parent: ET.Element, parts: Iterable[tuple[str, str | None]]) -> None:
    """Add a child for each name and text; a text of None adds none."""
    for name, text in parts:
        if text is not None:
            ET.SubElement(parent, name).text = text


def _document(root: ET.Element, channel: Channel) -> bytes:
    document: bytes = ET.tostring(root, encoding=channel.encoding, xml_declaration=True)
    return document
