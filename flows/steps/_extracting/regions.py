"""Tell the parts of a page that are not its article's: comments, related stories, navigation."""

import re
from functools import lru_cache

from lxml.html import HtmlElement

_ASIDE_TAGS = frozenset({"aside", "footer", "nav", "form", "dialog", "menu", "noscript", "template"})
_ASIDE = re.compile(
    r"(?:^|[\s_-])(?:comments?|disqus|replies|responses|kommentare?|commentaires?|comentarios?|reacties|"
    r"related|recommend\w*|more-(?:from|on|stories|news)|also-read|read-(?:more|next|also)|see-also|up-?next|"
    r"most-?(?:read|popular|viewed)|popular|trending|latest(?:-news)?|sidebar|side-bar|footer|breaking|ticker|teasers?|"
    r"newsletter|promo|sponsor\w*|outbrain|taboola|copyright|legal|cookies?|consent|author-?(?:bio|box)|navigation|menu"
    r")(?:$|[\s_-])",
    re.IGNORECASE,
)
_SHORTEST_PARAGRAPH = 80  # characters; what stands above it may be a dateline or a byline
_FOREIGN_ITEMS = frozenset({"comment", "review", "citation", "mentions", "isbasedon", "itemreviewed", "relatedlink"})


def is_beside_article(element: HtmlElement) -> bool:
    """Tell whether element, or what it stands in, is a part of the page that is not the article's."""
    for one in (element, *element.iterancestors()):
        if is_aside(one):
            return one.find(".//h1") is None  # what holds the headline is not beside it, whatever its name
    return False


def is_aside(element: HtmlElement) -> bool:
    """Tell whether element by itself is such a part, by its tag, class, id or itemprop."""
    if element.tag in _ASIDE_TAGS:
        return True
    if element.tag in {"html", "body", "main"}:
        return False  # their classes tell what the page may hold
    if str(element.get("itemprop", "")).lower() in _FOREIGN_ITEMS:
        return True
    names = f"{element.get('class', '')} {element.get('id', '')}"
    return len(names) > 1 and _names_aside(names[:300])


@lru_cache(maxsize=2_000)  # a page has few, and each of them often
def _names_aside(names: str) -> bool:
    return _ASIDE.search(names) is not None


def line_of(element: HtmlElement) -> str:
    """Return the words of element in one line."""
    return " ".join(element.text_content().split())


def below_headline(tree: HtmlElement) -> set[HtmlElement]:
    """Return what stands between the headline and the first paragraph of text."""
    heading = next(tree.iter("h1"), None)
    found = set[HtmlElement]()
    for one in tree.iter() if heading is not None else ():
        if one is heading:
            found = {one}
        elif found and one.tag == "p" and len(line_of(one)) >= _SHORTEST_PARAGRAPH:
            break
        elif found:
            found.add(one)
    return found
