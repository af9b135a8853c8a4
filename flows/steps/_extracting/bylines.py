"""Make names of bylines: one name each, no addresses, no "by", no role."""

import re
from collections.abc import Iterable, Sequence

from flows.steps._cleaning.characters import mended

# "et" and "y" join names only before another name; in other languages they may be one.
_SPLIT = re.compile(r"\s*[;,|&]\s*|\s+(?:and|und|(?:et|y)(?=\s+[A-ZÀ-Þ]))\s+")
_LEAD = re.compile(
    r"(?:(?:reported|story|text|words|written) )?(?:av|by|di|door|par|por|von)[:\s]\s*|autor(?:in)?:?\s+", re.IGNORECASE
)
_ASIDE = re.compile(r"\s*\([^()]*\)?")
_NO_NAME = re.compile(r"https?:|www\.|@|\d{3}|[<>{}=]|\.(?:com|net|org)\b", re.IGNORECASE)
_MARKS = " \t\n.,:;-–—|*·•\"'“”„«»()[]"
_PLACEHOLDERS = frozenset(
    {"admin", "administrator", "author", "editor", "guest", "none", "null", "unknown", "webmaster"}
)
_LONGEST_NAME = 80


def author_list(*sources: Iterable[str], sites: Sequence[str]) -> tuple[str, ...]:
    """Return the people of the first source that names any; where none does, what the first source names: a site."""
    own = {site.casefold() for site in sites}
    named = [tuple(dict.fromkeys(name for line in source for name in _names(line))) for source in sources]
    people = [tuple(name for name in names if name.casefold() not in own) for names in named]
    return next(filter(None, [*people, *named]), ())


def _names(line: str) -> list[str]:
    line = " ".join(mended(line).split())
    line = _ASIDE.sub("", line[lead.end() :] if (lead := _LEAD.match(line)) else line)
    parts = (part.strip(_MARKS) for part in _SPLIT.split(line))
    return [part for part in parts if part and _is_name(part)]


def _is_name(part: str) -> bool:
    return len(part) <= _LONGEST_NAME and not _NO_NAME.search(part) and part.casefold() not in _PLACEHOLDERS
