"""The place in a text that answers a query, and which of its words did."""

from collections import deque
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from msgspec import Struct

from models.search.analysis import is_run, matches, tokens_of
from models.search.query import parse_query
from models.search.stems import stem_language, stem_token

_BEFORE: Final = 60  # characters before the first word that was asked for
_LENGTH: Final = 220
_MOST: Final = 100_000  # characters that are looked through
_MOST_REMEMBERED: Final = 50_000  # words

_Row = tuple[str, ...]
_Span = tuple[int, int]


class Snippet(Struct, frozen=True):
    """A piece of a text on one line, with the places in it of the words that were asked for."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()  # code points of the snippet's text


class _Token(NamedTuple):
    """What a word is indexed as, or a part of it, and where in it that stands."""

    token: str
    stem: str | None
    start: int
    end: int


class _Heard(NamedTuple):
    """What is known of a word: how many tokens it has, and all of them where a query asks for any."""

    many: int
    tokens: tuple[_Token, ...] = ()


class _Place(NamedTuple):
    """A token of a text that a query asks for."""

    number: int  # of all tokens of the text
    token: _Token
    start: int  # of its word


def snippet(text: str, query: str, language: str | None = None) -> Snippet:
    """Cut the piece of a text that shows a query's first word; the text's beginning where none is in it."""
    marks = _merged(_asked(query, stem_language(language)).places(text, _LENGTH))
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
    return _merged(_asked(query, stem_language(language)).places(text))


@lru_cache(maxsize=32)  # a list of results asks the same of every text
def _asked(query: str, language: str | None) -> "_Asked":
    return _Asked(query, language)


class _Asked:
    """The rows of tokens that a query asks for, by their last ones. Words of texts are looked at once."""

    def __init__(self, query: str, language: str | None) -> None:
        terms = [term for group in parse_query(query).groups for term in group]
        self._rows: dict[str, list[_Row]] = {}  # by the last token, or the stem in its place
        self._beginnings: dict[str, list[_Row]] = {}  # by the beginning of the last token
        for term in terms:
            for row in term.rows:
                self._rows.setdefault(row[-1], []).append(row)
                if term.is_prefix:
                    self._beginnings.setdefault(row[-1], []).append(row)
        rows = [row for term in terms for row in term.rows]
        self._longest = max(map(len, rows), default=0)
        self._tokens = frozenset(token for row in rows for token in row)
        self._starts = tuple(self._beginnings)
        has_stems = language is not None and any(token.endswith(f".{language}") for token in self._tokens)
        self._language = language if has_stems else None
        self._heard: dict[str, _Heard] = {}

    def places(self, text: str, most: int | None = None) -> set[_Span]:
        """Return where tokens stand that are asked for; at most so many characters behind the first one all of them."""
        spans: set[_Span] = set()
        if not self._tokens:
            return spans
        recent: deque[_Place] = deque(maxlen=self._longest)
        heard, number, further = self._heard, 0, self._longest
        for match in matches(text[:_MOST]):
            word = heard.get(match[0]) or self._listen(match[0])
            number += word.many
            if word.tokens:
                for at, token in enumerate(word.tokens, start=number - word.many):
                    recent.append(_Place(at, token, match.start()))
                    spans.update(self._ending(recent))
            if spans and most is not None and match.start() > min(spans)[0] + most:
                further -= word.many  # a row that began before may end here
                if further < 0:
                    break
        return spans

    def _ending(self, recent: deque[_Place]) -> Iterator[_Span]:
        """Give the places of the rows that end with the latest token."""
        token, stem, *_ = recent[-1].token
        rows = [*self._rows.get(token, ()), *(self._rows.get(stem, ()) if stem else ())]
        rows += [row for start in self._starts if token.startswith(start) for row in self._beginnings[start]]
        for row in rows:
            part = list(recent)[-len(row) :]
            if len(part) == len(row) and _is_in_a_row(part, row):
                yield from ((place.start + place.token.start, place.start + place.token.end) for place in part)

    def _listen(self, word: str) -> _Heard:
        found = tuple(_tokens(word, self._language))
        is_asked = any(
            token in self._tokens or stem in self._tokens or token.startswith(self._starts) for token, stem, *_ in found
        )
        heard = _Heard(len(found), found if is_asked else ())
        if len(self._heard) >= _MOST_REMEMBERED:
            self._heard.clear()
        self._heard[word] = heard
        return heard


def _tokens(word: str, language: str | None) -> Iterator[_Token]:
    if is_run(word):
        for at, token in enumerate(tokens_of(word)):
            yield _Token(token, None, at, min(at + 2, len(word)))  # it shares a character with the next one
        return
    stem = stem_token(word, language) if language else None
    for token in tokens_of(word):
        yield _Token(token, stem, 0, len(word))


def _is_in_a_row(part: list[_Place], row: _Row) -> bool:
    """Tell whether tokens follow each other and are those of a row; how the last one meets it was looked at before."""
    follows = part[-1].number - part[0].number == len(row) - 1
    return follows and all(place.token.token == wanted for place, wanted in zip(part[:-1], row[:-1], strict=True))


def _merged(places: set[_Span]) -> list[_Span]:
    merged: list[_Span] = []
    for start, end in sorted(places):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _one_line(text: str) -> tuple[str, list[int]]:
    """Return a text with each run of white space as one blank, and where in it each of its places went, the end too."""
    if " ".join(text.split()) == text:
        return text, list(range(len(text) + 1))
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
