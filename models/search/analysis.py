"""Words as the search knows them, the same for both databases: folded, accents off, scripts without spaces in pairs."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

# Han, kana and Hangul, then Thai, Lao, Burmese and Khmer: written without spaces, or glueing particles to words.
_UNSPACED: Final = (
    r"\u2E80-\u2FDF\u3005-\u3007\u3021-\u3029\u3038-\u303B\u3040-\u309A\u309D-\u30FA\u30FC-\u30FF\u3100-\u318F"
    r"\u31A0-\u31FF"
    r"\u3400-\u4DBF\u4E00-\u9FFF\uA960-\uA97F\uAC00-\uD7FF\uF900-\uFAFF\uFF66-\uFFDC\U00020000-\U0003FFFF"
    r"\u0E01-\u0E3A\u0E40-\u0E4E\u0E81-\u0ECE\u1000-\u103F\u1050-\u108F\u1780-\u17D3"
)
# Marks that Python's \w leaves out though they stand inside words: combining accents, Hebrew and Arabic points, Indic
# vowel signs (not the dandas, which end sentences).
_MARKS: Final = r"\u0300-\u036F\u0591-\u05C7\u0610-\u061A\u064B-\u065F\u0670\u0900-\u0963\u0971-\u0DFF\u200D"
_ACCENTS: Final = re.compile(r"[\u0300-\u036F\u0591-\u05C7\u0610-\u061A\u0640\u064B-\u065F\u0670\u200D]+")
# Letters whose stroke or ligature is no accent to Unicode, but to a person who types without it.
_LETTERS: Final = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe", "ħ": "h"})

_WORD: Final = re.compile(
    rf"[{_UNSPACED}]+"
    r"|\d+(?:[.,]\d+)+"  # 1.54 and 3,000 are one word each
    rf"|(?:[^\W_{_UNSPACED}]|[{_MARKS}])+"
)
_RUN: Final = re.compile(rf"[{_UNSPACED}]")
_LONGEST: Final = 64  # characters of a word that count; what is longer is no word of a language


@dataclass(frozen=True, slots=True)
class Word:
    """A word where it stands in a text, with the tokens it is indexed as."""

    start: int  # code points
    end: int
    tokens: tuple[str, ...]
    is_unspaced: bool  # a run of a script without spaces: its tokens are the pairs of neighbours and the last character


def tokens(text: str) -> Iterator[str]:
    """Give the tokens a text is indexed as, in order."""
    for word in _WORD.findall(text):
        if word.isascii():  # most are, and need no more
            yield word.lower()[:_LONGEST]
        else:
            yield from _tokens(word)


def words(text: str) -> Iterator[Word]:
    """Find the words of a text, in order."""
    for match in _WORD.finditer(text):
        found = _tokens(match.group())
        if found:
            yield Word(match.start(), match.end(), found, is_unspaced=_is_run(match.group()))


def fold(word: str) -> str:
    """Bring a word to the form in which it is compared: NFKC, lower case, without accents."""
    if word.isascii():
        return word.lower()
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", word.casefold()))
    return unicodedata.normalize("NFKC", plain).casefold().translate(_LETTERS)


@lru_cache(maxsize=50_000)  # the words of a language are few, those of an archive many
def _tokens(word: str) -> tuple[str, ...]:
    folded = fold(word)
    if _is_run(word):
        return _pairs(folded)
    # Compatibility forms may unfold to several words ("½"), or to none.
    return tuple(found[:_LONGEST] for found in _WORD.findall(folded))


def _is_run(word: str) -> bool:
    return _RUN.match(word) is not None


def _pairs(run: str) -> tuple[str, ...]:
    """Cut a run into overlapping pairs; its last character stands alone, so that any one character begins a token."""
    return (*(run[at : at + 2] for at in range(len(run) - 1)), run[-1:])
