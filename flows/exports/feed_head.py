"""What a feed says of itself: each query is a feed of its own, so that no reader of feeds takes two of them for one."""

import hashlib
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlencode

from msgspec import Struct

_ALL: Final = "urn:climate-archive:stories"
_TITLE: Final = "Climate news archive"
_WORDS: Final = "q"  # the name of a query's words


class FeedHead(Struct, frozen=True, kw_only=True):
    """The head of a feed."""

    id: str = _ALL  # the same for the same query, in whatever order it was written
    title: str = _TITLE
    author: str = _TITLE
    url: str | None = None  # where it is read; None of a file


def feed_head(asked: Iterable[tuple[str, object]], url: str | None = None) -> FeedHead:
    """Return the head of a feed for a query, given as names and values as an address has them; a flag's value is 1."""
    pairs = sorted({(name, str(value)) for name, value in asked}, key=lambda pair: (pair[0] != _WORDS, *pair))
    if not pairs:
        return FeedHead(url=url)
    digest = hashlib.sha256(urlencode(pairs).encode()).hexdigest()[:16]
    return FeedHead(id=f"{_ALL}:{digest}", title=f"{_TITLE}: {', '.join(map(_said, pairs))}", url=url)


def watch_head(name: str) -> FeedHead:
    """Return the head of the feed of a saved search, which it keeps when its rules change."""
    return FeedHead(id=f"urn:climate-archive:watch:{name}", title=f"{_TITLE}: {name}")


def _said(pair: tuple[str, str]) -> str:
    name, value = pair
    if name == _WORDS:
        return f"“{value}”"
    return name if value == "1" else f"{name} {value}"
