"""The words that spoke for a label: terms and learnt n-grams, each with a place where the reader finds it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from flows.steps._labelling.hits import BODY, LEAD, TAGS, Field, Hit, HitReader, Hits
from flows.steps._labelling.linear import Gram, LinearModel, LinearScores
from models.stages import Evidence

MAX_TERMS: Final = 8  # places a label
MAX_NGRAMS: Final = 3


@dataclass(frozen=True)
class LearntStory:
    """A story as the learnt weights read it."""

    model: LinearModel
    scores: LinearScores
    title: Sequence[str]  # words as the weights know them
    text: Sequence[str]


class _Mark(NamedTuple):
    """A piece of evidence whose place is still counted in words."""

    term: str
    kind: str
    field: Field
    weight: float
    first: int
    last: int


class EvidenceWriter:
    """Writes down what spoke for the labels of one story."""

    def __init__(self, reader: HitReader, hits: Hits, learnt: LearntStory | None) -> None:
        self._reader = reader
        self._hits = hits
        self._learnt = learnt

    def of_label(self, hits: Iterable[Hit], lane: int | None) -> tuple[Evidence, ...]:
        """Return the terms, then the n-grams, that spoke for a label; what counted most first.

        `lane` is the label's place among the weights. A tag has no place in the story.
        """
        placed = sorted((hit for hit in hits if hit.field is not TAGS), key=lambda hit: -hit.points)
        marks = [self._term(hit) for hit in placed[:MAX_TERMS]]
        if self._learnt is not None and lane is not None:
            strongest = self._learnt.model.strongest(lane, self._learnt.scores.grams, MAX_NGRAMS)
            marks += [self._ngram(self._learnt, *one) for one in strongest]
        spans = self._spans(marks)
        return tuple(
            Evidence(term=mark.term, field=mark.field.name, weight=mark.weight, start=start, end=end, kind=mark.kind)
            for mark, (start, end) in zip(marks, spans, strict=True)
        )

    def _spans(self, marks: Sequence[_Mark]) -> list[tuple[int, int]]:
        """Return the places of marks in code points, in their order."""
        spans: dict[_Mark, tuple[int, int]] = {}
        for part in (self._hits.title, self._hits.text):
            own = [mark for mark in marks if (mark.field in {LEAD, BODY}) == (part is self._hits.text)]
            spans |= zip(own, part.spans((mark.first, mark.last) for mark in own), strict=True)
        return [spans[mark] for mark in marks]

    def _term(self, hit: Hit) -> _Mark:
        term = self._reader.term(hit.term)
        text = f"{term.text}*" if term.is_prefix else term.text
        return _Mark(text, "term", hit.field, term.weight, hit.first, hit.last)

    def _ngram(self, learnt: LearntStory, weight: float, gram: Gram) -> _Mark:
        words = (gram,) if isinstance(gram, str) else gram
        place, field = _find(learnt.title, words), self._hits.title.field
        if place is None:
            place = _find(learnt.text, words)
            assert place is not None, "only the story's own n-grams are shown"
            field = LEAD if place < self._hits.text.lead_words else BODY
        return _Mark(" ".join(words), "ngram", field, round(weight, 2), place, place + len(words))


def _find(words: Sequence[str], wanted: Sequence[str]) -> int | None:
    """Return where a word, or a pair of neighbours, stands first."""
    first, *rest = wanted
    place = -1
    try:
        while True:
            place = words.index(first, place + 1)
            if not rest or words[place + 1 : place + 2] == rest:
                return place
    except ValueError:
        return None
