"""Parse a search query. Any text is a valid query, and none can harm the database."""

import re
from collections.abc import Collection, Iterator
from itertools import chain, islice, product
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from models.search.analysis import Word, words
from models.search.folding import in_groups
from models.search.stems import STEMMED, stems_of_query

# An optional minus, then words in quotes (the last quote may be missing), or anything up to the next white space.
# Brackets group nothing here; other search engines have them, so a minus may stand before or behind one.
_PART: Final = re.compile(r'\(*(?P<minus>-?)\(*(?:"(?P<quoted>[^"]*)"?|(?P<plain>[^\s"]+))')
_UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")  # a NUL, half a surrogate pair: no text holds one
_MOST_TERMS: Final = 50  # beyond it, no query is a person's; the rest is left out

# 30 000 is one number, and so is what stands behind a number as its unit: they are words in a row, not anywhere.
_NUMBER: Final = re.compile(r"[0-9]{1,30}(?:[.,'’][0-9]{1,30}){0,20}")
_BEFORE_GROUP: Final = re.compile(r"(?:.{0,80} )?[0-9]{1,3}")
_GROUP: Final = re.compile(r"[0-9]{3}(?:[.,][0-9]{1,30})?")
_BLANK_IN_NUMBER: Final = re.compile(r"(?<![0-9.,])([0-9]{1,3})((?: [0-9]{3})+)(?![0-9])")
_MOST_ROWS: Final = 16  # in which the numbers of a phrase may be written
_DEGREE: Final = re.compile("[°º˚]")
_UNIT_WORDS: Final = (
    "°c °f ºc ºf ˚c ˚f ℃ ℉ c f k w kw mw gw tw wh kwh mwh gwh twh wp kwp mwp gwp j kj mj gj tj pj ej v kv hz "
    "g kg t kt mt gt m mm cm km km² km2 m² m2 m³ m3 ha l hl ml bbl b/d tco2 mtco2 gtco2 tco₂ mtco₂ gtco₂ tco2e mtco2e "
    "gtco2e ppm ppb µg µg/m³ µg/m3 μg/m³ μg/m3 w/m² w/m2 kg/m³ km/h mph bn mn tn"
)
_UNITS: Final = frozenset(_UNIT_WORDS.split())


class QueryTerm(Struct, frozen=True):
    """Tokens that must follow each other; the last may be the beginning of a word. Or any of the others in a row."""

    tokens: tuple[str, ...]
    is_prefix: bool = False
    others: tuple[tuple[str, ...], ...] = ()  # the same number with blanks between its thousands; the stems of the word
    written: str = ""  # as a query writes it
    begun: tuple[str, ...] = ()  # all words of an index that begin as the last token does; none: they are not known

    @property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        """Return all the rows of tokens of which one must be there."""
        return (self.tokens, *self.others)


class Query(Struct, frozen=True):
    """All the groups must be met, each by any of its terms; none of the excluded may be there."""

    groups: tuple[tuple[QueryTerm, ...], ...]
    excluded: tuple[QueryTerm, ...]

    @property
    def has_forms(self) -> bool:
        """Tell whether anything that it asks for may stand there in another form."""
        return any(term.others for group in self.groups for term in group)


class _QueryPart(Struct, frozen=True):
    text: str
    is_excluded: bool = False
    is_quoted: bool = False

    @property
    def written(self) -> str:
        return f'"{self.text}"' if self.is_quoted else self.text


def parse_query(text: str, languages: Collection[str] = STEMMED) -> Query:
    """Read a query: all words by default, "words in a row", prefix*, -without, this OR that (OR binds closer).

    AND says what is meant anyway and NOT is a minus, as in other search engines; both in capitals alone. Behind what is
    left out, OR goes on leaving out.
    A plain word stands for all its forms in these languages; words in quotes stand for themselves.
    """
    groups: list[tuple[QueryTerm, ...]] = []
    excluded: list[QueryTerm] = []
    is_alternative = was_excluded = False
    for part in _joined(_parts(text)):
        if part.text == "OR" and part == _QueryPart("OR"):
            is_alternative = bool(groups or excluded)
            continue
        term = _term_of(part, languages)
        if not term.tokens:
            continue
        was_excluded = part.is_excluded or (is_alternative and was_excluded)
        if was_excluded:
            excluded.append(term)
        elif is_alternative:
            groups[-1] = (*groups[-1], term)
        else:
            groups.append((term,))
        is_alternative = False
    return Query(tuple(groups), tuple(excluded))


def _parts(text: str) -> Iterator[_QueryPart]:
    is_negated = False
    for count, match in enumerate(_PART.finditer(_UNSTORABLE.sub(" ", text))):
        if count == _MOST_TERMS:
            return
        quoted, is_minus = match["quoted"], bool(match["minus"])
        if match["plain"] in {"AND", "NOT"} and not is_minus:
            is_negated = match["plain"] == "NOT"
            continue
        is_excluded = is_negated or is_minus
        if quoted is None and not match["plain"].strip("()"):
            is_negated = is_excluded  # a bracket alone: what was said before it is of what it holds
            continue
        yield _QueryPart(match["plain"] if quoted is None else quoted, is_excluded, quoted is not None)
        is_negated = False


def _joined(parts: Iterator[_QueryPart]) -> Iterator[_QueryPart]:
    """Put a number together that stands in several parts, and a number with its unit."""
    held: _QueryPart | None = None
    for part in parts:
        if held and not (part.is_excluded or part.is_quoted) and _goes_on(held.text, part.text):
            held = _QueryPart(f"{held.text} {part.text}", held.is_excluded)
            continue
        if held:
            yield held
        held = part if not part.is_quoted and _NUMBER.fullmatch(part.text) else None
        if held is None:
            yield part
    if held:
        yield held


def _goes_on(number: str, text: str) -> bool:
    """Tell whether a text goes on with a number: as its next three digits, its degree sign or its unit."""
    if number[-1].isdigit() and _GROUP.fullmatch(text):
        return _BEFORE_GROUP.fullmatch(number) is not None
    is_open = number[-1].isdigit() or _DEGREE.fullmatch(number[-1]) is not None
    return is_open and (text.lower() in _UNITS or _DEGREE.fullmatch(text) is not None)


def _term_of(part: _QueryPart, languages: Collection[str]) -> QueryTerm:
    found = list(words(_BLANK_IN_NUMBER.sub(lambda match: match.group().replace(" ", ""), part.text)))
    if part.is_quoted:
        return _term(found, part)
    term = _term(found, part, is_prefix=part.text.endswith("*"))
    if term.is_prefix or len(found) != 1:
        return term
    stems = stems_of_query(found[0].written, languages)
    return replace(term, others=(*term.others, *((stem,) for stem in stems)))


def _term(found: list[Word], part: _QueryPart, *, is_prefix: bool = False) -> QueryTerm:
    """Put words together. A run of an unspaced script ends anywhere inside a longer one, so its last pair is enough."""
    tokens = tuple(token for word in found for token in word.tokens)
    if not found or not found[-1].is_unspaced:
        others = () if is_prefix else _others(tokens)
        return QueryTerm(tokens, is_prefix, others, part.written)
    if len(found[-1].tokens) == 1:  # one character: it begins a pair, or stands last
        return QueryTerm(tokens, is_prefix=True, written=part.written)
    return QueryTerm(tokens[:-1], written=part.written)


def _others(tokens: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Return the rows of tokens in which the same numbers may be written."""
    written = [dict.fromkeys(((token,), in_groups(token))) for token in tokens]
    rows = (tuple(chain.from_iterable(row)) for row in islice(product(*written), _MOST_ROWS))
    return tuple(row for row in rows if row != tokens)
