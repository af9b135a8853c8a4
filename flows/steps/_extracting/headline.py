"""Find a page's headline and take the site's name off it."""

import re
from collections.abc import Callable, Iterable, Sequence
from html import unescape
from typing import Final

from lxml.html import HtmlElement

from flows.steps._cleaning.characters import mended

# A suffix stands behind a mark with spaces around it; a bar needs none.
_PART = re.compile(r"\s+[|–—·•«»:-]+\s+|\s*\|\s*")
_SIMPLE = re.compile(r"[\W_]+")
_FEWEST_WORDS: Final = 3  # of a heading
_MOST_NAME_WORDS: Final = 3  # of a section's or a site's name
_HOME = re.compile(r"/|(?:https?:)?//[^/?#]+/?", re.IGNORECASE)
_CUT = re.compile(r"\s*(?:…|\.\.\.)\Z")


def best_title(tree: HtmlElement, *, declared: Sequence[str], guess: Callable[[], str], sites: Sequence[str]) -> str:
    """Return the headline without the site's name: a declared one, else a lone h1, guess or the title tag."""
    headings = [line for tag in tree.xpath("//h1") if (line := _line(tag.text_content())) and not _leads_home(tag)]
    page_title = [_line(str(tree.findtext(".//title") or ""))]
    told = [*map(_line, declared), *(headings if len(headings) == 1 else ())]
    sites = [*sites, *_behind_headings([*told, *page_title], headings)]
    names = {_simple(site) for site in sites}

    def chosen(candidates: Sequence[str]) -> str:
        titles = (without_site(candidate, sites=sites) for candidate in candidates)
        return next((title for title in titles if title and _simple(title) not in names), "")

    title = chosen(told)
    if title and not _CUT.search(title):
        return title
    candidates = [*told, _line(guess()), *page_title, *headings]
    title = title or chosen(candidates)
    return _uncut(title, [*headings, *candidates]) if title else next(filter(None, candidates), "")


def without_site(title: str, *, sites: Iterable[str]) -> str:
    """Return title without a part at its end, or its start, that only names the site."""
    names = {_simple(site) for site in sites} - {""}
    while parts := list(_PART.finditer(title)):
        first, last = parts[0], parts[-1]
        if _names_site(title[last.end() :], names):
            title = title[: last.start()]
        elif _names_site(title[: first.start()], names):
            title = title[first.end() :]
        else:
            break
    return title.strip()


def _leads_home(heading: HtmlElement) -> bool:
    """Tell a heading that is the site's name, with a link to its front page."""
    return any(_HOME.fullmatch(link.get("href", "").strip()) for link in heading.iter("a"))


def _behind_headings(titles: Iterable[str], headings: Sequence[str]) -> list[str]:
    """Return the parts that titles have behind a heading of the page: they name its section and its site."""
    whole = {_simple(heading): len(heading.split()) for heading in headings}
    names: list[str] = []
    for title in titles:
        for part in _PART.finditer(title):
            length = whole.get(_simple(title[: part.start()]), 0)
            rest = [one for one in _PART.split(title[part.end() :]) if one]
            if length >= _FEWEST_WORDS and all(len(one.split()) <= _MOST_NAME_WORDS for one in rest):
                names += rest
    return names


def is_same_title(one: str, other: str) -> bool:
    """Tell whether two titles have the same letters and figures."""
    return _simple(one) == _simple(other) != ""


def _names_site(part: str, names: set[str]) -> bool:
    return any(_simple(part) in {name, f"{name}com", f"www{name}"} for name in names)


def _uncut(title: str, others: Sequence[str]) -> str:
    """Return, for a title that was cut short with dots, the other one that says it in full."""
    if not _CUT.search(title):
        return title
    start = _CUT.sub("", title)
    return next((other for other in others if len(other) > len(title) and other.startswith(start)), title)


def _line(text: str) -> str:
    return " ".join(mended(unescape(text)).split())


def _simple(text: str) -> str:
    return _SIMPLE.sub("", text).casefold()
