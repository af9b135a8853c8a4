"""Find the authors to whose pages a byline below the headline leads: each link is a name."""

import re

from lxml.html import HtmlElement

from flows.steps._extracting.regions import below_headline, is_beside_article, line_of

_BYLINE = re.compile(r"byline|author|autor|auteur|auteure|autrice|redakt|verfasser|writer|contributor", re.IGNORECASE)
_NAME_WORDS = range(2, 6)


def linked_authors(tree: HtmlElement) -> list[str]:
    """Return the names of a byline's links, in order; none where it has no links that are names."""
    top = below_headline(tree)
    links = [one for one in tree.iter("a") if one in top and not is_beside_article(one) and _is_of_author(one)]
    return list(dict.fromkeys(name for link in links if _is_name(name := line_of(link))))


def _is_of_author(link: HtmlElement) -> bool:
    if "author" in link.get("rel", "").lower().split():
        return True
    around = link.getparent()
    names = " ".join(f"{one.get('class', '')} {one.get('itemprop', '')}" for one in (link, around) if one is not None)
    return _BYLINE.search(names[:200]) is not None


def _is_name(text: str) -> bool:
    words = text.split()
    is_named = len(words) in _NAME_WORDS and words[0][0].isupper() and words[-1][0].isupper()
    return is_named and not any(map(str.isdigit, text))
