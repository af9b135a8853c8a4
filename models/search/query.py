"""A person's query, understood: every text is one, and none can hurt the database."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from models.search.analysis import Word, words

# An optional minus, then words in quotes (the last quote may be missing), or anything up to the next white space.
_PART: Final = re.compile(r'(?P<minus>-?)(?:"(?P<quoted>[^"]*)"?|(?P<plain>[^\s"]+))')
_MOST_TERMS: Final = 50  # beyond it, no query is a person's; the rest is left out


@dataclass(frozen=True, slots=True)
class QueryTerm:
    """Tokens that must follow each other; the last may be the beginning of a word."""

    tokens: tuple[str, ...]
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """All the groups must be met, each by any of its terms; none of the excluded may be there."""

    groups: tuple[tuple[QueryTerm, ...], ...]
    excluded: tuple[QueryTerm, ...]


def parse_query(text: str) -> Query:
    """Read a query: all words by default, "words in a row", prefix*, -without, this OR that (OR binds closer)."""
    groups: list[tuple[QueryTerm, ...]] = []
    excluded: list[QueryTerm] = []
    is_alternative = False
    for part in _parts(text):
        if part is None:
            is_alternative = bool(groups)
            continue
        term, is_excluded = part
        if is_excluded:
            excluded.append(term)
        elif is_alternative:
            groups[-1] = (*groups[-1], term)
        else:
            groups.append((term,))
        is_alternative = False
    return Query(tuple(groups), tuple(excluded))


def _parts(text: str) -> Iterator[tuple[QueryTerm, bool] | None]:
    """Give the terms, each with whether it is excluded; None stands for an OR."""
    for count, match in enumerate(_PART.finditer(text)):
        if count == _MOST_TERMS:
            return
        if match.group() == "AND":  # what a query means anyway
            continue
        if match.group() == "OR":
            yield None
            continue
        quoted = match["quoted"]
        term = _plain_term(match["plain"]) if quoted is None else _term(list(words(quoted)))
        if term.tokens:
            yield term, bool(match["minus"])


def _plain_term(text: str) -> QueryTerm:
    """Take what stands between white space as one term: net-zero is two words in a row."""
    return _term(list(words(text)), is_prefix=text.endswith("*"))


def _term(found: list[Word], *, is_prefix: bool = False) -> QueryTerm:
    """Put words together. A run of an unspaced script ends anywhere inside a longer one, so its last pair is enough."""
    tokens = [token for word in found for token in word.tokens]
    if not found or not found[-1].is_unspaced:
        return QueryTerm(tuple(tokens), is_prefix)
    if len(found[-1].tokens) == 1:  # one character: it begins a pair, or stands last
        return QueryTerm(tuple(tokens), is_prefix=True)
    return QueryTerm(tuple(tokens[:-1]))
