"""Copies of one text, as values: what a story is known by among others, and how much of an original a copy kept."""

from operator import eq
from typing import Final, Self

from msgspec import Struct

LEAST_ALIKE: Final = 0.6  # Jaccard of a copy

# Of 128 values of two texts as many are equal as of their shingles, give or take four in a hundred: of a pair that is
# LEAST_ALIKE fewer than these are in one of two hundred and thirty million. Of others one in 256 looks it by its byte.
_LEAST_EQUAL: Final = 45


class CopyMarks(Struct, frozen=True):
    """What a story is known by among others."""

    bands: bytes  # of its MinHash, as story_copies keeps them; none where it is too short
    agency: str | None  # that its credit line names
    sketch: bytes = b""  # the last byte of each of its 128 values, which nobody keeps beyond a run


class MarkedText(Struct, frozen=True):
    """What the marks of a story are made of: equal ones have equal marks."""

    text_hash: int  # of 64 bits, and good within this process
    authors: tuple[str, ...]

    @classmethod
    def of(cls, text: str, authors: tuple[str, ...]) -> Self:
        """Return it without the text itself, which a run would have to hold.

        By no digest of hashlib: it lets other threads run meanwhile, for which the event loop would wait.
        """
        return cls(hash(text), authors)


def may_be_alike(one: bytes, other: bytes) -> bool:
    """Tell by their sketches whether two texts may be LEAST_ALIKE: most that share a band by chance are far from it."""
    equal: int = sum(map(eq, one, other))
    return equal >= _LEAST_EQUAL


class Likeness(Struct, frozen=True, kw_only=True):
    """How a copy stands to its original."""

    jaccard: float  # of their shingles: 0 to 1
    kept: float  # shares of the original's words that stand there as they were, changed, or not at all: 1 together
    changed: float
    cut: float
    added: float  # share of the copy's words that are its own
