"""Numbers as sentences say them."""

import pytest

from models.wording import counted


@pytest.mark.parametrize(
    ("count", "things", "said"),
    [(0, None, "0 feeds"), (1, None, "1 feed"), (2, None, "2 feeds"), (1, "feet", "1 feed"), (3, "feet", "3 feet")],
)
def test_one_thing_is_one(count: int, things: str | None, said: str) -> None:
    """One thing is named as one; others by their plural, which has an s unless another is given."""
    assert counted(count, "feed", things) == said
