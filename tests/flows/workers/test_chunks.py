"""How entries are shared out among calls of a worker."""

import pytest
from msgspec.structs import replace

from flows.workers.chunks import CLEAN_CHARACTERS, CLEAN_ENTRIES, in_chunks
from models.stages import Entry

BLANK = Entry(position=0, guid=None, url=None, url_key=None, title_html="", html="", base_url="")


@pytest.mark.parametrize(
    ("sizes", "chunks"),
    [
        ([], []),
        ([0], [1]),
        ([0] * (CLEAN_ENTRIES + 1), [CLEAN_ENTRIES, 1]),
        ([CLEAN_CHARACTERS + 1, 1], [1, 1]),
        ([1, CLEAN_CHARACTERS - 1, 1], [2, 1]),
    ],
    ids=["none", "one without a text", "one more than a call holds", "one that fills a call", "up to the limit"],
)
def test_chunks(sizes: list[int], chunks: list[int]) -> None:
    """A call holds no more entries and no more HTML than it may, and at least one entry."""
    entries = [replace(BLANK, html="x" * size) for size in sizes]
    assert [len(chunk) for chunk in in_chunks(entries)] == chunks
