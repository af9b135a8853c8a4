"""Find copies of one text: what a story is known by, and how much of an original a copy kept."""

from collections.abc import Sequence

from flows.steps._changes.credits import agency_of
from flows.steps._changes.shingles import bands_of, likeness_of, minhash_of, sketch_of
from models.copies import CopyMarks

__all__ = ["copy_marks", "likeness_of"]


def copy_marks(text: str, authors: Sequence[str]) -> CopyMarks:
    """Return what a story is known by among others."""
    minhash = minhash_of(text)
    return CopyMarks(bands=bands_of(minhash), agency=agency_of(text, authors), sketch=sketch_of(minhash))
