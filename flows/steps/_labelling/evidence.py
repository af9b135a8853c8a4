"""The words that spoke for a label: terms and learnt n-grams, each with a place where the reader finds it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from flows.steps._labelling.hits import BODY, LEAD, TAGS, TITLE, Hit, HitReader, Hits
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
        placed = sorted((hit for hit in hits if hit.field is not TAGS), key=_by_points)
        terms = [self._term(hit) for hit in placed[:MAX_TERMS]]
        learnt = self._learnt
        if learnt is None or lane is None:
            return tuple(terms)
        strongest = learnt.model.strongest(lane, learnt.scores.grams, MAX_NGRAMS)
        return (*terms, *[self._ngram(learnt, *one) for one in strongest])

    def _term(self, hit: Hit) -> Evidence:
        term = self._reader.term(hit.term)
        part = self._hits.title if hit.field is TITLE else self._hits.text
        start, end = part.span(hit.first, hit.last)
        text = f"{term.text}*" if term.is_prefix else term.text
        return Evidence(term=text, field=hit.field.name, weight=term.weight, start=start, end=end)

    def _ngram(self, learnt: LearntStory, weight: float, gram: Gram) -> Evidence:
        words = (gram,) if isinstance(gram, str) else gram
        part, place = self._hits.title, _find(learnt.title, words)
        if place is None:
            part, place = self._hits.text, _find(learnt.text, words)
            assert place is not None, "only the story's own n-grams are shown"
        is_below = part.field is LEAD and place >= part.lead_words
        start, end = part.span(place, place + len(words))
        return Evidence(
            term=" ".join(words),
            field=(BODY if is_below else part.field).name,
            weight=round(weight, 2),
            start=start,
            end=end,
            kind="ngram",
        )


def _by_points(hit: Hit) -> float:
    return -hit.points


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
