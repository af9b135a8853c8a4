"""Five words in a row, the MinHash over all of them, and what two texts share. In scripts without spaces, signs."""

import re
import struct
from collections.abc import Sequence
from hashlib import blake2b
from itertools import chain, islice
from typing import Final

from rensa import RMinHash

from flows.steps._changes.tokens import UNSPACED, sentences
from flows.steps._plain import latin_words
from models.copies import LEAST_ALIKE, Likeness

_WORDS: Final = 5
_VALUES: Final = 128
_BANDS: Final = 32
_SEED: Final = 42
_LEAST: Final = 20  # shingles: shorter texts are teasers and stock phrases
_MOST_WORDS: Final = 4_000
_SENTENCES: Final = 600
_FEW: Final = 4  # sentences
_HALF: Final = 0.34  # of a sentence's runs of three words, that it was changed and not cut
_LONGEST: Final = 40_000  # characters
_IS_UNSPACED: Final = re.compile(f"[{UNSPACED}]")
_SPACED: Final = re.compile(r"[^\W_]+")
_WORD: Final = re.compile(rf"[{UNSPACED}]|[^\W_{UNSPACED}]+")
_VALUE: Final = 4  # bytes
_BAND: Final = _VALUES // _BANDS * _VALUE  # bytes
_KEPT: Final = 4  # bytes of a band's digest of eight, which older archives had whole
# One for each band, copied for each use: to make one takes longer than to have it read sixteen bytes.
_DIGESTS: Final = tuple(blake2b(digest_size=8, salt=bytes((at,))) for at in range(_BANDS))


def minhash_of(text: str) -> bytes:
    """Return the MinHash of a text, values of four bytes; nothing where it is too short to tell copies by."""
    found = _in_a_row(_words(text), _WORDS)
    if len(found) < _LEAST:
        return b""
    made = RMinHash(num_perm=_VALUES, seed=_SEED)
    made.update(found)
    return struct.pack(f"<{_VALUES}I", *made.digest())


def bands_of(minhash: bytes) -> bytes:
    """Return the bands of a MinHash, numbers of 32 bits."""
    return b"".join([_band(at, minhash[at * _BAND : (at + 1) * _BAND]) for at in range(len(minhash) // _BAND)])


def _band(at: int, values: bytes) -> bytes:
    digest = _DIGESTS[at].copy()
    digest.update(values)
    return digest.digest()[-_KEPT:]


def sketch_of(minhash: bytes) -> bytes:
    """Return the last byte of each value, little-endian: where these differ, the values do."""
    return minhash[::_VALUE]


def likeness_of(original: str, copy: str, least: float = LEAST_ALIKE) -> Likeness | None:
    """Compare two texts: exactly, by all of their shingles; and sentence by sentence, what became of the original's.

    None where they are less alike than `least`.
    """
    if original == copy:
        return Likeness(jaccard=1.0, kept=1.0, changed=0.0, cut=0.0, added=0.0)
    one, other = _Read(original), _Read(copy)
    jaccard = _jaccard(one, other, least)
    if jaccard < least:
        return None
    kept, changed, cut = _shares(one, other)
    _, _, added = _shares(other, one)
    return Likeness(jaccard=jaccard, kept=kept, changed=changed, cut=cut, added=added)


def _jaccard(one: "_Read", other: "_Read", least: float) -> float:
    """Return how alike two texts are; of those too unlike in size to be that much alike, nothing."""
    mine, its = set(_in_a_row(one.words, _WORDS)), set(_in_a_row(other.words, _WORDS))
    if min(len(mine), len(its)) < least * max(len(mine), len(its)):
        return 0.0
    shared = len(mine & its)
    return shared / (len(mine) + len(its) - shared) if shared else 0.0


class _Read:
    """A text as it is compared: its words, and those of each sentence."""

    def __init__(self, text: str) -> None:
        self.sentences = _words_of(sentences(text[:_LONGEST], _SENTENCES))
        self.words = list(islice(chain.from_iterable(self.sentences), _MOST_WORDS))


def _shares(text: _Read, other: _Read) -> tuple[float, float, float]:
    """Return the shares of a text's words that the other has in the same sentence, in a like one, and not at all."""
    there = set(map(" ".join, other.sentences))
    apart = [words for words in text.sentences if " ".join(words) not in there]
    words, missing = (sum(map(len, found)) for found in (text.sentences, apart))
    changed = sum(map(len, _like(apart, other.words))) if apart else 0
    total = words or 1
    return (words - missing) / total, changed / total, (missing - changed) / total


def _like(found: Sequence[list[str]], words: Sequence[str]) -> list[list[str]]:
    """Return those sentences whose runs of three words stand among other words, for a third of them or more."""
    runs = [[f" {run} " for run in _in_a_row(sentence, 3)] for sentence in found]
    # A few are looked for in the text itself.
    there: str | set[str] = f" {' '.join(words)} "
    if len(found) > _FEW:
        there = {f" {run} " for run in _in_a_row(words, 3)}
    return [
        one
        for one, own in zip(found, runs, strict=True)
        if own and sum(run in there for run in own) >= _HALF * len(own)
    ]


def _words_of(found: Sequence[str]) -> list[list[str]]:
    """Return the words of each sentence."""
    lines = latin_words("\n".join(sentence.replace("\n", " ") for sentence in found)) if found else None
    if lines is None:
        return [_words(sentence) for sentence in found]
    return [line.split()[:_MOST_WORDS] for line in lines.split("\n")]


def _words(text: str) -> list[str]:
    latin = latin_words(text[:_LONGEST])
    if latin is not None:
        return latin.split()[:_MOST_WORDS]
    lower = text[:_LONGEST].casefold()
    return (_SPACED if _IS_UNSPACED.search(lower) is None else _WORD).findall(lower)[:_MOST_WORDS]


def _in_a_row(words: Sequence[str], count: int) -> list[str]:
    """Return so many words in a row, from each word on: as texts, of which the collector of garbage keeps no list."""
    return list(map(" ".join, zip(*(words[start:] for start in range(count)), strict=False)))
