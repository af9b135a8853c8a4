"""What feedparser makes of a document, item by item as the tree has them: it does not see what stands in what.

So it is not shown the boxes of a feed (related stories, pictures, players). Where it finds other items all the same, or
raises, it reads each item by itself.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from msgspec.structs import replace

from flows.steps._parsing.xml.by_feedparser import ReadDocument, read_document, text_of
from flows.steps._parsing.xml.document import XmlDocument
from flows.steps._parsing.xml.elements import AROUND_ITEMS, ITEMS, Element

# feedparser knows of these by itself that what stands in them is not the item's.
_UNDERSTOOD = AROUND_ITEMS | ITEMS | {"author", "contributor"}
_GUIDS = frozenset({"guid", "id"})


def read_flat(document: XmlDocument, root: Element, items: Sequence[Element]) -> ReadDocument:
    """Let feedparser read a document so that it finds as many items as the tree, in the same order.

    Where the tree has no items, those that feedparser finds in places of its own are given.
    """
    if not items:
        return _read(document, document.text)
    around = [root, *(child for child in root.children if child.name in AROUND_ITEMS)]
    boxes = [child for holder in chain(around, items) for child in holder.children if _is_box(child)]
    told = _read(document, _without(document.text, boxes))
    if len(told.items) == len(items) and all(map(_is_same, items, told.items)):
        return told
    frame = told if told.version else _read(document, _without(document.text, items))
    return replace(frame, items=tuple(_apart(document, root, items)), trouble=told.trouble)


def _read(document: XmlDocument, text: str) -> ReadDocument:
    """Read without what stands before the root: feedparser misreads a DTD, and every line keeps its number."""
    prologue = document.text[: document.root_start]
    told = read_document("\n" * prologue.count("\n") + text[document.root_start :])
    is_netscape = told.version == "rss091u" and "netscape" in prologue.lower()
    return replace(told, version="rss091n") if is_netscape else told


def _apart(document: XmlDocument, root: Element, items: Iterable[Element]) -> Iterator[Mapping[str, Any]]:
    for item in items:
        inner = _without(document.text, filter(_is_box, item.children), item.start, item.end)
        told = read_document(f"{root.opening}{item.opening}{inner}{item.closing}{root.closing}")
        yield told.items[0] if told.items else {}


def _is_box(element: Element) -> bool:
    return bool(element.children) and not (element.is_core and element.name in _UNDERSTOOD)


def _without(text: str, elements: Iterable[Element], start: int = 0, end: int | None = None) -> str:
    """Give a part of the text with these elements emptied; line breaks stay, so that every line keeps its number."""
    kept: list[str] = []
    for element in sorted(elements, key=lambda element: element.start):
        if element.start >= start:
            kept += [text[start : element.start], "\n" * text.count("\n", element.start, element.end)]
            start = element.end
    return "".join([*kept, text[start:end]])


def _is_same(item: Element, told: Mapping[str, Any]) -> bool:
    guids = {_letters(child.value) for child in item.children if child.name in _GUIDS and child.value}
    known = _letters(text_of(told, "id"))
    return not guids or not known or known in guids


def _letters(text: str) -> str:
    return re.sub(r"\W+", "", text)
