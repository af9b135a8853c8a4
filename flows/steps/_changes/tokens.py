"""Cut a text into sentences, and a sentence into words, numbers and signs."""

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

# A point that ends no sentence: within a number, behind an initial, a title or an abbreviation.
_NO_END: Final = re.compile(
    r"(?:\b(?:[A-ZÄÖÜ]|M[rs]|Mrs|Dr|St|Prof|Gov|Sen|Rep|Gen|No|vs|approx|ca|bzw|Nr|Mio|Mrd|Sr|Sra|art|U\.S|z\.B|d\.h))\.$"
)
# What every end begins with stands in front: it takes a third of trying each end at each character.
_END: Final = re.compile("[.!?…。！？\n](?:(?<=[.!?…])[\"'”’»)\\]]*\\s+|(?<=[。！？])[”」』]*|(?<=\n)\n*)")
# Scripts without spaces give a character at a time: ideographs, kana, Thai, Lao, Khmer, Burmese.
UNSPACED: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u30ff\u31f0-\u9fff\uf900-\ufaff\uff66-\uff9f"
)
_TOKEN: Final = re.compile(
    rf"(?P<number>\d+(?:[.,'’\u00a0\u202f]\d+)*)|[{UNSPACED}]"
    rf"|[^\W\d_{UNSPACED}]+(?:['’‑-][^\W\d_{UNSPACED}]+)*|[%‰°$€£¥₹\"“”„«»「」『』]"
)


class Token(Struct, frozen=True):
    """A word, a number or a sign of a sentence."""

    text: str
    start: int
    is_number: bool

    @property
    def key(self) -> str:
        """Return what makes two tokens equal, whatever the shape of quotes and apostrophes."""
        return _SAME.get(self.text, self.text.replace("’", "'").replace("‑", "-"))


_SAME: Final = dict.fromkeys("“”„«»", '"')


def sentences(text: str, most: int) -> list[str]:
    """Return the sentences of a text, at most so many."""
    return [sentence for _, sentence in zip(range(most), _sentences(text), strict=False)]


def _sentences(text: str) -> Iterator[str]:
    start = 0
    for end in _END.finditer(text):
        piece = text[start : end.end()]
        if end[0].startswith(".") and _NO_END.search(piece[-16:].rstrip()):
            continue
        if piece.strip():
            yield piece.strip()
        start = end.end()
    if text[start:].strip():
        yield text[start:].strip()


def tokens(sentence: str, most: int) -> list[Token]:
    """Return the tokens of a sentence, at most so many."""
    found = zip(range(most), _TOKEN.finditer(sentence), strict=False)
    return [Token(one[0], one.start(), one["number"] is not None) for _, one in found]
