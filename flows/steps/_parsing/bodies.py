"""Which of an item's texts is its body: the one with the most words, however much markup the others carry."""

import re
from collections.abc import Sequence

from flows.steps.text.markup import without_markup

# What a picture's caption says makes no text the fuller one.
_CAPTION = re.compile(r"<figcaption\b[^<>]*>.*?(?:</figcaption\s*>|\Z)", re.DOTALL | re.IGNORECASE)
# What stands in these is no word of the text. Where the end is missing all of it is one: no search begins twice.
_UNREAD = re.compile(r"<(script|style|svg)\b[^<>]*>.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.DOTALL | re.IGNORECASE)
_NEARLY = 0.9  # an earlier candidate is as good with this share of the most letters


def fullest(candidates: Sequence[str]) -> int | None:
    """Return which candidate has the most letters; of those with nearly as many the first. None where none has any."""
    if len(candidates) == 1:
        return 0 if candidates[0].strip() else None
    counts = [letters(candidate) for candidate in candidates]
    most = max(counts, default=0)
    if not most:  # a picture without a word is better than nothing
        return next((index for index, candidate in enumerate(candidates) if candidate.strip()), None)
    return next(index for index, count in enumerate(counts) if count >= _NEARLY * most)


def letters(markup: str) -> int:
    """Count the letters and digits that a reader would see, but for captions."""
    return sum(map(str.isalnum, _seen(_CAPTION.sub(" ", markup))))


def has_letters(markup: str) -> bool:
    """Tell whether a reader would see any."""
    return any(map(str.isalnum, _seen(markup)))


def _seen(markup: str) -> str:
    return without_markup(_UNREAD.sub(" ", markup))
