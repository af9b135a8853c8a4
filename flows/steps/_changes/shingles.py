"""Five words in a row, the MinHash over all of them, and what two texts share. In scripts without spaces, signs."""

import re
import struct
from collections import Counter
from hashlib import blake2b
from itertools import accumulate
from typing import Final

from rensa import RMinHash

from flows.steps._changes.tokens import UNSPACED, sentences
from models.copies import Likeness

ALGORITHM: Final = f"{RMinHash.ALGORITHM_VERSION}"
_WORDS: Final = 5
_VALUES: Final = 128
_BANDS: Final = 32
_SEED: Final = 42
_LEAST: Final = 20  # shingles: shorter texts are teasers and stock phrases
_MOST_WORDS: Final = 4_000
_SENTENCES: Final = 600
_HALF: Final = 0.34  # of a sentence's runs of three words, that it was changed and not cut
_WORD: Final = re.compile(rf"[{UNSPACED}]|[^\W_{UNSPACED}]+")
_BAND: Final = _VALUES // _BANDS * 4  # bytes


def bands_of(text: str) -> tuple[int, ...]:
    """Return the bands of a text's MinHash; none where it is too short to tell copies by."""
    found = _runs(text, _WORDS)
    if len(found) < _LEAST:
        return ()
    made = RMinHash(num_perm=_VALUES, seed=_SEED)
    made.update(found)
    packed = struct.pack(f"<{_VALUES}I", *made.digest())
    return tuple(
        int.from_bytes(
            blake2b(packed[at * _BAND : (at + 1) * _BAND], digest_size=8, salt=bytes((at,))).digest(),
            "big",
            signed=True,
        )
        for at in range(_BANDS)
    )


def likeness_of(original: str, copy: str) -> Likeness:
    """Compare two texts: exactly, by all of their shingles; and sentence by sentence, what became of the original's."""
    one, other = set(_runs(original, _WORDS)), set(_runs(copy, _WORDS))
    shared, whole = len(one & other), len(one | other)
    kept, changed, cut = _shares(original, copy)
    _, _, added = _shares(copy, original)
    return Likeness(jaccard=shared / whole if whole else 0.0, kept=kept, changed=changed, cut=cut, added=added)


def _shares(text: str, other: str) -> tuple[float, float, float]:
    """Return the shares of a text's words that the other has in the same sentence, in a like one, and not at all."""
    there = {" ".join(_words(sentence)) for sentence in sentences(other, _SENTENCES)}
    runs = set(_runs(other, 3))
    counts = Counter[str]()
    for sentence in sentences(text, _SENTENCES):
        words = _words(sentence)
        own = _runs(sentence, 3) or [" ".join(words)]
        if " ".join(words) in there:
            counts["kept"] += len(words)
        elif sum(run in runs for run in own) >= _HALF * len(own):
            counts["changed"] += len(words)
        else:
            counts["cut"] += len(words)
    total = counts.total() or 1
    return counts["kept"] / total, counts["changed"] / total, counts["cut"] / total


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())[:_MOST_WORDS]


def _runs(text: str, count: int) -> list[str]:
    """Return so many words in a row, from each word on: slices of one string, several times as quick as joining."""
    words = _words(text)
    if len(words) < count:
        return []
    joined = " ".join(words)
    starts = [0, *accumulate(len(word) + 1 for word in words)]
    return [joined[start : end - 1] for start, end in zip(starts, starts[count:], strict=False)]
