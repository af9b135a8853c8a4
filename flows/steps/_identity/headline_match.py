"""Tell whether a page stands under a story's headline, however either of them dresses it.

A feed sets a kicker before it ("Opinion: X"), its site's name behind it ("X - Site"), or cuts it ("X…").
"""

import re
from collections.abc import Iterator
from typing import Final

from flows.steps._identity.likeness import normal_title
from models.stages import CleanStory

_KICKER = re.compile(r"\A[^:|–—»]{1,40}?\s*(?::|\||–|—|»|\s-\s)\s*(?=\S)")
_SITE = re.compile(r"\s+[-–—|·•«:]\s+[^-–—|·•«]{1,60}\Z|\s*\|\s*[^|]{1,60}\Z")
_CUT = re.compile(r"\s*(?:…|\.{2,}|\[(?:…|\.{2,})\])\s*\Z")
_FEWEST_WORDS: Final = 3  # of a part of a headline; characters of a script without spaces count as words
_LEAST_SHARE: Final = 0.5  # of the feed's headline, that the page's own inside it must be


def holds_headline(page: CleanStory, title: str) -> bool:
    """Tell whether a page has a story's title as its own, in it, or in its text."""
    own = normal_title(page.title if page.page_title is None else page.page_title)
    # Between spaces, so that no title is found inside a longer word.
    said = f" {own} \n {normal_title(page.text)} "
    if (wanted := normal_title(title)) and f" {wanted} " in said:
        return True
    if any(f" {part} " in said for part in _undressed(title)):
        return True
    return _is_cut_from(title, own) or _is_inside(own, wanted)


def _undressed(title: str) -> Iterator[str]:
    """Yield title without its kicker, without its site, and without both, where enough of it is left."""
    bare = _SITE.sub("", title)
    for variant in (bare, _KICKER.sub("", title, count=1), _KICKER.sub("", bare, count=1)):
        words = normal_title(variant)
        if variant != title and len(words.split()) >= _FEWEST_WORDS:
            yield words


def _is_cut_from(title: str, own: str) -> bool:
    """Tell a title that was cut, perhaps in the middle of a word, from the page's own."""
    if not _CUT.search(title):
        return False
    start = normal_title(_CUT.sub("", title))
    return len(start.split()) >= _FEWEST_WORDS and own.startswith(start)


def _is_inside(own: str, wanted: str) -> bool:
    few, many = len(own.split()), len(wanted.split())
    return few >= _FEWEST_WORDS and few >= _LEAST_SHARE * many and f" {own} " in f" {wanted} "
