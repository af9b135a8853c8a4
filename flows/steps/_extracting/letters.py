"""Put letters where readers see them: a big first letter before the rest of its word, readings not into it."""

import re
from collections import Counter
from typing import Final

from lxml.html import HtmlElement

from flows.steps._extracting.regions import line_of

_INITIAL = re.compile(r"[\"'“”„«»‘‚¿¡]{0,2}[^\W\d_]\Z")
_NAMED_INITIAL = re.compile(r"drop[-_]?cap|cap[-_]?drop|lettrine|initial|first[-_]?letter", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
# Letters that are a word of some language: what follows one may be the next word.
_WORDS: Final = frozenset("aàáeéèiíoóòôuúwyz")
_TWICE: Final = 2  # the word behind an initial, and elsewhere on the page
_MOST: Final = 50  # initials of a page
_READINGS = ("rt", "rp", "rtc")
_CAPITALS = ("div", "p", "span")


def join_letters(tree: HtmlElement) -> None:
    """Join in tree what a word was parted into for the eye, and take readings of characters out."""
    for reading in list(tree.iter(*_READINGS)):
        if reading.getparent() is not None and next(reading.iterancestors("ruby"), None) is not None:
            reading.drop_tree()
    for picture in [one for one in tree.iter("img") if _is_initial_picture(one)]:
        letter = tree.makeelement("span", {})
        letter.text, letter.tail = picture.get("alt").strip(), picture.tail
        picture.getparent().replace(picture, letter)
    for element in [one for one in tree.iter(*_CAPITALS) if _INITIAL.match(line_of(one))][:_MOST]:
        _join(element)


def _is_initial_picture(picture: HtmlElement) -> bool:
    is_first = picture.getprevious() is None and not (picture.getparent().text or "").strip()
    return (
        is_first and _INITIAL.match(picture.get("alt", "").strip()) is not None and (picture.tail or "")[:1].isalpha()
    )


def _join(element: HtmlElement) -> None:
    """Join an initial with what follows it: in its own paragraph behind a blank, or in the next one."""
    said = line_of(element)
    if not said[-1].isupper() or element.getparent() is None:
        return
    is_named = _NAMED_INITIAL.search(f"{element.get('class', '')} {element.get('id', '')}") is not None
    tail = element.tail or ""
    rest = tail.lstrip()
    if is_named and rest and tail != rest and _is_one_word(element, said, rest):
        element.tail = rest
    following = element.getnext()
    if rest or following is None or following.tag != "p" or (element.tag == "span" and not is_named):
        return
    text = line_of(following)
    is_plain = text[:1].islower() and said[-1].lower() not in _WORDS
    if not (is_plain or (is_named and text[:1].isalpha())):
        return
    blank = "" if _is_one_word(element, said, text) else " "
    following.text = f"{said}{blank}{(following.text or '').lstrip()}"
    element.drop_tree()


def _is_one_word(element: HtmlElement, said: str, rest: str) -> bool:
    """Tell whether an initial begins the word that follows it. Of "A" and "valley" the page's other words tell."""
    match = _WORD.match(rest)
    if match is None:
        return False
    if said[-1].lower() not in _WORDS:
        return True
    words = Counter(_WORD.findall(" ".join(element.getroottree().getroot().itertext()).lower()))
    return words[said[-1].lower() + match[0].lower()] > 0 or words[match[0].lower()] < _TWICE
