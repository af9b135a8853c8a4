"""The place of a text that shows why a query found it. Made from the stored text; the index is not asked."""

from typing import Final

from models.search.analysis import Word, words
from models.search.query import Query, Term, parse_query

_CUT: Final = "…"
_LEAD_SHARE: Final = 4  # a quarter of the width stands before the first word found

_Span = tuple[int, int]  # code points of the text: start and end


def snippet(text: str, query: str, width: int, marks: tuple[str, str] = ("**", "**")) -> str:
    """Return about width code points of a text around what the query found, in one line, the words found between marks.

    A text without any of the words (the title held them) is shown from its start.
    """
    spans = matched_spans(text, query)
    start, end = _window(text, spans, width)
    pieces, at = [], start
    for span_start, span_end in spans:
        if start <= span_start and span_end <= end:
            pieces += [text[at:span_start], marks[0], text[span_start:span_end], marks[1]]
            at = span_end
    pieces.append(text[at:end])
    line = " ".join("".join(pieces).split())
    return f"{_CUT if start else ''}{line}{_CUT if end < len(text) else ''}"


def matched_spans(text: str, query: str) -> list[_Span]:
    """Find where a text holds what the query looks for, in order and without overlap."""
    parsed = parse_query(query)
    found = list(words(text))
    tokens = [token for word in found for token in word.tokens]
    places = [_place(word, number) for word in found for number in range(len(word.tokens))]
    spans = {
        (places[at][0], places[at + len(term.tokens) - 1][1])
        for term in _wanted(parsed)
        for at in _beginnings(tokens, term)
    }
    return _merged(sorted(spans))


def _wanted(query: Query) -> list[Term]:
    return [term for group in query.groups for term in group]


def _place(word: Word, number: int) -> _Span:
    """Say where a word's token stands: two characters of a run without spaces, else the whole word."""
    if not word.is_unspaced or word.end - word.start != len(word.tokens):
        return word.start, word.end
    start = word.start + number
    return start, min(start + 2, word.end)


def _beginnings(tokens: list[str], term: Term) -> list[int]:
    """List the indexes at which a term's tokens follow each other."""
    first = term.tokens[0]
    return [at for at, token in enumerate(tokens) if token.startswith(first) and _is_at(tokens, at, term)]


def _is_at(tokens: list[str], at: int, term: Term) -> bool:
    *whole, last = term.tokens
    behind = at + len(whole)
    if behind >= len(tokens) or tokens[at:behind] != whole:
        return False
    return tokens[behind].startswith(last) if term.is_prefix else tokens[behind] == last


def _merged(spans: list[_Span]) -> list[_Span]:
    merged: list[_Span] = []
    for start, end in spans:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _window(text: str, spans: list[_Span], width: int) -> _Span:
    """Choose the part of the text that holds most of what was found, the earliest of equals, cut between words."""
    if len(text) <= width:
        return 0, len(text)
    first = max(spans, key=lambda span: (_inside(spans, span[0], width), -span[0]), default=(0, 0))
    start = max(0, min(first[0] - width // _LEAD_SHARE, len(text) - width))
    end = min(len(text), max(start + width, first[1]))
    return _after_blank(text, start, first[0]), _before_blank(text, end, first[1])


def _inside(spans: list[_Span], start: int, width: int) -> int:
    end = start + width - width // _LEAD_SHARE
    return sum(1 for span in spans if start <= span[0] and span[1] <= end)


def _after_blank(text: str, start: int, limit: int) -> int:
    """Move a start to the next word, but not beyond the limit; a text without blanks is cut anywhere."""
    if start == 0:
        return 0
    blank = text.find(" ", start - 1, limit)
    return start if blank < 0 else blank + 1


def _before_blank(text: str, end: int, limit: int) -> int:
    if end == len(text):
        return end
    blank = text.rfind(" ", limit, end + 1)
    return end if blank < 0 else blank
