"""Join the containers over which a page spreads one article: between advertisements, by section, by live entry."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from lxml.html import HtmlElement

from flows.steps._extracting.regions import is_beside_article, line_of

_BODY = re.compile(
    r"(?:article|art|story|post|entry|page|text|news|content|main)[-_]{0,2}(?:body|text|content|copy|inner)|"
    r"(?:body|content)[-_]{0,2}(?:text|copy|main|part|block)|rich-?text|wysiwyg|longform",
    re.IGNORECASE,
)
_FIGURES = re.compile(r"\d+")
_CONTAINERS = ("article", "div", "section", "main")
_SHORTEST_TEXT = 60  # characters of a paragraph
_WORDS_COMPARED = 6
_LEAST_TEXT = 100  # of a container
_MOST_LINKED = 0.4  # the share of a container's words that may be links
_MOST = 5_000
_LONGEST_SUBHEAD = 200
_BEGINS_WITH_HEADLINE = "(.//p | .//h1 | .//h2 | .//h3)[1][not(self::p)]"
_HEADED = ".//h1 | .//h2[.//a] | .//h3[.//a] | .//a[.//h2 or .//h3]"


def keep_live_entries(tree: HtmlElement) -> None:
    """Make the entries of live coverage parts of one article; change tree."""
    for entry in tree.xpath("//article/following-sibling::article | //article[following-sibling::article]"):
        entry.tag = "div"
        entry.attrib.pop("class", None)  # "entry" would make one of them the article


def join_bodies(tree: HtmlElement, text: str) -> bool:
    """Move what the later containers of an article hold into the first, if text lacks some; tell if it was done."""
    lacking = [(first, others) for first, others in _groups(tree) if _is_part_lacking(first, others, text)]
    for first, others in lacking:
        for other in others:
            _move_into(first, other)
    return bool(lacking)


def _is_part_lacking(first: HtmlElement, others: list[HtmlElement], text: str) -> bool:
    """Tell whether text holds one of the containers and lacks another, or a subhead between them."""
    held = {_is_held(container, text) for container in (first, *others)}
    if held == {True}:
        return any(line_of(subhead) not in text for other in others for subhead in _subheads_before(other))
    return len(held) > 1


def _is_held(container: HtmlElement, text: str) -> bool:
    lines = [line for one in container.iter("p") if len(line := line_of(one)) >= _SHORTEST_TEXT]
    found = sum(_start_of(line) in text for line in lines)
    return found * 2 >= len(lines)


def _start_of(line: str) -> str:
    return " ".join(line.split()[:_WORDS_COMPARED])[:_SHORTEST_TEXT]


def _groups(tree: HtmlElement) -> Iterator[tuple[HtmlElement, list[HtmlElement]]]:
    groups: dict[tuple[object, ...], list[HtmlElement]] = {}
    keyed = [(key, element) for element in list(tree.iter(*_CONTAINERS))[:_MOST] if (key := _key(element)) is not None]
    counts = Counter(key for key, _ in keyed)
    for key, element in keyed:
        if counts[key] > 1 and _is_text(element):  # one alone is no group
            groups.setdefault(key, []).append(element)
    for elements in groups.values():
        first, *others = elements
        others = [one for one in others if not _is_inside(one, elements) and not _is_headed(one, first)]
        if others:
            yield first, others


def _key(element: HtmlElement) -> tuple[object, ...] | None:
    """Return what the containers of one article have in common; None where nothing makes element one."""
    names, is_body = _names_in(element.get("class", ""))
    if is_body or element.get("itemprop", "").lower() == "articlebody":
        around = next((one for one in element.iterancestors() if one.tag in {"article", "main", "body"}), None)
        return "body", element.get("itemprop", ""), names, around
    is_named = bool(names) or (element.tag == "article" and element.find(".//h1") is None)
    return (element.tag, names, element.getparent()) if is_named else None


@lru_cache(maxsize=2_000)  # a page has few, and each of them often
def _names_in(classes: str) -> tuple[str, bool]:
    """Return classes without their figures, in order, and whether they name the body of an article."""
    names = " ".join(sorted(_FIGURES.sub("", classes).split()))
    return names, _BODY.search(names) is not None


def _is_text(element: HtmlElement) -> bool:
    paragraphs = [line_of(one) for one in element.iter("p")]
    text = sum(len(line) for line in paragraphs if len(line) >= _SHORTEST_TEXT)
    if text < _LEAST_TEXT or is_beside_article(element):
        return False
    linked = sum(len(line_of(link)) for link in element.iter("a"))
    return linked <= _MOST_LINKED * len(line_of(element))


def _is_inside(element: HtmlElement, others: list[HtmlElement]) -> bool:
    return any(one in others for one in element.iterancestors())


def _is_headed(element: HtmlElement, first: HtmlElement) -> bool:
    """Tell whether element, or what is around it up to what is around first too, begins another article."""
    if element.xpath(_BEGINS_WITH_HEADLINE if element.tag == "article" else _HEADED):
        return True
    above = set(first.iterancestors())
    for around in element.iterancestors():
        if around in above:
            return False
        if around.xpath(_HEADED):
            return True
    return False


def _move_into(first: HtmlElement, other: HtmlElement) -> None:
    for subhead in reversed(list(_subheads_before(other))):
        subhead.tail = None
        first.append(subhead)
    if other.text and other.text.strip():
        paragraph = first.makeelement("p", {})
        paragraph.text = other.text
        first.append(paragraph)
    for child in list(other):
        first.append(child)
    other.text = None


def _subheads_before(container: HtmlElement) -> Iterator[HtmlElement]:
    """Yield the subheads between a container and the one before it, the last first."""
    for one in container.itersiblings(preceding=True):
        if one.tag in _CONTAINERS and line_of(one):
            return
        if one.tag in {"h2", "h3", "h4"} and one.find(".//a") is None and len(line_of(one)) <= _LONGEST_SUBHEAD:
            yield one
