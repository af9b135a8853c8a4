"""Keep the boxes that explain a story within it, though they stand in <aside>, where most else is a promotion.

A box of facts stands between the story's paragraphs, says several sentences of its own and links to little.
"""

import re
from typing import Final

from lxml.html import HtmlElement

from flows.steps._extracting.regions import is_aside, line_of
from flows.steps._extracting.sign_up import INVITES
from flows.steps._identity.likeness import sequences

_CLOSED: Final = re.compile(r"[.!?…。！？؟।]['\"”’»)\]]*\Z")
_PROMOTES: Final = re.compile(
    r"donat(?:e|ion)|support (?:our|us|independent)|become a member|membership|podcast|download (?:our|the) app|"
    r"follow us|read more|read also|most read|related|about the author|advertisement|sponsored|"
    r"spenden? |unterstützen sie|lesen sie|mehr zum thema|über den autor|anzeige|"
    r"faites un don|soutenez|à lire aussi|lire aussi|publicité|apoya|hazte socio|lee también|te puede interesar|"
    r"publicidad|leggi anche|sostienici|pubblicità|lees ook|doneer|læs også|les også|läs också|leia também|czytaj też",
    re.IGNORECASE,
)
_NAMES: Final = re.compile(
    r"pull-?quote|quote|bio|author|byline|share|social|video|audio|player|poll|ad[sv]?\b", re.IGNORECASE
)
_NEVER: Final = ".//h1 | .//article | .//form | .//aside | .//iframe | .//video | .//audio"
_SHORTEST: Final = 40  # characters of a sentence
_FEWEST: Final = 2  # sentences
_MOST_LINKED: Final = 0.2  # the share of its words in links
_LONGEST: Final = 4_000  # characters
_REPEATED: Final = 0.5  # the share of its word sequences that the article has too: it is pulled out of it
_SEQUENCE_WORDS: Final = 3
_MOST: Final = 20
_MOST_LOOKED_AT: Final = 6  # elements behind and before a box


def keep_fact_boxes(tree: HtmlElement) -> None:
    """Rename in tree the asides that are boxes of facts."""
    boxes = [one for one in list(tree.iter("aside")) if _is_within_text(one)][:_MOST]
    boxes = [one for one in boxes if _is_told(one)]
    if not boxes:
        return
    lines = (line_of(one) for one in tree.iter("p", "li") if next(one.iterancestors("aside"), None) is None)
    held = frozenset[tuple[str, ...]]().union(*(sequences(line, _SEQUENCE_WORDS) for line in lines))
    for box in boxes:
        said = sequences(line_of(box), _SEQUENCE_WORDS)
        if len(said & held) < _REPEATED * len(said):
            box.tag = "div"
            box.attrib.clear()


def _is_within_text(box: HtmlElement) -> bool:
    """Tell whether a box stands in an article, with sentences of it before and behind in the same container."""
    if next(box.iterancestors("article", "main"), None) is None or next(box.iterancestors("aside"), None) is not None:
        return False
    return _has_sentence(box, is_before=True) and _has_sentence(box, is_before=False)


def _has_sentence(box: HtmlElement, *, is_before: bool) -> bool:
    for number, one in enumerate(box.itersiblings(preceding=is_before)):
        if number > _MOST_LOOKED_AT:
            return False
        if one.tag == "p" and _is_sentence(line_of(one)):
            return True
    return False


def _is_sentence(line: str) -> bool:
    return len(line) >= _SHORTEST and _CLOSED.search(line) is not None


def _is_told(box: HtmlElement) -> bool:
    """Tell several sentences from a promotion, by what it links to, asks for and is called."""
    names = f"{box.get('class', '')} {box.get('id', '')}"[:300]
    bare = box.makeelement("div", {"class": names})
    if is_aside(bare) or _NAMES.search(names) or box.xpath(_NEVER):
        return False
    said = line_of(box)
    if len(said) > _LONGEST or INVITES.search(said) or _PROMOTES.search(said):
        return False
    told = sum(_is_sentence(line_of(one)) for one in box.iter("p", "li"))
    linked = sum(len(line_of(link)) for link in box.iter("a"))
    return told >= _FEWEST and linked <= _MOST_LINKED * len(said)
