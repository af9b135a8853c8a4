"""Five words in a row, the MinHash over all of them, and what two texts share. In scripts without spaces, signs."""

import re
import struct
from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

from rensa import RMinHash

from flows.steps._changes.tokens import UNSPACED, sentences
from flows.steps._plain import plain_words
from models.copies import LEAST_ALIKE, Likeness

ALGORITHM: Final = f"{RMinHash.ALGORITHM_VERSION}"
_WORDS: Final = 5
_VALUES: Final = 128
_BANDS: Final = 32
_SEED: Final = 42
_LEAST: Final = 20  # shingles: shorter texts are teasers and stock phrases
_MOST_WORDS: Final = 4_000
_SENTENCES: Final = 600
_HALF: Final = 0.34  # of a sentence's runs of three words, that it was changed and not cut
_LONGEST: Final = 40_000  # characters
_IS_UNSPACED: Final = re.compile(f"[{UNSPACED}]")
_SPACED: Final = re.compile(r"[^\W_]+")
_WORD: Final = re.compile(rf"[{UNSPACED}]|[^\W_{UNSPACED}]+")
_BAND: Final = _VALUES // _BANDS * 4  # bytes
_SALTS: Final = tuple(bytes((at,)) for at in range(_BANDS))


def sketch_of(text: str) -> bytes:
    """Return the MinHash of a text; nothing where it is too short to tell copies by."""
    found = _in_a_row(_words(text), _WORDS)
    if len(found) < _LEAST:
        return b""
    made = RMinHash(num_perm=_VALUES, seed=_SEED)
    made.update(found)
    return struct.pack(f"<{_VALUES}I", *made.digest())


def bands_of(sketch: bytes) -> bytes:
    """Return the bands of a MinHash, signed numbers of 64 bits."""
    return b"".join(
        blake2b(sketch[at * _BAND : (at + 1) * _BAND], digest_size=8, salt=_SALTS[at]).digest()
        for at in range(len(sketch) // _BAND)
    )


def likeness_of(original: str, copy: str, least: float = LEAST_ALIKE) -> Likeness | None:
    """Compare two texts: exactly, by all of their shingles; and sentence by sentence, what became of the original's.

    None where they are less alike than `least`.
    """
    if original == copy:
        return Likeness(jaccard=1.0, kept=1.0, changed=0.0, cut=0.0, added=0.0)
    one, other = _Read(original), _Read(copy)
    jaccard = _jaccard(one, other)
    if jaccard < least:
        return None
    kept, changed, cut = _shares(one, other)
    _, _, added = _shares(other, one)
    return Likeness(jaccard=jaccard, kept=kept, changed=changed, cut=cut, added=added)


def _jaccard(one: "_Read", other: "_Read") -> float:
    mine, its = set(_in_a_row(one.words, _WORDS)), set(_in_a_row(other.words, _WORDS))
    shared = len(mine & its)
    return shared / (len(mine) + len(its) - shared) if shared else 0.0


class _Read:
    """A text as it is compared: its words, and those of each sentence."""

    def __init__(self, text: str) -> None:
        self.sentences = [_words(sentence) for sentence in sentences(text[:_LONGEST], _SENTENCES)]
        self.words = [word for sentence in self.sentences for word in sentence][:_MOST_WORDS]


def _shares(text: _Read, other: _Read) -> tuple[float, float, float]:
    """Return the shares of a text's words that the other has in the same sentence, in a like one, and not at all."""
    there = {tuple(words) for words in other.sentences}
    runs: set[str] | None = None
    counts = Counter[str]()
    for words in text.sentences:
        if tuple(words) in there:
            counts["kept"] += len(words)
            continue
        runs = set(_in_a_row(other.words, 3)) if runs is None else runs
        own = _in_a_row(words, 3) or [" ".join(words)]
        is_like = sum(run in runs for run in own) >= _HALF * len(own)
        counts["changed" if is_like else "cut"] += len(words)
    total = counts.total() or 1
    return counts["kept"] / total, counts["changed"] / total, counts["cut"] / total


def _words(text: str) -> list[str]:
    plain = plain_words(text[:_LONGEST])
    if plain is not None:
        return plain[:_MOST_WORDS]
    lower = text[:_LONGEST].casefold()
    return (_SPACED if _IS_UNSPACED.search(lower) is None else _WORD).findall(lower)[:_MOST_WORDS]


def _in_a_row(words: Sequence[str], count: int) -> list[str]:
    """Return so many words in a row, from each word on."""
    return list(map(" ".join, zip(*(words[start:] for start in range(count)), strict=False)))
