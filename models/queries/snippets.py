"""The place in a text that answers a query, and which of its words did."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from models.search.analysis import words
from models.search.query import QueryTerm, parse_query
from models.search.stems import stem_language, stem_token

_BEFORE: Final = 60  # characters before the first word that was asked for
_LENGTH: Final = 220
_MOST: Final = 100_000  # characters that are looked through


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of a text on one line, with the places in it of the words that were asked for."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()  # code points of the snippet's text


@dataclass(frozen=True, slots=True)
class _Token:
    """What a text is indexed as at one place."""

    token: str
    start: int
    end: int
    stem: str | None


def snippet(text: str, query: str, language: str | None = None) -> Snippet:
    """Cut the piece of a text that shows a query's first word; the text's beginning where none is in it."""
    marks = found_in(text, query, language)
    start = _window_start(text, marks[0][0]) if marks else 0
    end = _window_end(text, start + _LENGTH)
    lead = "…" if start else ""
    piece, places = _one_line(text[start:end])
    marked = tuple(
        (len(lead) + places[begin - start], len(lead) + places[finish - start])
        for begin, finish in marks
        if finish <= end
    )
    return Snippet(f"{lead}{piece}{'…' if end < len(text) else ''}", marked)


def found_in(text: str, query: str, language: str | None = None) -> list[tuple[int, int]]:
    """Return where the words stand that a query asks for, in any form it finds, in order and without overlap."""
    terms = [term for group in parse_query(query).groups for term in group]
    if not terms:
        return []
    found = list(_tokens(text[:_MOST], stem_language(language)))
    places: defaultdict[str | None, list[int]] = defaultdict(list)
    for at, one in enumerate(found):
        places[one.token].append(at)
        places[one.stem].append(at)
    spans = {(one.start, one.end) for term in terms for one in _spoken(found, places, term)}
    return _merged(sorted(spans))


def _tokens(text: str, language: str | None) -> Iterator[_Token]:
    for word in words(text):
        if word.is_unspaced:
            for at, token in enumerate(word.tokens, start=word.start):
                yield _Token(token, at, min(at + 2, word.end), None)  # it shares a character with the next one
        else:
            stem = stem_token(word.written, language) if language else None
            for token in word.tokens:
                yield _Token(token, word.start, word.end, stem)


def _spoken(found: list[_Token], places: Mapping[str | None, list[int]], term: QueryTerm) -> Iterator[_Token]:
    """Give every token that is part of what a term asks for."""
    for row in term.rows:
        begins = term.is_prefix and len(row) == 1
        for at in range(len(found)) if begins else places.get(row[0], ()):
            part = found[at : at + len(row)]
            if len(part) == len(row) and _is_met(part, row, is_prefix=term.is_prefix):
                yield from part


def _is_met(part: list[_Token], row: tuple[str, ...], *, is_prefix: bool) -> bool:
    """Tell whether tokens are those of a row; the last one may be the beginning of a word."""
    last = row[-1] in (part[-1].token, part[-1].stem) or (is_prefix and part[-1].token.startswith(row[-1]))
    return last and all(wanted == one.token for one, wanted in zip(part[:-1], row[:-1], strict=True))


def _merged(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in places:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


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
