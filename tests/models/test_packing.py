"""What stands beside a text comes back as it was, and takes little room where it says the same words."""

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from models.storage.packing import TextPacker

STORY = "The sea rose by 1.5 mm at Ada. Nobody had measured it before.\n\nIt will rise on."
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


@given(TEXTS, TEXTS, TEXTS)
def test_what_is_packed_comes_back(text: str, html: str, entry: str) -> None:
    """Whatever the texts are; nothing is packed as nothing."""
    packed = TextPacker(text).pack(html.encode(), entry.encode())
    assert [TextPacker(text).unpack(one).decode() for one in packed] == [html, entry]
    assert TextPacker(text).pack(b"") == [b""]


def test_the_same_words_take_little_room() -> None:
    """Markup alone is kept."""
    html = f"<p>{STORY.replace(chr(10) * 2, '</p><p>')}</p>".encode()
    [packed] = TextPacker(STORY).pack(html)
    assert len(packed) < len(html) / 2


def test_what_was_packed_without_a_text_unpacks_beside_any() -> None:
    """As older archives have it."""
    assert TextPacker(STORY).unpack(zstandard.compress(b"an entry")) == b"an entry"


def test_another_text_is_no_key() -> None:
    """It is refused, and never read as something else."""
    [packed] = TextPacker(STORY).pack(STORY.encode())
    with pytest.raises(zstandard.ZstdError):
        TextPacker(STORY.replace("sea", "lake")).unpack(packed)
