"""Which terms count in a story, and where.

The longest wins where several overlap, negatives cancel what they overlap.
"""

import sys
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from flows.steps._labelling.matcher import Ends, TermMatcher
from flows.steps._labelling.publisher import sections_of, tag_key
from flows.steps._labelling.words import Cut
from models.stages import Taxonomy, Term

LEAD_LENGTH = 700  # characters
# What a story is about stands at its top; below, site furniture gathers, and hostile texts have no end. Measured:
# reading all of a story is no better.
READ_LENGTH = 1_000

# Owners beside the topics; no topic's id has brackets.
GATE = "(gate)"
NEGATIVES = "(negatives)"
OF_GATE = frozenset({GATE, NEGATIVES})
_ALL = sys.maxsize


class Field(NamedTuple):
    """A part of a story and how much an occurrence of a term counts there."""

    place: int  # among the fields
    name: str
    topic_factor: float
    gate_factor: float
    counted: int  # occurrences of one term


TITLE = Field(0, "title", 4.0, 2.0, 1)
LEAD = Field(1, "lead", 0.7, 0.8, 2)
BODY = Field(2, "body", 0.15, 0.2, 3)
# Terms within the publisher's own tags: worth half a title, and without a place that could be shown.
TAGS = Field(3, "tags", 2.0, 1.0, 1)
# Tags, and sections of the address, that topics.yaml knows as such: worth a title.
KNOWN_TAG = Field(4, "tags", 4.0, 2.0, 1)
SECTION = Field(5, "section", 4.0, 2.0, 1)
_FIELDS: Final = (TITLE, LEAD, BODY, TAGS, KNOWN_TAG, SECTION)

# A term that counts: its points, its number, where, the first word of its part, the word after its last. A plain tuple:
# a story has dozens, and one with names takes four times as long to make.
Hit = tuple[float, int, Field, int, int]


class Part(Cut):
    """A title, a text or a tag, cut into words."""

    __slots__ = ("field", "idioms")

    def __init__(self, text: str, field: Field) -> None:
        super().__init__(text)
        self.field = field
        self.idioms: list[tuple[int, int]] = []  # the words (the first, the one after the last) of its negatives

    def lead_words(self) -> int:
        """Count the words that begin within the lead."""
        return self.count_before(LEAD_LENGTH) if len(self.text) > LEAD_LENGTH else len(self.words)

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Return where a run of words (the first, the one after the last) stands, in code points."""
        return self.start(first), self.start(last - 1) + len(self.words[last - 1])


class Hits:
    """What was found in a story, in the order title, text, tags; each term only as often as its field counts."""

    def __init__(self, title: Part, text: Part) -> None:
        self.title = title
        self.text = text
        self.of: defaultdict[str, list[Hit]] = defaultdict(list)  # by topic, of the GATE, of the NEGATIVES
        self.seen: tuple[dict[int, int], ...] = tuple({} for _ in _FIELDS)  # by field: how often each term was met

    def gate_points(self) -> float:
        """Return what the terms say for the gate, less what the negatives say against it."""
        gate, negatives = (sum([hit[0] for hit in self.of.get(owner, ())]) for owner in (GATE, NEGATIVES))
        return max(0.0, gate - negatives)


# Whom a term speaks for, its number, and its points by field.
_Speaker = tuple[str, int, tuple[float, ...]]


class _Speakers(NamedTuple):
    """For whom the terms of one place speak: per owner the heaviest of them."""

    topics: tuple[_Speaker, ...]
    gate: tuple[_Speaker, ...]
    negatives: tuple[_Speaker, ...]


_Place = tuple[int, int, _Speakers]
_TOPICS, _GATE, _NEGATIVES = range(3)  # in _Speakers
_FOR: Final = (_TOPICS, _GATE)


class HitReader:
    """Finds the hits of one taxonomy."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._owned = [
            *((topic.id, term) for topic in taxonomy.topics for term in topic.terms),
            *((GATE, term) for term in taxonomy.gate.terms),
            *((NEGATIVES, term) for term in taxonomy.gate.negatives),
        ]
        self._matcher = TermMatcher([term for _, term in self._owned], self._speakers)
        numbers: defaultdict[str, tuple[int, ...]] = defaultdict(tuple)
        for owner, tag in _tags(taxonomy):
            numbers[tag_key(tag.text)] += (len(self._owned),)
            self._owned.append((owner, tag))
        self._tags = {key: self._speakers((own,)) for key, own in numbers.items()}
        self._shown = [(f"{term.text}*" if term.is_prefix else term.text, term.weight) for _, term in self._owned]

    def read(self, title: str, text: str, tags: Iterable[str] = (), url: str | None = None) -> Hits:
        """Return the hits of a story."""
        hits = Hits(Part(title, TITLE), Part(text[:READ_LENGTH], LEAD))
        self._read_part(hits.title, hits)
        self._read_part(hits.text, hits)
        for tag in tags:
            if not self._read_tag(tag, KNOWN_TAG, hits):
                self._read_part(Part(tag, TAGS), hits)
        for section in sections_of(url) if url else ():
            self._read_tag(section, SECTION, hits)
        return hits

    def shown(self, number: int) -> tuple[str, float]:
        """Return how a hit's term is shown, and its weight."""
        return self._shown[number]

    def _read_tag(self, tag: str, field: Field, hits: Hits) -> bool:
        """Note for whom a tag speaks as a whole; tell whether topics.yaml knows it."""
        speakers = self._tags.get(tag_key(tag))
        if speakers is not None:
            place = [(0, 0, speakers)]
            _count(place, _FOR, Part("", field), hits)
        return speakers is not None

    def _read_part(self, part: Part, hits: Hits) -> None:
        found = self._matcher.find(part.words)
        # Most texts hold none: then nothing has to be weighed against them.
        negatives = longest(_free_negatives(found)) if any(place[2][_NEGATIVES] for place in found) else []
        if negatives:
            _count(negatives, (_NEGATIVES,), part, hits)
            part.idioms += [(first, last) for first, last, _ in negatives]
            found = _spared(found, negatives)
        if found:
            _count(found, _FOR, part, hits)

    def _speakers(self, ends: Ends) -> _Speakers:
        speakers = [speaker for numbers in ends for speaker in self._heaviest(numbers)]
        return _Speakers(
            topics=tuple(one for one in speakers if one[0] not in OF_GATE),
            gate=tuple(one for one in speakers if one[0] == GATE),
            negatives=tuple(one for one in speakers if one[0] == NEGATIVES),
        )

    def _heaviest(self, numbers: Iterable[int]) -> list[_Speaker]:
        heaviest: dict[str, int] = {}
        for number in numbers:
            owner, term = self._owned[number]
            if owner not in heaviest or self._owned[heaviest[owner]][1].weight < term.weight:
                heaviest[owner] = number
        return [(owner, number, _points(owner, self._owned[number][1].weight)) for owner, number in heaviest.items()]


def _points(owner: str, weight: float) -> tuple[float, ...]:
    return tuple(weight * (field.gate_factor if owner in OF_GATE else field.topic_factor) for field in _FIELDS)


def _tags(taxonomy: Taxonomy) -> Iterator[tuple[str, Term]]:
    for topic in taxonomy.topics:
        yield from ((topic.id, tag) for tag in topic.tags)
    yield from ((GATE, tag) for tag in taxonomy.gate.tags)


def longest(places: Iterable[_Place]) -> list[_Place]:
    """Return the places that do not overlap: from left to right, the longest at each start.

    `places` are in the order of the matcher: by start, the longer first.
    """
    kept: list[_Place] = []
    end = 0
    for place in places:
        if place[0] >= end:
            kept.append(place)
            end = place[1]
    return kept


def _free_negatives(places: Iterable[_Place]) -> Iterator[_Place]:
    """Yield the negatives that no longer term holds: "by storm" says nothing in "hit by storm".

    That holds also where a negative beside it cancels the longer term. `places` are in the order of the matcher.
    """
    reach = 0  # where the farthest term so far ends
    for place in places:
        _, end, speakers = place
        if speakers.negatives and end > reach:
            yield place
        if speakers.topics or speakers.gate:
            reach = max(reach, end)


def _spared(places: Iterable[_Place], negatives: Sequence[_Place]) -> list[_Place]:
    """Return the places that no negative overlaps."""
    ends = [end for _, end, _ in negatives]
    return [place for place in places if not _is_cancelled(place, negatives, bisect_right(ends, place[0]))]


def _is_cancelled(place: _Place, negatives: Sequence[_Place], nearest: int) -> bool:
    """Tell whether a negative overlaps a place; `nearest` is the first one that ends behind its start."""
    return nearest < len(negatives) and negatives[nearest][0] < place[1]


def _count(places: Iterable[_Place], kinds: Sequence[int], part: Part, hits: Hits) -> None:
    """Add the hits of some kinds of speakers while their terms still count: of each kind the longest that overlap."""
    where = part.field
    at, counted, seen = where.place, where.counted, hits.seen[where.place]
    body, ends = part.lead_words() if where is LEAD else _ALL, [0, 0, 0]
    for first, last, all_speakers in places:
        if first >= body:
            where, body = BODY, _ALL
            at, counted, seen = where.place, where.counted, hits.seen[where.place]
        for kind in kinds:
            speakers = all_speakers[kind]
            if not speakers or first < ends[kind]:
                continue
            ends[kind] = last
            for owner, number, points in speakers:
                times = seen[number] = seen.get(number, 0) + 1
                if times <= counted:
                    hits.of[owner].append((points[at], number, where, first, last))
