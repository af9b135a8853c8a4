"""A feed's XML as text, made fit for the parser: junk before it dropped, a cut end closed after its last whole item."""

import re
from dataclasses import dataclass

from flows.steps._parsing.attributes import without_excess
from flows.steps._parsing.encoding import storable_xml
from flows.steps._parsing.not_a_feed import root_name

FEED_ROOTS = frozenset({"rss", "feed", "rdf", "channel"})

_JUNK_CHARACTERS = 20_000  # a notice of PHP or a proxy before the feed is short
_START = re.compile(r"<\?xml\s|<(?:rss|feed|rdf:RDF)[\s>]", re.IGNORECASE)
# An ampersand that begins no reference: "AT&T". In CDATA it stands for itself, to the end where that is missing.
_BARE_AMPERSAND = re.compile(r"(<!\[CDATA\[.*?(?:\]\]>|\Z))|&(?!#\d+;|#[xX][\da-fA-F]+;|[A-Za-z_][\w.-]*;)", re.DOTALL)
_ITEM_START = re.compile(r"<(?:[\w.-]+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_ITEM_END = re.compile(r"</(?:[\w.-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
# No other one begins in it: a search that runs on from each of many open ones would cost the square of their number.
_ITEM = re.compile(
    r"<((?:[\w.-]+:)?(?:item|entry))[\s>][^<]*+(?:<(?!/?\1[\s>])[^<]*+)*+</\1\s*>", re.IGNORECASE | re.DOTALL
)
_ROOT_TAG = re.compile(r"<((?:[\w.-]+:)?(?:rss|feed|rdf|channel))[\s/>]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class XmlDocument:
    """XML ready to be parsed."""

    text: str
    is_cut: bool  # its end is missing; then the text ends with its last whole item, closed

    def apart(self) -> tuple[str, ...]:
        """Give the document without items, then each item in a document of its own."""
        root = _ROOT_TAG.search(self.text)
        opened = self.text[root.start() : self.text.index(">", root.end() - 1) + 1] if root else ""
        closed = f"</{root[1]}>" if root else ""
        items = tuple(f"{opened}{match[0]}{closed}" for match in _ITEM.finditer(self.text))
        return (_ITEM.sub("", self.text), *items)


def feed_document(text: str) -> XmlDocument | None:
    """Prepare a feed; None where the text is something else."""
    start = _BARE_AMPERSAND.sub(_escaped, _without_junk(storable_xml(text).lstrip()))
    if root_name(start) not in FEED_ROOTS:
        return None
    root = _ROOT_TAG.search(start)
    return _closed(without_excess(start), root[1]) if root else None


def _escaped(match: re.Match[str]) -> str:
    return match[1] or "&amp;"


def _without_junk(text: str) -> str:
    """Drop what a server printed before the feed, unless that is a page of its own."""
    root = root_name(text)
    if root in FEED_ROOTS or root in {"html", "!doctype html"}:
        return text
    start = _START.search(text, 0, _JUNK_CHARACTERS)
    return text[start.start() :] if start else text


def _closed(text: str, root: str) -> XmlDocument:
    last_item_end = max((match.end() for match in _ITEM_END.finditer(text)), default=0)
    if re.compile(rf"</{re.escape(root)}\s*>|/>\s*\Z", re.IGNORECASE).search(text, last_item_end):
        return XmlDocument(text, is_cut=False)
    first_item = _ITEM_START.search(text)
    whole = text[: last_item_end or (first_item.start() if first_item else len(text))]
    open_channel = re.search(r"<channel[\s>]", whole) and not re.search(r"</channel\s*>", whole)
    return XmlDocument(f"{whole}{'</channel>' if open_channel and root != 'channel' else ''}</{root}>", is_cut=True)
