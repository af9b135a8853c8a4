"""The place in a text that answers a query, and which of its words did."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from models.search.analysis import Word, words
from models.search.query import QueryTerm, parse_query

_BEFORE: Final = 60  # characters before the first word that was asked for
_LENGTH: Final = 220
_MOST: Final = 100_000  # characters that are looked through


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of a text on one line, with the places in it of the words that were asked for."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()  # code points of the snippet's text


def snippet(text: str, query: str) -> Snippet:
    """Cut the piece of a text that shows a query's first word; the text's beginning where none is in it."""
    terms = [term for group in parse_query(query).groups for term in group]
    places = _places(text[:_MOST], terms)
    first = next(places, None)
    start = _window_start(text, first[0]) if first else 0
    end = _window_end(text, start + _LENGTH)
    marks = [first] if first else []
    for place in places:
        if place[1] > end:
            break
        marks.append(place)
    lead = "…" if start else ""
    piece, places_in_piece = _one_line(text[start:end])
    marked = tuple(
        (len(lead) + places_in_piece[begin - start], len(lead) + places_in_piece[finish - start])
        for begin, finish in marks
    )
    return Snippet(f"{lead}{piece}{'…' if end < len(text) else ''}", marked)


def _one_line(text: str) -> tuple[str, list[int]]:
    """Return a text with each run of white space as one blank, and where in it each of its places went, the end too."""
    kept: list[str] = []
    places: list[int] = []
    for character in text:
        places.append(len(kept))
        if not character.isspace():
            kept.append(character)
        elif kept and kept[-1] != " ":
            kept.append(" ")
    return "".join(kept), [*places, len(kept)]


def _places(text: str, terms: list[QueryTerm]) -> Iterator[tuple[int, int]]:
    exact = {token for term in terms for token in term.tokens}
    beginnings = tuple(term.tokens[-1] for term in terms if term.is_prefix)
    for word in words(text) if terms else ():
        if word.is_unspaced:
            yield from _runs(word, terms)
        elif any(token in exact or token.startswith(beginnings) for token in word.tokens):
            yield word.start, word.end


def _runs(word: Word, terms: list[QueryTerm]) -> Iterator[tuple[int, int]]:
    """Find terms inside a run of a script without spaces, whose tokens are pairs of neighbours."""
    for at in range(len(word.tokens)):
        for term in terms:
            if word.tokens[at : at + len(term.tokens)] == term.tokens:
                yield word.start + at, min(word.start + at + len(term.tokens) + 1, word.end)


def _window_start(text: str, first: int) -> int:
    if first <= _BEFORE:
        return 0
    blank = text.find(" ", first - _BEFORE, first)
    return blank + 1 if blank >= 0 else first - _BEFORE


def _window_end(text: str, end: int) -> int:
    if end >= len(text):
        return len(text)
    blank = text.rfind(" ", end - 30, end)
    return blank if blank >= 0 else end
