"""A feed's XML as text, made fit for the parser: junk before it dropped, a cut end closed after its last whole item."""

import re
from html.entities import html5
from itertools import islice

from msgspec import Struct

from flows.steps._parsing.encoding import storable_xml
from flows.steps._parsing.not_a_feed import root_name
from flows.steps._parsing.xml.sections import with_sections_opened

FEED_ROOTS = frozenset({"rss", "feed", "rdf", "channel"})

_JUNK_CHARACTERS = 20_000  # a notice of PHP or a proxy before the feed is short
_START = re.compile(r"<\?xml\s|<(?:rss|feed|rdf:RDF)[\s>]", re.IGNORECASE)
# An ampersand that begins no reference: "AT&T". In CDATA it stands for itself, to the end where that is missing.
_BARE = re.compile(r"&(?!#\d+;|#[xX][\da-fA-F]+;|[A-Za-z_][\w.-]*;)")
_BARE_AMPERSAND = re.compile(rf"(<!\[CDATA\[.*?(?:\]\]>|\Z))|{_BARE.pattern}", re.DOTALL)
_ITEM_START = re.compile(r"<(?:[\w.-]+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_ITEM_END = re.compile(r"</(?:[\w.-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
_MAX_ENTITIES = 200
_ENTITY = re.compile(r"""<!ENTITY\s+([A-Za-z_][\w.-]*)\s+(?:"([^"&<%]{0,64})"|'([^'&<%]{0,64})')\s*>""")
_REFERENCE = re.compile(r"(<!\[CDATA\[.*?(?:\]\]>|\Z))|&([A-Za-z_][\w.-]*);", re.DOTALL)
_NAME = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);|#)[A-Za-z_]")  # other than XML's own
_NAMED = re.compile(r"(<!\[CDATA\[.*?(?:\]\]>|\Z))|&(?!(?:amp|lt|gt|quot|apos);)([A-Za-z_][\w.-]*);", re.DOTALL)
_ROOT_TAG = re.compile(r"<((?:[\w.-]+:)?(?:rss|feed|rdf|channel))[\s/>]", re.IGNORECASE)


class XmlDocument(Struct, frozen=True):
    """XML ready to be parsed."""

    text: str
    is_cut: bool  # its end is missing; then the text ends with its last whole item, closed
    root_start: int  # where the first element begins


def feed_document(text: str) -> XmlDocument | None:
    """Prepare a feed; None where the text is something else."""
    opened = with_sections_opened(storable_xml(text))
    start = with_bare_ampersands_escaped(_without_junk(opened.lstrip()))
    if root_name(start) not in FEED_ROOTS:
        return None
    root = _ROOT_TAG.search(start)
    if root is None:
        return None
    prologue = start[: root.start()]
    whole, is_cut = _closed(_with_entities(start[root.start() :], prologue), root[1])
    return XmlDocument(f"{prologue}{whole}", is_cut, root_start=len(prologue))


def with_characters_for_names(text: str) -> str:
    """Give XML in which HTML's names of characters are numbers, and names that nobody knows stand for themselves."""
    return _NAMED.sub(lambda match: match[1] or _numbered(match[2]), text) if _NAME.search(text) else text


def _numbered(name: str) -> str:
    characters = html5.get(f"{name};")
    return "".join(f"&#{ord(character)};" for character in characters) if characters else f"&amp;{name};"


def _with_entities(text: str, prologue: str) -> str:
    """Write out the short names that the document defines itself; none of them holds another, so that none grows."""
    defined = {match[1]: match[2] or match[3] or "" for match in islice(_ENTITY.finditer(prologue), _MAX_ENTITIES)}
    return _REFERENCE.sub(lambda match: match[1] or defined.get(match[2], match[0]), text) if defined else text


def with_bare_ampersands_escaped(text: str) -> str:
    """Give XML in which an ampersand that begins no reference stands for itself."""
    return _BARE_AMPERSAND.sub(lambda match: match[1] or "&amp;", text) if _BARE.search(text) else text


def _without_junk(text: str) -> str:
    """Drop what a server printed before the feed, unless that is a page of its own."""
    root = root_name(text)
    if root in FEED_ROOTS or root in {"html", "!doctype html"}:
        return text
    start = _START.search(text, 0, _JUNK_CHARACTERS)
    return text[start.start() :] if start else text


def _closed(text: str, root: str) -> tuple[str, bool]:
    last_item_end = max((match.end() for match in _ITEM_END.finditer(text)), default=0)
    if re.compile(rf"</{re.escape(root)}\s*>|/>\s*\Z", re.IGNORECASE).search(text, last_item_end):
        return text, False
    first_item = _ITEM_START.search(text)
    whole = text[: last_item_end or (first_item.start() if first_item else len(text))]
    open_channel = re.search(r"<channel[\s>]", whole) and not re.search(r"</channel\s*>", whole)
    return f"{whole}{'</channel>' if open_channel and root != 'channel' else ''}</{root}>", True
