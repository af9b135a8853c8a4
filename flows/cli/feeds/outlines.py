"""The outlines of an OPML file, well-formed or not: one broken line costs that line, never the file."""

import html
import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from lxml import etree

from flows.steps._parsing.encoding import decode, storable_xml
from flows.steps._parsing.not_a_feed import root_name
from flows.steps._parsing.xml.document import with_bare_ampersands_escaped
from models.errors import ConfigError

OURS: Final = "urn:climate-archive:feed"
_LONGEST_TAG: Final = 10_000
_MAX_ATTRIBUTES: Final = 100
_COMMENT: Final = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_OUTLINE: Final = re.compile(r"<(?:[\w.-]+:)?outline(?=[\s/>])", re.IGNORECASE)
_LIST_END: Final = re.compile(r"</(?:[\w.-]+:)?opml\s*>|<(?:[\w.-]+:)?opml[^<>]*/>", re.IGNORECASE)
_TAG_REST: Final = re.compile(r"""((?:[^<>"']|"[^"]*"|'[^']*')*+|[^<>]*+)>""")
_ATTRIBUTE: Final = re.compile(r"""(?<![^\s"'])([^\s=/"'<>]+)\s*+=\s*+(?:"([^"]*)"|'([^']*)')""")


def outlines_of(document: bytes) -> list[dict[str, str]]:
    """Return the attributes of every outline, their names in lower case and ours behind `archive:`.

    Raise ConfigError where the document is no OPML.
    """
    # Nothing outside the document is read, and no entity of its own is unfolded: both could be a trap.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as error:
        return _of_broken(document, error.msg)
    if etree.QName(root).localname.lower() != "opml":
        raise ConfigError(f"This is not OPML: its first element is <{root.tag}>.")
    named = (node for node in root.iter(etree.Element) if etree.QName(node).localname.lower() == "outline")
    return [{_name(name): str(value) for name, value in node.attrib.items()} for node in named]


def is_cut(document: bytes) -> bool:
    """Tell an OPML document that ends before its list does."""
    return _LIST_END.search(decode(document, "").text) is None


def _name(name: str) -> str:
    space, _, local = name.rpartition("}")
    return f"archive:{local.lower()}" if space == f"{{{OURS}" else local.lower()


def _of_broken(document: bytes, trouble: str | None) -> list[dict[str, str]]:
    text = with_bare_ampersands_escaped(_COMMENT.sub("", storable_xml(decode(document, "").text)).lstrip())
    if root_name(text) != "opml":
        raise ConfigError(f"This is not OPML: {trouble}.")
    return list(_broken_outlines(text))


def _broken_outlines(text: str) -> Iterator[dict[str, str]]:
    starts = [match.end() for match in _OUTLINE.finditer(text)]
    for start, following in zip(starts, [*starts[1:], len(text)], strict=True):
        written = text[start : min(following, start + _LONGEST_TAG)]
        rest = _TAG_REST.match(written)
        found = dict(_attributes(rest[1])) if rest else {}
        if "xmlurl" not in found and "xmlurl" in written.lower():
            # Shown as a feed that cannot be added: the person sees which line it is.
            found = {"xmlurl": " ".join(written.partition("<")[0].split())[:200], **found}
        yield found


def _attributes(written: str) -> Iterator[tuple[str, str]]:
    for match in islice(_ATTRIBUTE.finditer(written), _MAX_ATTRIBUTES):
        yield match[1].lower(), html.unescape(match[2] if match[2] is not None else match[3])
