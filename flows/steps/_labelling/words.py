"""Cut a text into words, quickly, and find where they stand.

English is most of what is read: its characters become blanks where they are no part of a word, and the rest is
`str.split`. What holds other letters is cut by a regular expression, to the same result. Chinese, Japanese and Korean
are cut into characters.
"""

import re
from itertools import accumulate, compress
from operator import sub
from typing import Final

from flows.steps._plain import as_ascii

_CJK: Final = "\u3005-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_HAS_CJK: Final = re.compile(f"[{_CJK}]")
_WORD: Final = re.compile(r"[^\W_]+")
_WORD_OR_CHARACTER: Final = re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+")

_BLANKS: Final = bytes(code if chr(code).isalnum() else ord(" ") for code in range(128)).ljust(256)


class Cut:
    """A text cut into words, in its own letters."""

    __slots__ = ("_gaps", "_letters", "_pieces", "_plain", "text", "words")

    def __init__(self, text: str) -> None:
        plain = as_ascii(text)
        self._plain = None if plain is None else plain.encode().translate(_BLANKS).decode()
        self.text = text
        # Before each word: the characters that stand in words, and those that stand between them.
        self._letters: list[int] = []
        self._gaps: list[int] = []
        # Split at single blanks, the pieces and what parts them add up to the text.
        self._pieces = None if self._plain is None else self._plain.split(" ")
        self.words = _pattern(text).findall(text) if self._pieces is None else list(filter(None, self._pieces))

    def count_before(self, end: int) -> int:
        """Count the words that begin before a place, in code points."""
        # Cutting it again is quicker than finding where each word of the text stands.
        return len(words_of(self.text[:end]) if self._plain is None else self._plain[:end].split())

    def start(self, word: int) -> int:
        """Return where a word starts, in code points; the places of all are found when the first is asked for."""
        if not self._gaps:
            self._find_places()
        return self._letters[word] + self._gaps[word]

    def _find_places(self) -> None:
        self._letters = list(accumulate(map(len, self.words), initial=0))
        if self._pieces is None:
            starts = [found.start() for found in _pattern(self.text).finditer(self.text)]
            self._gaps = list(map(sub, starts, self._letters))
        else:
            # One blank stands between two pieces: the place of a piece among them is the number of blanks before it.
            self._gaps = list(compress(range(len(self._pieces)), self._pieces))


def words_of(text: str) -> list[str]:
    """Return the words of a text, in its own letters."""
    return Cut(text).words


def _pattern(text: str) -> re.Pattern[str]:
    return _WORD_OR_CHARACTER if _HAS_CJK.search(text) else _WORD
