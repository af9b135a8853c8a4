"""Which terms count in a story, and where.

The longest wins where several overlap, negatives cancel what they overlap.
"""

import dataclasses
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from flows.steps._labelling.matcher import TermMatcher
from flows.steps._labelling.words import starts_of, words_of
from models.stages import Taxonomy, Term

LEAD_LENGTH = 700  # characters
# What a story is about stands at its top; below, site furniture gathers, and hostile texts have no end. Measured:
# reading all of a story is no better.
READ_LENGTH = 1_500

GATE = "gate"
_NEGATIVE = "negative"
_FIRST_STARTS = 120  # words: about the lead
_OF_GATE = frozenset({GATE, _NEGATIVE})


class Field(NamedTuple):
    """A part of a story and how much an occurrence of a term counts there."""

    name: str
    topic_factor: float
    gate_factor: float
    counted: int  # occurrences of one term


TITLE = Field("title", 4.0, 2.0, 1)
LEAD = Field("lead", 0.7, 0.8, 2)
BODY = Field("body", 0.15, 0.2, 3)
# The publisher's own tags: worth half a title, and without a place that could be shown.
TAGS = Field("tags", 2.0, 1.0, 1)


class Hit(NamedTuple):
    """A term that counts, for a topic or for the gate."""

    owner: str  # topic id or GATE
    term: int  # its number
    field: Field
    first: int  # word of its part
    last: int  # the word after it
    points: float


@dataclass(frozen=True)
class Part:
    """A title, a text or a tag, cut into words."""

    text: str
    words: list[str]
    field: Field
    _starts: list[int] = dataclasses.field(default_factory=list)

    @classmethod
    def of(cls, text: str, field: Field) -> "Part":
        """Cut a text into its words."""
        return cls(text, words_of(text), field)

    @cached_property
    def lead_words(self) -> int:
        """Count the words that begin within the lead."""
        return len(words_of(self.text[:LEAD_LENGTH]))

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Return where a run of words (the first, the one after the last) stands, in code points."""
        starts = self._starts_until(last)
        return starts[first], starts[last - 1] + len(self.words[last - 1])

    def _starts_until(self, count: int) -> list[int]:
        """Return where at least the first `count` words start; most evidence stands near the top."""
        if len(self._starts) < min(count, len(self.words)):
            self._starts[:] = starts_of(self.text, max(count, 2 * len(self._starts), _FIRST_STARTS))
        return self._starts


class Hits:
    """What was found in a story, in the order title, text, tags; each term only as often as its field counts."""

    def __init__(self, title: Part, text: Part) -> None:
        self.title = title
        self.text = text
        self.topics: list[Hit] = []
        self.gate: list[Hit] = []
        self.penalty = 0.0  # points that the negatives take from the gate
        self._seen: dict[tuple[int, str], int] = {}

    def counts(self, term: int, field: Field) -> bool:
        """Note one more occurrence of a term and tell whether it counts."""
        key = (term, field.name)
        self._seen[key] = seen = self._seen.get(key, 0) + 1
        return seen <= field.counted


# Whom a term speaks for, its number and its weight; and a place with all that stands there.
_Speaker = tuple[str, int, float]
_Place = tuple[int, int, tuple[_Speaker, ...]]


class _Speakers(NamedTuple):
    """For whom the terms of one place speak: per owner the heaviest of them."""

    topics: tuple[_Speaker, ...]
    gate: tuple[_Speaker, ...]
    negatives: tuple[_Speaker, ...]


class HitReader:
    """Finds the hits of one taxonomy."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._owned = [
            *((topic.id, term) for topic in taxonomy.topics for term in topic.terms),
            *((GATE, term) for term in taxonomy.gate.terms),
            *((_NEGATIVE, term) for term in taxonomy.gate.negatives),
        ]
        self._matcher = TermMatcher([term for _, term in self._owned])
        self._speakers: dict[tuple[int, ...], _Speakers] = {}

    def read(self, title: str, text: str, tags: Iterable[str]) -> Hits:
        """Return the hits of a story."""
        hits = Hits(Part.of(title, TITLE), Part.of(text[:READ_LENGTH], LEAD))
        self._read_part(hits.title, hits)
        self._read_part(hits.text, hits)
        for tag in tags:
            self._read_part(Part.of(tag, TAGS), hits)
        return hits

    def term(self, number: int) -> Term:
        """Return a hit's term."""
        return self._owned[number][1]

    def _read_part(self, part: Part, hits: Hits) -> None:
        topics: list[_Place] = []
        gate: list[_Place] = []
        negatives: list[_Place] = []
        for start, end, numbers in self._matcher.find(part.words):
            of_topics, of_gate, of_negatives = self._speakers.get(numbers) or self._find_speakers(numbers)
            if of_topics:
                topics.append((start, end, of_topics))
            if of_gate:
                gate.append((start, end, of_gate))
            if of_negatives:
                negatives.append((start, end, of_negatives))
        if negatives:
            negatives = longest(negatives)
            topics, gate = _spared(topics, negatives), _spared(gate, negatives)
            hits.penalty += sum(hit.points for hit in _counted(negatives, part, hits))
        hits.topics += _counted(longest(topics), part, hits)
        hits.gate += _counted(longest(gate), part, hits)

    def _find_speakers(self, numbers: tuple[int, ...]) -> _Speakers:
        heaviest: dict[str, _Speaker] = {}
        for number in numbers:
            owner, term = self._owned[number]
            if owner not in heaviest or heaviest[owner][2] < term.weight:
                heaviest[owner] = (owner, number, term.weight)
        speakers = _Speakers(
            gate=tuple(one for one in heaviest.values() if one[0] == GATE),
            negatives=tuple(one for one in heaviest.values() if one[0] == _NEGATIVE),
            topics=tuple(one for one in heaviest.values() if one[0] not in {GATE, _NEGATIVE}),
        )
        self._speakers[numbers] = speakers
        return speakers


def longest(places: Sequence[_Place]) -> list[_Place]:
    """Return the places that do not overlap: from left to right, the longest at each start.

    `places` are in the order of the matcher: by start, the shorter first.
    """
    kept: list[_Place] = []
    last_start, last_end = -1, 0
    for place in places:
        start, end, _ = place
        if start == last_start and end > last_end:
            while kept and kept[-1][0] == start:
                kept.pop()
        elif start < last_end and (start, end) != (last_start, last_end):
            continue
        kept.append(place)
        last_start, last_end = start, end
    return kept


def _spared(places: Iterable[_Place], negatives: Sequence[_Place]) -> list[_Place]:
    """Return the places that no negative overlaps, and those that hold all of it and more."""
    ends = [end for _, end, _ in negatives]
    return [place for place in places if not _is_cancelled(place, negatives, bisect_right(ends, place[0]))]


def _is_cancelled(place: _Place, negatives: Sequence[_Place], nearest: int) -> bool:
    """Tell whether a negative cancels a place; `nearest` is the first one that ends behind its start."""
    while nearest < len(negatives) and negatives[nearest][0] < place[1]:
        start, end, _ = negatives[nearest]
        if not (place[0] <= start and end <= place[1] and place[:2] != (start, end)):
            return True
        nearest += 1
    return False


def _counted(places: Iterable[_Place], part: Part, hits: Hits) -> Iterator[Hit]:
    for first, last, speakers in places:
        where = BODY if part.field is LEAD and first >= part.lead_words else part.field
        for owner, number, weight in speakers:
            if hits.counts(number, where):
                factor = where.gate_factor if owner in _OF_GATE else where.topic_factor
                yield Hit(owner, number, where, first, last, weight * factor)
