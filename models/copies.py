"""Copies of one text, as values: what a story is known by among others, and how much of an original a copy kept."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyMarks:
    """What a story is known by among others."""

    bands: tuple[int, ...]  # of its MinHash, signed numbers of 64 bits; none where it is too short
    agency: str | None  # that its credit line names


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """How a copy stands to its original."""

    jaccard: float  # of their shingles: 0 to 1
    kept: float  # shares of the original's words that stand there as they were, changed, or not at all: 1 together
    changed: float
    cut: float
    added: float  # share of the copy's words that are its own
