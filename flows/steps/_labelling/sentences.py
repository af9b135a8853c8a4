"""Cut a text into sentences and find those that hold most of what spoke for a label."""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from itertools import islice
from typing import Final

MOST_LENGTH: Final = 500  # characters; what is longer is a list or a text without stops, and no sentence to be shown

# An initial and a title end no sentence, and neither does a point within a number.
_WESTERN: Final = r"""
    (?<!\b[A-Z]\.) (?<!\bM[rs]\.) (?<!\bDr\.) (?<!\bSt\.) (?<!\bMrs\.) (?<!\bProf\.) ['"’”»)\]]* \s+
"""
_EASTERN: Final = "[”」』]*"
# One pattern a character, and no class of them: the search skips to a character that is known several times as quickly,
# and one that a text does not hold costs nothing.
_ENDS: Final = tuple(
    (character, re.compile(re.escape(character) + behind, re.VERBOSE))
    for characters, behind in ((".!?…", _WESTERN), ("。！？", _EASTERN), ("\n", r"\s*"))
    for character in characters
)

Span = tuple[int, int]


class Sentences:
    """The sentences of a text, in order; all of it stands in them but blanks."""

    def __init__(self, text: str) -> None:
        self._text = text
        ends = {end.end() for character, pattern in _ENDS if character in text for end in pattern.finditer(text)}
        self._bounds = sorted({0, len(text), *ends})

    def all(self) -> list[Span]:
        """Return where they begin and end, in code points."""
        spans = map(self._span, range(len(self._bounds) - 1))
        return [(start, end) for start, end in spans if start < end]

    def strongest(self, marks: Iterable[tuple[int, float]], count: int) -> list[Span]:
        """Return those with the greatest sums of `marks` (the place of a word and its weight); the first among equals.

        One that is longer than MOST_LENGTH is left out.
        """
        bounds, sums = self._bounds, defaultdict[int, float](float)
        for place, weight in marks:
            sums[bisect_right(bounds, place) - 1] += weight
        ranked = map(self._span, sorted(sums, key=lambda at: (-sums[at], at)))
        return list(islice((span for span in ranked if span[1] - span[0] <= MOST_LENGTH), count))

    def _span(self, at: int) -> Span:
        piece = self._text[self._bounds[at] : self._bounds[at + 1]]
        end = self._bounds[at] + len(piece.rstrip())
        return end - len(piece.strip()), end
