"""Put in place what a browser puts in place: streamed parts, frames with their own text, shadow trees; drop stencils.

What is no paragraph by its tag, but by its look or as an element of the site's own, is made one.
"""

import re
from typing import Final

from lxml.etree import Comment, LxmlError
from lxml.html import HtmlElement, fromstring

from flows.steps._cleaning.tree import BLOCK_TAGS
from flows.steps._extracting.regions import is_beside_article, line_of

_SHADOW: Final = ("shadowrootmode", "shadowroot")
# Parts of AMP that are no article: advertisements, menus, layers, lists that are loaded later.
_AMP: Final = """
    amp-ad amp-consent amp-embed amp-geo amp-lightbox amp-list amp-next-page amp-sidebar amp-social-share amp-sticky-ad
    amp-user-notification
"""
_AMP_BESIDE: Final = tuple(_AMP.split())
_CLOSED: Final = re.compile(r"[.!?…。！？؟।]['\"”’»)\]]*\Z")
_BLOCK_STYLE: Final = re.compile(r"display\s*:\s*(?:block|flex|grid)", re.IGNORECASE)
_MAY_BE_BLOCKS: Final = "//*[contains(name(), '-')] | //span[contains(@style, ':')]"
_SHORTEST: Final = 40  # characters of a paragraph
_FEWEST_SENTENCES: Final = 2  # of a frame
_MOST_LINKED: Final = 0.3  # the share of a frame's words that may be links
_LONGEST_FRAME: Final = 500_000
_MOST: Final = 200
_TEXT_AROUND: Final = ("p", "li", "td", "figcaption", "blockquote", "h1", "h2", "h3", "h4", "a", "button", "label")


def place_late_parts(tree: HtmlElement) -> None:
    """Change tree to what a browser would show."""
    _place_streamed(tree)
    for template in tree.iter("template"):
        if any(template.get(name) is not None for name in _SHADOW):
            template.tag = "div"
    for part in list(tree.iter("template", *_AMP_BESIDE)):
        if part.getparent() is not None:
            part.drop_tree()
    for frame in [one for one in tree.iter("iframe") if one.get("srcdoc")][:_MOST]:
        _open_frame(frame)
    _make_paragraphs(tree)


def _make_paragraphs(tree: HtmlElement) -> None:
    """Make paragraphs of sentences without one, the inner elements first, and open what stands around them."""
    opened: set[HtmlElement] = set()
    for element in [one for one in tree.xpath(_MAY_BE_BLOCKS) if _may_be_block(one)][::-1]:
        if element not in opened and not _is_paragraph(element):
            continue
        element.tag = "div" if element in opened else "p"
        around = element.getparent()
        opened |= {around} if around is not None and "-" in around.tag else set()


def _place_streamed(tree: HtmlElement) -> None:
    """Put what React sent hidden (S:0) in place of the template that stands for it (B:0, P:0)."""
    places = {place.get("id", ""): place for place in tree.iter("template") if place.get("id")}
    for part in [one for one in tree.iter("div") if one.get("hidden") is not None][:_MOST]:
        kind, _, number = part.get("id", "").rpartition(":")
        place = places.get(f"{kind[:-1]}B:{number}", places.get(f"{kind[:-1]}P:{number}"))
        if not kind.endswith("S") or place is None or place.getparent() is None or part in place.iterancestors():
            continue
        del part.attrib["hidden"]
        _drop_fallback(place)
        part.drop_tree()
        part.tail = place.tail
        place.getparent().replace(place, part)


def _drop_fallback(place: HtmlElement) -> None:
    """Drop what React shows until a part has come: all between its template and the comment that ends it."""
    waiting: list[HtmlElement] = []
    for one in place.itersiblings():
        if one.tag is Comment and (one.text or "").strip() == "/$":
            for old in waiting:
                old.getparent().remove(old)
            place.tail = None
            return
        waiting.append(one)


def _open_frame(frame: HtmlElement) -> None:
    """Put the text of a frame that carries its own document in the frame's place."""
    if is_beside_article(frame):
        return
    try:
        inner = fromstring(f"<div>{frame.get('srcdoc')[:_LONGEST_FRAME]}</div>")
    except (LxmlError, ValueError):
        return  # a frame that cannot be read shows nothing
    for element in list(inner.iter("script", "style", "title", "noscript")):
        if element.getparent() is not None:
            element.drop_tree()
    lines = [line_of(one) for one in inner.iter("p", "li")]
    told = [line for line in lines if len(line) >= _SHORTEST and _CLOSED.search(line)]
    linked = sum(len(line_of(link)) for link in inner.iter("a"))
    parent = frame.getparent()
    if len(told) >= _FEWEST_SENTENCES and linked <= _MOST_LINKED * len(line_of(inner)) and parent is not None:
        inner.tail = frame.tail
        parent.replace(frame, inner)


def _may_be_block(element: HtmlElement) -> bool:
    """Tell an element of the site's own, or one that is set as a block."""
    return "-" in element.tag or (element.tag == "span" and _BLOCK_STYLE.search(element.get("style", "")) is not None)


def _is_paragraph(element: HtmlElement) -> bool:
    if next(element.iterdescendants(*BLOCK_TAGS), None) is not None:
        return False
    line = line_of(element)
    is_sentence = len(line) >= _SHORTEST and _CLOSED.search(line) is not None
    return is_sentence and next(element.iterancestors(*_TEXT_AROUND), None) is None
