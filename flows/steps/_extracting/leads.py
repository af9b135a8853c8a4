"""Find the standfirst that a page sets outside of its article, under the headline."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from lxml.html import HtmlElement

from flows.steps._extracting.own_article import likeness
from flows.steps._extracting.regions import is_beside_article, line_of
from flows.steps._identity.likeness import normal_title, sequences

_LEAD = re.compile(
    r"(?:^|[\s_-])(?:intro(?:duction)?|stand-?first|lead|lede|leadin|dek|deck|sub-?(?:title|head(?:line)?|titulo|titre)|"
    r"summary|abstract|excerpt|chapo|chapeau|bajada|entradilla|copete|vorspann|anrei(?:ß|ss)er|teaser-?text|ingress|"
    r"manchet|sapo|sommario|sottotitolo|unter(?:titel|zeile)|under(?:titel|tittel|rubrik)|ondertitel|sous-?titre|subtítulo|"
    r"alaotsikko|ingressi|podtytuł|podnadpis|podnaslov|alcím|zajawka|inledning|occhiello|catenaccio|gancho|linha-?fina|lid|perex|description|strapline|tagline)(?:$|[\s_-])|"
    r"(?:article|story|post|entry|content|page)_{0,2}-?(?:lead|intro|summary|dek|deck|standfirst|excerpt|subtitle|description)",
    re.IGNORECASE,
)
_CLOSED = re.compile(r"[.!?…。！？]['\"”’»)\]]*\Z")
_TAGS = ("p", "h2", "h3", "div", "span", "strong")
_NEXT = frozenset({"div", "h2", "h3", "p"})
_BLOCKS = ("p", "div", "ul", "ol", "table", "h1", "h2", "h3", "section", "article")
_HEADER = re.compile(r"(?:^|[\s_-])(?:hero|header|head|masthead|opener|top|title)(?:$|[\s_-])", re.IGNORECASE)
_PICTURES = ("figure", "figcaption", "picture")
_CAPTION = re.compile(
    r"caption|credit|photo|image|bild|legend|copyright|byline|author|date|time|share|subscri|paywall", re.IGNORECASE
)
_MOST: Final = 2
_SHORTEST: Final = 40  # characters
_LONGEST: Final = 700
_MOST_LINKED: Final = 0.5
_MOST_LOOKED_AT: Final = 400  # elements behind the headline
_SEQUENCE_WORDS: Final = 3
_HELD: Final = 0.8  # the share of a lead's word sequences by which the text says it already


def find_leads(tree: HtmlElement, title: str, descriptions: Sequence[str]) -> tuple[str, ...]:
    """Return the lines between the headline and the article that are its standfirst, in order."""
    heading = next((one for one in tree.iter("h1") if likeness(line_of(one), title) >= _HELD), None)
    if heading is None:
        return ()
    said = {normal_title(description.rstrip(".…")) for description in descriptions} - {""}
    found = tuple(dict.fromkeys(line_of(one) for one in _behind(heading) if _is_lead(one, heading, said)))
    return found if len(found) <= _MOST else ()  # more are the teasers of other stories


def missing_leads(leads: Iterable[str], text: str) -> list[str]:
    """Return the leads that text does not hold."""
    held = sequences(text, _SEQUENCE_WORDS)
    return [lead for lead in leads if not _is_held(lead, held)]


def _is_held(lead: str, held: frozenset[tuple[str, ...]]) -> bool:
    wanted = sequences(lead, _SEQUENCE_WORDS)
    return not wanted or len(wanted & held) >= _HELD * len(wanted)


def _behind(heading: HtmlElement) -> Iterator[HtmlElement]:
    """Yield the elements behind the headline up to the article's text, a paragraph that stands in another container."""
    root, start = heading.getroottree().getroot(), False
    looked_at = 0
    for element in root.iter():
        if element is heading:
            start = True
        elif start and isinstance(element.tag, str) and element not in heading.iterdescendants():
            looked_at += 1
            if looked_at > _MOST_LOOKED_AT or element.tag == "article":
                return
            yield element


def _is_lead(element: HtmlElement, heading: HtmlElement, said: set[str]) -> bool:
    if element.tag not in _TAGS or next(element.iterdescendants(*_BLOCKS), None) is not None:
        return False
    line = line_of(element)
    if not _SHORTEST <= len(line) <= _LONGEST or is_beside_article(element):
        return False
    if sum(len(line_of(link)) for link in element.iter("a")) > _MOST_LINKED * len(line):
        return False
    names = f"{element.get('class', '')} {element.get('id', '')} {element.get('itemprop', '')}"[:200]
    if _CAPTION.search(names) or next(element.iterancestors(*_PICTURES), None) is not None:
        return False
    words = normal_title(line.rstrip(".…"))
    is_described = any(words.startswith(one) or one.startswith(words) for one in said if len(one) >= _SHORTEST)
    return (
        is_described
        or _LEAD.search(f"{names} {_names_around(element, heading)}") is not None
        or _is_next(element, heading, line)
    )


def _names_around(element: HtmlElement, heading: HtmlElement) -> str:
    """Return the names of what element stands in, if the headline stands elsewhere and no other paragraph with it."""
    around = element.getparent()
    if around is None or len(list(around.iter("p"))) > 1 or heading in around.iterdescendants("h1"):
        return ""
    return f"{around.get('class', '')} {around.get('id', '')}"[:200]


def _is_next(element: HtmlElement, heading: HtmlElement, line: str) -> bool:
    """Tell a sentence that stands with the headline in a header of its own, or right behind it before the article."""
    parent = heading.getparent()
    if element.tag not in _NEXT or parent is None or element.getparent() is not parent or not _CLOSED.search(line):
        return False
    names = f"{parent.get('class', '')} {parent.get('id', '')}"[:200]
    if parent.tag in {"header", "hgroup"} or _HEADER.search(names) or _LEAD.search(names):
        return True
    is_outside = next(heading.iterancestors("article"), None) is None
    return is_outside and element.getprevious() is heading and _begins_article(element.getnext())


def _begins_article(element: HtmlElement | None) -> bool:
    return element is not None and element.tag == "article"
