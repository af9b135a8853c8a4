"""Words as the search knows them, the same for both databases: folded, accents off, scripts without spaces in pairs.

A number and what is glued to it are two words (5GW, 2°C), so that it does not matter how the unit is put; a word that
begins with a letter is one whatever digits it holds (co2).
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from typing import Final

from msgspec import Struct

from models.search.folding import fold, fold_number
from models.search.stems import stem_language, stem_token

# Han, kana and Hangul, then Thai, Lao, Burmese and Khmer: written without spaces, or glueing particles to words.
_UNSPACED: Final = (
    r"\u2E80-\u2FDF\u3005-\u3007\u3021-\u3029\u3038-\u303B\u3040-\u309A\u309D-\u30FA\u30FC-\u30FF\u3100-\u318F"
    r"\u31A0-\u31FF"
    r"\u3400-\u4DBF\u4E00-\u9FFF\uA960-\uA97F\uAC00-\uD7FF\uF900-\uFAFF\uFF66-\uFFDC\U00020000-\U0003FFFF"
    r"\u0E01-\u0E3A\u0E40-\u0E4E\u0E81-\u0ECE\u1000-\u103F\u1050-\u108F\u1780-\u17D3"
)
# Marks that Python's \w leaves out though they stand inside words: combining accents, Hebrew and Arabic points, Indic
# vowel signs (not the dandas, which end sentences).
_MARKS: Final = (
    r"\u0300-\u036F\u0591-\u05C7\u0610-\u061A\u064B-\u065F\u0670\u0900-\u0963\u0971-\u09E5\u09F0-\u0DFF\u200D"
)
_NO_LETTERS: Final = "ªº"  # letters to Unicode; here they stand for a degree or behind a number

_WORD: Final = (
    rf"[{_UNSPACED}]+"
    r"|[1-9][0-9]{0,2}(?:(?:'[0-9]{3})+|(?:’[0-9]{3})+)(?!\d)"  # 30'000 is one word
    r"|\d+(?:[.,]\d+)*"  # 1.54 and 3,000 are one word each
    rf"|(?:[^\W\d_{_NO_LETTERS}{_UNSPACED}]|[{_MARKS}])(?:[^\W_{_NO_LETTERS}{_UNSPACED}]|[{_MARKS}])*"
    r"|[\u2103\u2109\u3371-\u33DF]"  # units in one character: ℃, ㎾, ㎡
)
# The same of a text in ASCII.
_PLAIN_WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*|[1-9][0-9]{0,2}(?:'[0-9]{3})+(?![0-9])|[0-9]+(?:[.,][0-9]+)*")
# No word of a text in ASCII holds other characters than these; its letters become small ones.
_IN_WORDS: Final = (
    bytes(code if re.match("[A-Za-z0-9.,']", chr(code)) else 32 for code in range(128)).lower().ljust(256)
)
# And no word of any text holds others of ASCII, or blanks.
_PIECE: Final = re.compile(r"[^\s!-&(-+\-/:-@\[-`{-~]+")
# Signs that part words and keep a text from being plain; but for the one that may stand between thousands.
_SIGNS: Final = "‘’“”–—…«»·•°±×€£©®™\u00a0\u200b\u2009\u202f"
_APART: Final = re.compile("[0-9]’")
_LONGEST: Final = 64  # characters of a word that count; what is longer is no word of a language
_MOST_REMEMBERED: Final = 20_000  # words, in each process and of each language


class Word(Struct, frozen=True):
    """A word where it stands in a text, with the tokens it is indexed as."""

    start: int  # code points
    end: int
    written: str
    tokens: tuple[str, ...]
    is_unspaced: bool  # a run of a script without spaces: its tokens are the pairs of neighbours and the last character


def indexed(text: str, language: str | None) -> tuple[str, str]:
    """Return the tokens that a text is indexed as, and the stem tokens beside them, each in order, blanks between.

    A text in a language without stems has none.
    """
    code, pieces = stem_language(language), _pieces_of(text)
    return _looked_up(_TOKENS, pieces), _looked_up(_stems_in(code), pieces) if code else ""


def tokens_with_stems(text: str, language: str | None) -> Iterator[tuple[tuple[str, ...], str | None]]:
    """Give each word's tokens, in order, and its stem token where it has one."""
    code = stem_language(language)
    for word in _pattern_of(text).findall(text):
        yield tokens_of(word), stem_token(word, code) if code else None


def words(text: str) -> Iterator[Word]:
    """Find the words of a text, in order."""
    for match in matches(text):
        written = match.group()
        found = tokens_of(written)
        if found:
            yield Word(match.start(), match.end(), written, found, is_unspaced=is_run(written))


def matches(text: str) -> Iterator[re.Match[str]]:
    """Find the words of a text where they stand, in order; some have no tokens."""
    plain = _plain(text)
    return _pattern_of(plain).finditer(plain)


def _plain(text: str) -> str:
    """Return a text with blanks in the place of signs where that makes it plain, as most are; else as it is."""
    plain = _without_signs(text)
    return plain if plain.isascii() else text


def _without_signs(text: str) -> str:
    if text.isascii() or _APART.search(text):
        return text
    for sign in _SIGNS:
        text = text.replace(sign, " ")
    return text


def _pieces_of(text: str) -> list[str]:
    """Cut a text where none of its words goes on; it takes a fifth of finding them."""
    plain = _without_signs(text)
    return plain.encode().translate(_IN_WORDS).decode().split() if plain.isascii() else _PIECE.findall(plain)


def _pattern_of(text: str) -> re.Pattern[str]:
    """Choose what finds the words of a text; that of plain ones takes a third."""
    return _PLAIN_WORD if text.isascii() else _of_any_script(_WORD)


@cache  # its classes of characters take long to compile, and a plain search goes without
def _of_any_script(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


class _Remembered(dict[str, str]):
    """What each piece becomes, with a blank behind it, found once: a language has few words, an archive many."""

    def __init__(self, make: Callable[[str], str]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, piece: str) -> str:
        made = self._make(piece)
        made = f"{made} " if made else ""
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        if len(piece) <= _LONGEST:
            self[piece] = made
        return made


def _looked_up(made: _Remembered, pieces: Iterable[str]) -> str:
    return "".join(map(made.__getitem__, pieces))[:-1]


@cache
def _stems_in(code: str) -> _Remembered:
    """Return the stem tokens of pieces in a language; empty for one that has none."""
    return _Remembered(lambda piece: _joined(stem_token(word, code) for word in _words_of_piece(piece)))


def _joined(tokens: Iterable[str | None]) -> str:
    return " ".join(filter(None, tokens))


@lru_cache(maxsize=10_000)
def tokens_of(word: str) -> tuple[str, ...]:
    """Return the tokens that a word is indexed as."""
    folded = fold(word)
    if is_run(word):
        return _pairs(folded)
    # Compatibility forms may unfold to several words ("½"), or to none.
    return tuple(
        (found if found.isalnum() else fold_number(found))[:_LONGEST] for found in _pattern_of(folded).findall(folded)
    )


def _tokens_of_piece(piece: str) -> str:
    words = _words_of_piece(piece)
    if not piece.isascii():
        return _joined(token for word in words for token in tokens_of(word))
    # What tokens_of does with each of them: in ASCII it takes no more.
    return " ".join([(word.lower() if word.isalnum() else fold_number(word))[:_LONGEST] for word in words])


def _words_of_piece(piece: str) -> list[str]:
    is_one = piece.isascii() and (piece.isalpha() or piece.isdigit())
    return [piece] if is_one else _pattern_of(piece).findall(piece)


_TOKENS: Final = _Remembered(_tokens_of_piece)


def is_run(word: str) -> bool:
    """Tell whether a word is a run of a script without spaces."""
    return not word.isascii() and _of_any_script(f"[{_UNSPACED}]").match(word) is not None


def _pairs(run: str) -> tuple[str, ...]:
    """Cut a run into overlapping pairs; its last character stands alone, so that any one character begins a token."""
    return (*(run[at : at + 2] for at in range(len(run) - 1)), run[-1:])
