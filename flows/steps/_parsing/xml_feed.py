"""RSS 0.9x to 2.0, RDF, Atom and CDF: from a document's elements to entries."""

import re

from flows.steps._language import language_tag
from flows.steps._parsing.entry import build_entries, plain_text
from flows.steps._parsing.links import own_link
from flows.steps._parsing.namespaces import ATOM, RSS
from flows.steps._parsing.not_a_feed import describe_text
from flows.steps._parsing.origin import Origin
from flows.steps._parsing.xml_document import XmlDocument, feed_document, not_well_formed
from flows.steps._parsing.xml_elements import Element, items_of, read_elements
from flows.steps._parsing.xml_item import Fields, Surroundings, links_of, names_of, raw_entry
from flows.steps.urls import absolute_http_url
from models.errors import NotAFeed
from models.stages import ParsedFeed

_RSS_KINDS = {"0.90": "rss090", "0.91": "rss091u", "0.92": "rss092", "0.93": "rss093", "0.94": "rss094"}


def parse_xml_feed(text: str, url: str, origin: Origin) -> ParsedFeed:
    """Read an XML feed from its decoded text. Raises NotAFeed for any other document."""
    document = feed_document(text)
    root = read_elements(document.text, document.root_start) if document else None
    if document is None or root is None or not (kind := _kind(root, document)):
        raise NotAFeed(f"this is {describe_text(text, url)}, not a feed")
    head = Fields(_head(root))
    language = head.text((RSS, "language"), ("dc", "language")) or head.element.language
    home = absolute_http_url(own_link(links_of(head), (origin.language, language)), url)
    around = Surroundings(
        home_or_url=home or url,
        language=language,
        inherited_languages=frozenset({root.language, head.element.language}),
        authors=names_of(head) if root.name == "feed" else (),
        origin=origin,
    )
    entries, failures = build_entries(items_of(root), lambda item: raw_entry(item, around), origin)
    trouble = not_well_formed(document.text)
    return ParsedFeed(
        kind=kind,
        title=plain_text(head.text((ATOM, "title"), (RSS, "title"), ("dc", "title"))),
        language=language_tag(language),
        home_url=home,
        is_complete=not document.is_cut,
        entries=entries,
        failures=failures,
        warnings=tuple(
            filter(
                None,
                (
                    "the document was cut off; the items before the cut were kept" if document.is_cut else "",
                    f"not well-formed: {trouble}" if trouble else "",
                ),
            )
        ),
    )


def _head(root: Element) -> Element:
    """Find the element that tells of the feed itself."""
    return next((child for child in root.children if child.is_core and child.name == "channel"), root)


def _kind(root: Element, document: XmlDocument) -> str:
    """Name the format and version; empty where the document is RDF or XML of another kind."""
    version = root.attributes.get("version", "").strip()
    if root.name == "rdf":
        has_items = next(items_of(root), None) is not None
        is_feed = has_items or any(child.name == "channel" and child.is_core for child in root.children)
        is_old = re.search(r"netscape\.com/rdf/simple/0\.9", root.written)
        return ("rss090" if is_old else "rss10") if is_feed else ""
    if root.name == "feed":
        is_03 = version == "0.3" or "purl.org/atom/ns" in root.written
        return "atom03" if is_03 else ("atom10" if root.space == ATOM else "atom")
    if root.name == "channel":
        return "cdf" if next((c for c in root.children if c.name == "item" and "href" in c.attributes), None) else "rss"
    if version == "0.91" and "netscape" in document.text[: document.root_start].lower():
        return "rss091n"
    return _RSS_KINDS.get(version, "rss20" if version.startswith("2.") else "rss")
