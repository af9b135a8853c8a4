"""RSS 0.9x to 2.0, RDF, Atom and CDF: from the document's elements and feedparser's fields to entries."""

import re
from collections.abc import Sequence

from msgspec import Struct

from flows.steps._parsing.entry import RawEntry, build_entries, plain_text
from flows.steps._parsing.links import own_link
from flows.steps._parsing.meant import meant_address
from flows.steps._parsing.not_a_feed import describe_text
from flows.steps._parsing.origin import Origin
from flows.steps._parsing.xml.by_feedparser import ReadDocument, text_of
from flows.steps._parsing.xml.document import XmlDocument, feed_document
from flows.steps._parsing.xml.elements import Element, items_of, read_elements
from flows.steps._parsing.xml.flat import read_flat
from flows.steps._parsing.xml.item import DocumentFacts, Fields, links_of, names_of, raw_entry
from flows.steps._parsing.xml.namespaces import ATOM, RSS
from flows.steps._parsing.xml.plain_feed import read_plain
from flows.steps._parsing.xml.told_item import Told, told_entry
from flows.steps.text.language import language_tag
from flows.steps.text.urls import absolute_http_url
from models.errors import NotAFeed
from models.stages import ParsedFeed

_WORDPRESS = re.compile(r"\s*https?://(?:www\.)?wordpress\.(?:org|com)(?:/|\s*\Z)", re.IGNORECASE)
_PAGE = re.compile(r"(?<![^&])paged=(\d{1,6})(?![^&])")


def parse_xml_feed(text: str, url: str, origin: Origin) -> ParsedFeed:
    """Read an XML feed from its decoded text. Raises NotAFeed for any other document."""
    document = feed_document(text)
    root = read_elements(document.text, document.root_start) if document else None
    if document and root:
        read = _ReadItem(document, root, tuple(items_of(root)), url, origin)
        plain = read_plain(document, root, read.items)
        parsed = read.parsed(plain) if plain else None
        if parsed and not parsed.failures:  # those are known again by what feedparser tells of them
            return parsed
        told = read_flat(document, root, read.items)
        if told.version or told.items:
            return read.parsed(told)
    raise NotAFeed(f"this is {describe_text(text, url)}, not a feed")


class _ReadItem(Struct, frozen=True):
    """A document that was read as a tree."""

    document: XmlDocument
    root: Element
    items: tuple[Element, ...]
    url: str
    origin: Origin

    def parsed(self, told: ReadDocument) -> ParsedFeed:
        """Lay what was told beside the tree."""
        root, url, origin = self.root, self.url, self.origin
        head = Fields(_head(root))
        language = text_of(told.feed, "language") or head.element.language
        home = absolute_http_url(meant_address(own_link(links_of(head), (origin.language, language)), url), url)
        around = DocumentFacts(
            home_or_url=home or url,
            language=language,
            inherited_languages=frozenset({root.language, head.element.language}),
            authors=names_of(head) if root.name == "feed" else (),
            origin=origin,
        )
        entries, failures = build_entries(_paired(self.items, told), lambda pair: _raw_entry(*pair, around), origin)
        cut = "the document was cut off; the items before the cut were kept" if self.document.is_cut else ""
        return ParsedFeed(
            kind=told.version or "unknown",
            title=plain_text(text_of(told.feed, "title")),
            language=language_tag(language),
            home_url=home,
            is_complete=not self.document.is_cut,
            entries=entries,
            failures=failures,
            older_url=_older_url(head, url),
            warnings=tuple(filter(None, (cut, told.trouble))),
        )


def _paired(items: Sequence[Element], told: ReadDocument) -> list[tuple[Element | None, Told]]:
    """Lay the items of the tree beside those of feedparser; where the tree has none, feedparser's stand alone."""
    own: Sequence[Element | None] = items or (None,) * len(told.items)
    return list(zip(own, told.items, strict=True))


def _raw_entry(item: Element | None, told: Told, around: DocumentFacts) -> RawEntry:
    if item is not None:
        return raw_entry(item, told, around)
    return told_entry(told, link_base=around.home_or_url, document_language=around.language)


def _older_url(head: Fields, url: str) -> str | None:
    """Return where older entries are: the next page of a paged feed, or the archive before (RFC 5005).

    WordPress has such pages for every feed, and names none.
    """
    links = links_of(head)
    named = (link.address for rel in ("next", "prev-archive") for link in links if rel in link.rel.lower().split())
    made_by = next(iter(head.all((RSS, "generator"), (ATOM, "generator"))), None)
    is_wordpress = made_by and _WORDPRESS.match(made_by.attributes.get("uri") or made_by.value)
    return absolute_http_url(next(named, "") or (_next_page(url) if is_wordpress else ""), url)


def _next_page(url: str) -> str:
    """Count the page of a WordPress address up; the first one has no number."""
    address, _, query = url.partition("#")[0].partition("?")
    others = [pair for pair in query.split("&") if pair and not _PAGE.fullmatch(pair)]
    page = _PAGE.search(query)
    return f"{address}?{'&'.join([*others, f'paged={int(page[1]) + 1 if page else 2}'])}"


def _head(root: Element) -> Element:
    """Find the element that tells of the feed itself."""
    return next((child for child in root.children if child.is_core and child.name == "channel"), root)
