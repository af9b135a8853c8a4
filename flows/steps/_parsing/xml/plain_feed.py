"""What feedparser would tell of a plain feed, told without it: it takes half of the time of reading a document.

Plain is well-formed RSS 2.0 or Atom that holds nothing but elements of the tables below, of which it is known what
feedparser makes of them: of the feed its title and language, of an item its tags. All else is asked of feedparser only
where an item does not say it itself, and such a feed is not plain. The tests have feedparser judge all this.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from xml.parsers.expat import ExpatError, ParserCreate

from flows.steps._parsing.entry import author_name
from flows.steps._parsing.xml.by_feedparser import ReadDocument
from flows.steps._parsing.xml.document import XmlDocument, with_characters_for_names
from flows.steps._parsing.xml.elements import Element
from flows.steps._parsing.xml.namespaces import ATOM, RSS

_Names = Mapping[str, frozenset[str]]  # by namespace

_DUBLIN_CORE: Final = frozenset({"creator", "date", "format", "identifier", "publisher", "rights", "type"})
_MEDIA: Final = frozenset({"content", "credit", "description", "group", "text", "thumbnail", "title"})
_OF_HEAD: Final[Mapping[str, _Names]] = {
    RSS: {
        RSS: frozenset({
            "category", "cloud", "copyright", "description", "docs", "generator", "image", "language", "lastbuilddate",
            "link", "managingeditor", "pubdate", "rating", "title", "ttl", "webmaster",
        }),
        ATOM: frozenset({"link"}),
        "dc": _DUBLIN_CORE,
    },
    ATOM: {
        ATOM: frozenset({
            "author", "category", "contributor", "generator", "icon", "id", "link", "logo", "rights", "subtitle",
            "title", "updated",
        }),
    },
}  # fmt: skip
_OF_ITEM: Final[Mapping[str, _Names]] = {
    RSS: {
        RSS: frozenset({
            "author", "category", "comments", "description", "enclosure", "guid", "link", "pubdate", "source", "title",
        }),
        ATOM: frozenset({"link", "updated"}),
        "content": frozenset({"encoded"}),
        "dc": _DUBLIN_CORE,
        "feedburner": frozenset({"origlink"}),
        "media": _MEDIA,
    },
    ATOM: {
        ATOM: frozenset({
            "author", "category", "content", "contributor", "id", "link", "published", "rights", "summary", "title",
            "updated",
        }),
        "feedburner": frozenset({"origlink"}),
        "media": _MEDIA,
    },
}  # fmt: skip
# Prefixes of namespaces of which feedparser knows no element.
_STRANGERS: Final = frozenset({"slash", "sy", "thr", "webfeeds", "wfw"})
_PERSONS: Final = frozenset({"author", "contributor"})
_OF_PERSON: Final = frozenset({"email", "name", "uri"})
_BOXES: Final = frozenset({"image", "content", "group"})  # what stands in them is kept from feedparser
_BODIES: Final = frozenset({"content", "description", "encoded", "summary"})
_AUTHORS: Final = frozenset({"author", "creator"})
_MOST_CHILDREN: Final = 500
_LONGEST_TAG: Final = 600  # characters of its attributes: so many of them are never more than feedparser is shown
_VERSIONED: Final = re.compile(r"""(?:\s+(?:xmlns(?::[\w.-]+)?|version|xml:lang)\s*=\s*(?:"[^"&<]*"|'[^'&<]*'))*\s*""")
_OTHER_VERSION: Final = re.compile(r"purl\.org/rss/1\.0/[\"']|netscape", re.IGNORECASE)
# Where such stands, an XML parser may find another value than is found here.
_CONTROLS: Final = re.compile("[\r\x80-\x9f]")
_DOUBTFUL: Final = re.compile(rf"&(?!(?:amp|lt|gt|quot|apos);)|{_CONTROLS.pattern}")
_SECTION: Final = re.compile(r"\s*<!\[CDATA\[(?:(?!\]\]>).)*\]\]>\s*", re.DOTALL)
_FOLDED: Final = re.compile("[\t\n]")


class _NotPlainError(Exception):
    """Raised where feedparser has to be asked."""


def read_plain(document: XmlDocument, root: Element, items: Sequence[Element]) -> ReadDocument | None:
    """Return what feedparser would find in a document, as far as it is asked; None where it has to be."""
    try:
        return _read(document, root, items)
    except _NotPlainError:
        return None


def _read(document: XmlDocument, root: Element, items: Sequence[Element]) -> ReadDocument:
    version, head = _head(root)
    own = {id(item) for item in items}
    others = [child for child in head.children if id(child) not in own]
    _demand(bool(items) and not document.is_cut and len(head.children) == len(items) + len(others))
    for child in others:
        _demand(_is_known(child, root, _OF_HEAD[root.space]))
    for item in items:
        _demand(_is_plain_item(item, root))
    feed = _told_of_feed(root, others)
    told = tuple({"tags": _tags(item)} for item in items)
    _demand(_is_well_formed(document))
    return ReadDocument(feed, version, told)


def _demand(is_so: bool) -> None:
    if not is_so:
        raise _NotPlainError


def _head(root: Element) -> tuple[str, Element]:
    """Return the version as feedparser names it, and the element that holds the items."""
    _demand(bool(_VERSIONED.fullmatch(root.written)) and not _OTHER_VERSION.search(root.written))
    if (root.qualified, root.space) == ("feed", ATOM):
        return "atom10", root
    _demand((root.qualified, root.space) == ("rss", RSS) and root.attributes.get("version", "").startswith("2."))
    _demand([child.qualified for child in root.children] == ["channel"] and _is_bare(root.children[0], root))
    return "rss20", root.children[0]


def _is_bare(element: Element, root: Element) -> bool:
    return not element.written.strip() and element.space == root.space


def _is_plain_item(item: Element, root: Element) -> bool:
    """Tell whether an item says itself all that feedparser could be asked, but for its tags."""
    children = item.children
    if not _is_bare(item, root) or ":" in item.qualified or len(children) > _MOST_CHILDREN:
        return False
    if not all(_is_known(child, root, _OF_ITEM[root.space]) for child in children):
        return False
    is_titled = any(child.name == "title" and child.value for child in children)
    has_body = any(child.name in _BODIES and child.value for child in children)
    authors = [child for child in children if child.name in _AUTHORS]
    return is_titled and has_body and (not authors or any(map(_is_named, authors)))


def _is_known(child: Element, root: Element, names: _Names) -> bool:
    """Tell whether an element is known to change nothing that feedparser is asked."""
    if len(child.written) > _LONGEST_TAG or (child.has_markup and not _may_hold(child)):
        return False
    if child.scope is not root.scope and child.scope != root.scope:
        return False
    prefix = child.qualified.rpartition(":")[0]
    if prefix in _STRANGERS and "/" in child.space:
        return True
    return child.name in names.get(child.space, ()) and (child.space != root.space or not prefix)


def _may_hold(element: Element) -> bool:
    """Tell whether it is known what feedparser makes of the elements within one."""
    if element.name in _PERSONS:
        return all(child.name in _OF_PERSON and not child.has_markup for child in element.children)
    return bool(element.children) and element.name in _BOXES


def _is_named(author: Element) -> bool:
    names = [child.value for child in author.children if child.name == "name"] or [author.value]
    return any(map(author_name, names))


def _told_of_feed(root: Element, others: Sequence[Element]) -> dict[str, Any]:
    language = root.attributes.get("xml:lang", "").replace("_", "-")
    feed = {"language": language} if language else {}
    for name in ("title", "language"):
        named = [child for child in others if child.name == name]
        _demand(len(named) <= 1)
        if named:
            feed[name] = _told(named[0])
    return feed


def _tags(item: Element) -> list[dict[str, str | None]]:
    """Read the categories of an item as feedparser does."""
    tags: list[dict[str, str | None]] = []

    def add(term: str | None, scheme: str | None = None, label: str | None = None) -> None:
        tag = {"term": term, "scheme": scheme, "label": label}
        if (term or scheme or label) and tag not in tags:
            tags.append(tag)

    for category in item.children:
        if category.name != "category":
            continue
        _demand(not _DOUBTFUL.search(category.written) and not _FOLDED.search(category.written))
        known, value = category.attributes, _told(category)
        _demand(not any(":" in name for name in known))
        add(known.get("term"), known.get("scheme", known.get("domain")), known.get("label"))
        if value and tags and not tags[-1]["term"]:
            tags[-1]["term"] = value
        elif value:
            add(value)
    return tags


def _told(element: Element) -> str:
    """Return the text of an element as feedparser does, which takes it for UTF-8 that was read as Latin-1 if it can."""
    value = element.value
    # What stands in one section of CDATA is as it is written.
    _demand(not (_CONTROLS if _SECTION.fullmatch(str(element)) else _DOUBTFUL).search(str(element)))
    try:
        value = value.encode("iso-8859-1").decode("utf-8")
    except UnicodeError:
        return value
    _demand(not _CONTROLS.search(value))
    return value


def _is_well_formed(document: XmlDocument) -> bool:
    text = document.text[document.root_start :]
    if with_characters_for_names(text) != text:
        return False
    parser = ParserCreate("utf-8", " ")
    try:
        parser.Parse(text.encode(), True)
    except ExpatError:
        return False
    return True
