"""What the publisher says of a story: its tags, and the sections that its address names."""

from functools import lru_cache
from typing import Final
from urllib.parse import unquote, urlsplit

from flows.steps._labelling.matcher import singular
from flows.steps._labelling.words import words_of

_MOST_SECTIONS: Final = 8


@lru_cache(maxsize=1000)  # a feed has few
def tag_key(tag: str) -> str:
    """Return a tag without what publishers write differently: capitals, hyphens, the plural."""
    return " ".join(singular(word.lower()) for word in words_of(tag[:200]))


def sections_of(url: str) -> list[str]:
    """Return the parts of an address that stand before the story's own: "environment" of /environment/2026/a-story."""
    try:
        path = urlsplit(url).path
    except ValueError:  # an address that is none has no section
        return []
    return [unquote(part) for part in path.split("/")[1:-1] if part and not part.isdigit()][:_MOST_SECTIONS]
