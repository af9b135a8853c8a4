"""Put what the formulas of an entry say in their place, each once."""

from collections.abc import Iterator

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, Tag
from lxml.html import document_fromstring

from flows.steps._cleaning.formulas import SOURCES, spelled
from flows.steps._cleaning.furniture import hides
from flows.steps._cleaning.tree import BLOCK_TAGS, empty, walk


def spell_formulas(soup: BeautifulSoup) -> None:
    """Make each formula that is seen a <span> of its letters and figures."""
    formulas = soup.find_all("math")
    if not formulas:
        return
    for source in soup.find_all(list(SOURCES)):
        empty(source)
    unclosed = _around_blocks(soup)
    for formula in formulas:
        if id(formula) in unclosed:
            _become_span(formula)
        elif not formula.decomposed and not _is_hidden(formula):
            _spell(formula)


def _around_blocks(soup: BeautifulSoup) -> set[int]:
    """Return which formulas hold blocks: they were never closed, and what they hold is the text of the entry."""
    blocks = [tag for tag, _ in walk(soup) if tag.name in BLOCK_TAGS]
    return {id(tag) for block in blocks for tag in block.parents if tag.name == "math" and not _is_hidden(tag)}


def _is_hidden(tag: Tag | None) -> bool:
    return tag is not None and (tag.has_attr("hidden") or hides(str(tag.get("style", ""))))


def _spell(formula: Tag) -> None:
    said = spelled(document_fromstring(str(formula)))
    if said and not _is_hidden(formula.parent):
        _empty_rendering(formula)
    formula.clear(decompose=True)  # formulas within this one are known to be gone by that
    formula.append(NavigableString(said))
    _become_span(formula)


def _become_span(formula: Tag) -> None:
    """To put another in its place would cost a search among all its siblings."""
    formula.name = "span"
    formula.attrs = {}


def _empty_rendering(formula: Tag) -> None:
    """Take out what a script has drawn for the eye next to the formula, or to what holds it alone."""
    place = formula
    while not (beside := list(_beside(place))) and place.parent is not None and place.parent.name not in BLOCK_TAGS:
        place = place.parent
    for tag in beside:
        if isinstance(tag, Tag) and tag.get("aria-hidden") == "true":
            empty(tag)


def _beside(tag: Tag) -> Iterator[PageElement]:
    """Yield what touches tag, blanks aside."""
    for siblings in (tag.previous_siblings, tag.next_siblings):
        yield from [one for one in [next(filter(_is_something, siblings), None)] if one is not None]


def _is_something(node: PageElement) -> bool:
    return not isinstance(node, NavigableString) or bool(node.strip())
