"""What would be found where a search found nothing."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from models.queries.filters import StoryFilter
from models.queries.searching.search import SearchRequest, count_found
from models.search.query import QueryTerm, parse_query

_MOST: Final = 4  # suggestions
_MOST_ASKED: Final = 24  # searches made for them
_SHORTEST_BEGINNING: Final = 4  # letters
_OR: Final = " OR "


class Suggestion(Struct, frozen=True, kw_only=True):
    """Another search, and how many stories it finds."""

    query: str | None
    is_widened: bool = False  # without what the list was narrowed to
    include_off_topic: bool = False
    word: int | None = None  # which word became shorter: of those that find something the longest is enough
    count: int = 0


def suggest(connection: Connection, wanted: SearchRequest) -> list[Suggestion]:
    """Return searches near the one that found nothing, each of which finds something; the nearest first."""
    found: list[Suggestion] = []
    for one in islice(_candidates(wanted), _MOST_ASKED):
        if len(found) == _MOST:
            break
        if one.word is None or one.word not in {other.word for other in found}:
            asked = _asked(connection, wanted, one)
            found += [asked] if asked.count else []
    return found


def _asked(connection: Connection, wanted: SearchRequest, one: Suggestion) -> Suggestion:
    narrowed = StoryFilter() if one.is_widened else wanted.filter
    narrowed = replace(narrowed, include_off_topic=one.include_off_topic or wanted.filter.include_off_topic)
    return replace(one, count=count_found(connection, replace(wanted, query=one.query, filter=narrowed)))


def _candidates(wanted: SearchRequest) -> Iterator[Suggestion]:
    if wanted.query is not None:
        yield from _other_queries(wanted.query)
    if replace(wanted.filter, include_off_topic=False) != StoryFilter():
        yield Suggestion(query=wanted.query, is_widened=True)
    if not (wanted.filter.include_off_topic or wanted.filter.near_misses):
        yield Suggestion(query=wanted.query, include_off_topic=True)


def _other_queries(text: str) -> Iterator[Suggestion]:
    """Give other queries: words anywhere, without the exclusions, one word less, beginnings of words, any word."""
    parsed = parse_query(text)
    groups = [_OR.join(term.written for term in group) for group in parsed.groups]
    excluded = [f"-{term.written}" for term in parsed.excluded]
    said = " ".join((*groups, *excluded))
    if '"' in said:
        yield Suggestion(query=said.replace('"', ""))
    if groups and excluded:
        yield Suggestion(query=" ".join(groups))
    if len(groups) > 1:
        for at in range(len(groups)):
            yield Suggestion(query=" ".join((*groups[:at], *groups[at + 1 :], *excluded)))
    for at, group in enumerate(parsed.groups):
        for beginning in _beginnings(group):
            yield Suggestion(query=" ".join((*groups[:at], beginning, *groups[at + 1 :], *excluded)), word=at)
    if len(groups) > 2:  # of two, each was asked for alone
        yield Suggestion(query=" ".join((_OR.join(groups), *excluded)))


def _beginnings(group: tuple[QueryTerm, ...]) -> Iterator[str]:
    """Give the beginnings of a word, the longest first: a letter behind them may be wrong."""
    if len(group) == 1 and group[0].written.isalpha():
        word = group[0].written
        yield from (f"{word[:length]}*" for length in range(len(word) - 1, _SHORTEST_BEGINNING - 1, -1))
