"""Make a page's tree ready for trafilatura: keep in place what it would drop although readers see it.

It leaves out whole elements (<time>, <output>, <label>), sets others apart (<q>, <code>), flattens raised figures, and
drops lists in the cells of tables.
"""

import json
import re
from copy import deepcopy
from functools import lru_cache

from lxml.etree import strip_elements
from lxml.html import HtmlElement

from flows.steps._cleaning.formulas import SOURCES, spelled
from flows.steps._cleaning.raised import lowered, raised, script_of
from flows.steps._cleaning.tree import BLOCK_TAGS
from flows.steps._extracting.bodies import keep_live_entries
from flows.steps._extracting.fact_boxes import keep_fact_boxes
from flows.steps._extracting.json_ld import Node, strings, types_of
from flows.steps._extracting.late_parts import place_late_parts
from flows.steps._extracting.letters import join_letters
from flows.steps._extracting.offers import drop_offers
from flows.steps._extracting.regions import line_of
from flows.steps._extracting.sign_up import drop_sign_up_boxes
from flows.steps._extracting.struck import part_struck_words
from flows.steps._extracting.told_parts import keep_told_parts
from flows.steps._notices import is_consent

_LEFT_OUT = frozenset({"time", "output", "label"})
_SET_APART = frozenset({"code", "kbd", "q", "samp", "tt", "var"})
_SCRIPTS = {"sup": raised, "sub": lowered}
_INLINE = (*_LEFT_OUT, *_SET_APART, *_SCRIPTS)
_BLOCKS = "article blockquote caption dd div dt figcaption h1 h2 h3 h4 h5 h6 li p section summary td th"
_SENTENCES = frozenset(_BLOCKS.split())
# Blocks of which few end in a full stop, though they say something.
_UNCLOSED = frozenset({"dd", "figcaption", "h2", "h3", "h4", "h5", "h6", "li", "summary", "td", "th"})
_FIELDS = ("button", "input", "select", "textarea")
_LAYERS = ("aside", "dialog", "div", "form", "section")
_CONSENT = re.compile(
    r"consent|cookie|privacy|gdpr|dsgvo|rgpd|lgpd|\bcmp\b|onetrust|didomi|usercentrics|quantcast|qc-cmp|sp_message|truste|"
    r"cybot|borlabs|iubenda|axeptio|fc-dialog",
    re.IGNORECASE,
)
_QUOTE_MARKS = "\"'“”„«»‘’‚‹›「」『』"
_CLOSED = re.compile(r"[.!?…。！？:;]['\"”’»)\]]*\Z")
_LETTER = re.compile(r"[^\W\d_]")
_FEWEST_WORDS = 4  # of a sentence around a <time>; fewer are a dateline
_LONGEST_DATELINE = 100
_LONGEST_CELL = 400  # characters; a table with longer ones arranges a page
_MOST_CELLS = 2_000


def prepare(tree: HtmlElement, article: Node) -> None:
    """Change tree, whose JSON-LD says article of its story."""
    _keep_only(tree, article)
    place_late_parts(tree)
    for layer in list(tree.iter(*_LAYERS)):
        if layer.getparent() is not None and _is_consent_layer(layer):
            layer.drop_tree()
    drop_sign_up_boxes(tree)
    drop_offers(tree)
    keep_told_parts(tree)
    keep_fact_boxes(tree)
    join_letters(tree)
    _spell(tree)
    for element in list(tree.iter(*_INLINE)):
        if element.getparent() is not None:
            _keep_in_sentence(element)
    for table in list(tree.iter("table")):
        _flatten_cells(table)
    if "LiveBlogPosting" in types_of(article):
        keep_live_entries(tree)


def _spell(tree: HtmlElement) -> None:
    """Write formulas, raised and struck figures so that no number becomes another."""
    strip_elements(tree, *SOURCES, with_tail=False)
    for formula in list(tree.iter("math")):
        if next(formula.iter(*BLOCK_TAGS), None) is not None:  # never closed: it holds the text of the page
            formula.tag = "div"
    for formula in [one for one in tree.iter("math") if next(one.iterancestors("math"), None) is None]:
        _rewrite(formula, spelled(formula))
    for span in list(tree.iter("span")):
        span.tag = script_of(span.get("style", "")) or "span"
    part_struck_words(tree)


def _keep_only(tree: HtmlElement, article: Node) -> None:
    """Leave of the page's JSON-LD what trafilatura falls back to: the body of the page's own article, if it has one."""
    for script in tree.xpath('//script[contains(translate(@type, "LDJSON", "ldjson"), "ld+json")]'):
        script.text = ""
        script.set("type", "text/plain")
    body = next(iter(strings(article.get("articleBody"))), "")
    kind = "DiscussionForumPosting" if "DiscussionForumPosting" in types_of(article) else "Article"
    root = tree.find("body")
    if root is not None and (body or kind != "Article"):
        own = root.makeelement("script", {"type": "application/ld+json"})
        own.text = json.dumps({"@type": kind, "articleBody": body})
        root.append(own)


def _is_consent_layer(element: HtmlElement) -> bool:
    names = f"{element.get('class', '')} {element.get('id', '')} {element.get('aria-label', '')}"[:300]
    if not _names_consent(names) or element.find(".//h1") is not None or element.find(".//article") is not None:
        return False
    paragraphs = [line_of(one) for one in element.iter("p", "li")]
    return is_consent("\n".join(paragraphs) or line_of(element))


@lru_cache(maxsize=2_000)  # a page has few, and each of them often
def _names_consent(names: str) -> bool:
    return _CONSENT.search(names) is not None


def _keep_in_sentence(element: HtmlElement) -> None:
    block = next((one for one in element.iterancestors() if one.tag in _SENTENCES), None)
    if block is None or next(element.iterancestors("pre"), None) is not None:
        return
    if element.tag in _SCRIPTS:
        _rewrite(element, _SCRIPTS[element.tag](element.text_content(), _before(element)[-1:], element.tail or ""))
    elif element.tag == "q":
        _quote(element)
    elif element.tag in _SET_APART:
        if line_of(block) != line_of(element):
            element.tag = "span"
    elif _is_in_sentence(element, block):
        element.tag = "span"


def _rewrite(element: HtmlElement, text: str) -> None:
    if text != element.text_content():
        for child in list(element):
            element.remove(child)
        element.text = text
    element.tag = "span"


def _quote(element: HtmlElement) -> None:
    said = line_of(element)
    is_inside = any(one.tag == "span" and one.get("data-quote") for one in element.iterancestors())
    start, end = ("‘", "’") if is_inside else ("“", "”")
    if said and said[0] not in _QUOTE_MARKS:
        element.text = start + (element.text or "").lstrip()
        last = element[-1] if len(element) else None
        if last is None:
            element.text = element.text.rstrip() + end
        else:
            last.tail = (last.tail or "").rstrip() + end
    element.tag = "span"
    element.set("data-quote", "1")


def _is_in_sentence(element: HtmlElement, block: HtmlElement) -> bool:
    """Tell whether element's words are part of a sentence, and not a dateline or the name of a field."""
    if any(element.find(f".//{field}") is not None for field in _FIELDS):
        return False
    if any(one.tag in _SENTENCES for one in block.iterdescendants()):  # a container: only what touches element
        around = f"{_before(element)} {element.tail or ''}"
        return (
            len(around.split()) >= _FEWEST_WORDS and _CLOSED.search(" ".join((element.tail or "").split())) is not None
        )
    text = line_of(block)
    rest = text.replace(line_of(element), " ", 1)
    is_told = _CLOSED.search(text) is not None or (block.tag in _UNCLOSED and _continues_words(element, block))
    return len(rest) > _LONGEST_DATELINE or (is_told and len(rest.split()) >= _FEWEST_WORDS)


def _continues_words(element: HtmlElement, block: HtmlElement) -> bool:
    """Tell an item that goes on before or behind element from one that names a field, or a link with its day."""
    if any(block.find(f".//{field}") is not None for field in _FIELDS):
        return False
    around = (element.tail, _before(element) if _follows_text(element) else "")
    return any(_LETTER.search(text or "") for text in around)


def _follows_text(element: HtmlElement) -> bool:
    before = element.getprevious()
    return before is None or bool((before.tail or "").strip())


def _before(element: HtmlElement) -> str:
    """Return the text right before element, in its parent."""
    sibling, parent = element.getprevious(), element.getparent()
    if sibling is None:
        return (parent.text if parent is not None else "") or ""
    return sibling.tail or (sibling.text_content() if isinstance(sibling.tag, str) else "")


def _flatten_cells(table: HtmlElement) -> None:
    """Write the lists in the cells of a table of data as running text."""
    cells = table.xpath(".//td | .//th")
    rows = [row for row in table.iter("tr") if len(row) > 1]
    if len(cells) > _MOST_CELLS or not rows or table.find(".//table") is not None:
        return
    if any(len(line_of(cell)) > _LONGEST_CELL for cell in cells):
        return
    for cell in cells:
        if cell.find(".//li") is not None or cell.find(".//dd") is not None:
            _rewrite_cell(cell)


def _rewrite_cell(cell: HtmlElement) -> None:
    items = [_own_line(item) for item in cell.iter("li", "dt", "dd")]
    for block in cell.xpath(".//ul | .//ol | .//dl"):
        if block.getparent() is not None:
            block.drop_tree()
    lead = line_of(cell)
    for child in list(cell):
        cell.remove(child)
    cell.text = " ".join(filter(None, (lead, "; ".join(filter(None, items)))))


def _own_line(item: HtmlElement) -> str:
    """Return the words of item that stand in no list inside it."""
    bare = deepcopy(item)
    for inner in bare.xpath(".//ul | .//ol | .//dl"):
        if inner.getparent() is not None:
            inner.drop_tree()
    return line_of(bare)
