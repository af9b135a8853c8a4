"""Cut a text into words, quickly, and find where they stand.

English is most of what is read: its characters become blanks where they are no part of a word, and the rest is
`str.split`. What holds other letters is cut by a regular expression, to the same result. Chinese, Japanese and Korean
are cut into characters.
"""

import re
from itertools import islice
from typing import Final

_CJK: Final = "\u3005-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_HAS_CJK: Final = re.compile(f"[{_CJK}]")
_WORD: Final = re.compile(r"[^\W_]+")
_ASCII_WORD: Final = re.compile("[A-Za-z0-9]+")
_WORD_OR_CHARACTER: Final = re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+")

_BLANKS: Final = {code: " " for code in range(128) if not chr(code).isalnum()}
# Set in good English typography; each one is no part of a word and becomes one blank.
_TYPOGRAPHY: Final = "’‘“”–—…\u00a0•€£"


def words_of(text: str) -> list[str]:
    """Return the words of a text, in its own letters."""
    plain = _as_plain(text)
    return _pattern(text).findall(text) if plain is None else plain.translate(_BLANKS).split()


def starts_of(text: str, count: int | None = None) -> list[int]:
    """Return where the words of words_of start, in code points; with a count, of the first so many."""
    return [found.start() for found in islice(_pattern(text).finditer(text), count)]


def _as_plain(text: str) -> str | None:
    """Return an ASCII text of the same words in the same places; None where there is none."""
    if text.isascii():
        return text
    for character in _TYPOGRAPHY:
        text = text.replace(character, " ")
    return text if text.isascii() else None


def _pattern(text: str) -> re.Pattern[str]:
    if text.isascii():
        return _ASCII_WORD
    return _WORD_OR_CHARACTER if _HAS_CJK.search(text) else _WORD
