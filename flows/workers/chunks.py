"""How entries are shared out among calls of a worker: so many as it can clean and label well within its time."""

from collections.abc import Sequence
from typing import Final

from models.stages import Entry

CLEAN_ENTRIES: Final = 50  # the most entries, and
CLEAN_CHARACTERS: Final = 2_000_000  # the most HTML of one call


def in_chunks(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Share entries out among calls, in their order."""
    chunks: list[list[Entry]] = []
    size = 0
    for entry in entries:
        is_full = size + len(entry.html) > CLEAN_CHARACTERS
        if not chunks or is_full or len(chunks[-1]) == CLEAN_ENTRIES:
            chunks.append([])
            size = 0
        chunks[-1].append(entry)
        size += len(entry.html)
    return chunks
