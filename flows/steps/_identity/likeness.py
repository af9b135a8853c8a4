"""When two texts are one article in two states: equal titles, or half of the shorter's word sequences in the longer."""

import hashlib
import re
import unicodedata
from functools import lru_cache
from typing import Final

from flows.steps._plain import plain_words

SHINGLE_WORDS: Final = 5
LIKE_SHARE: Final = 0.5

# A script without spaces has no words to split at: each character is one, also right after a number or a Latin word.
_UNSPACED: Final = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_WORD: Final = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")


def words(text: str) -> list[str]:
    """Split a text into comparable words."""
    plain = plain_words(text)
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold()) if plain is None else plain


def normal_title(title: str) -> str:
    """Reduce a title to what two spellings of it share; empty if it has no word."""
    return " ".join(words(title))


def sequences(text: str, length: int) -> frozenset[tuple[str, ...]]:
    """Return the runs of so many words of a text; none if it is shorter."""
    found = words(text)
    return frozenset(zip(*(found[start:] for start in range(length)), strict=False))


@lru_cache(maxsize=1_000)  # a document is decided twice, and each text is compared by several names
def mark(text: str) -> str:
    """Return 16 hex digits that two spellings of a text share; empty if it has no word."""
    normal = normal_title(text)
    return hashlib.sha256(normal.encode()).hexdigest()[:16] if normal else ""


def are_titles_alike(one: str, other: str) -> bool:
    """Tell whether half of the longer title's words stand in the other."""
    first, second = set(words(one)), set(words(other))
    return bool(first) and len(first & second) >= LIKE_SHARE * max(len(first), len(second))


def are_titles_equal(one: str, other: str) -> bool:
    """Tell whether two titles say the same; two empty ones say nothing."""
    normal = normal_title(one)
    return bool(normal) and normal == normal_title(other)


def are_texts_alike(one: str, other: str) -> bool:
    """Tell whether half of the shorter text's shingles lie in the longer."""
    few, many = sorted((sequences(one, SHINGLE_WORDS), sequences(other, SHINGLE_WORDS)), key=len)
    return bool(few) and len(few & many) >= LIKE_SHARE * len(few)
