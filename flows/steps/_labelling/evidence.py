"""The words that spoke for a label: terms and learnt n-grams, each with a place where the reader finds it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from flows.steps._labelling.hits import BODY, LEAD, LEAD_LENGTH, TAGS, Hit, HitReader, Part
from flows.steps._labelling.linear import Gram, LinearModel, LinearScores
from models.stages import Evidence

MAX_TERMS: Final = 8  # places a label
MAX_NGRAMS: Final = 3


@dataclass(frozen=True)
class LearntStory:
    """A story as the learnt weights read it."""

    model: LinearModel
    scores: LinearScores
    title: Part
    title_words: Sequence[str]  # as the weights know them
    text: Part
    text_words: Sequence[str]

    def evidence(self, lane: int) -> list[Evidence]:
        """Return the n-grams that spoke most for a topic (the last lane: the gate), where each stands first."""
        return [self._shown(*one) for one in self.model.strongest(lane, self.scores.grams, MAX_NGRAMS)]

    def _shown(self, weight: float, gram: Gram) -> Evidence:
        words = (gram,) if isinstance(gram, str) else gram
        place = _find(self.title_words, words)
        part = self.title
        if place is None:
            part, place = self.text, _find(self.text_words, words)
        assert place is not None, "only the story's own n-grams are shown"
        start, end = part.span(place, place + len(words))
        field = part.field if part.field is not LEAD or start < LEAD_LENGTH else BODY
        return Evidence(
            term=" ".join(words), field=field.name, weight=round(weight, 2), start=start, end=end, kind="ngram"
        )


def evidence_of(
    reader: HitReader, hits: Iterable[Hit], learnt: LearntStory | None, lane: int | None
) -> tuple[Evidence, ...]:
    """Return where the words stand that spoke for one label, terms first, what counted most first.

    A tag has no place in the story.
    """
    placed = sorted((hit for hit in hits if hit.field is not TAGS), key=lambda hit: -hit.points)
    terms = [_term(reader, hit) for hit in placed[:MAX_TERMS]]
    ngrams = learnt.evidence(lane) if learnt is not None and lane is not None else []
    return (*terms, *ngrams)


def _term(reader: HitReader, hit: Hit) -> Evidence:
    term = reader.term(hit.term)
    text = f"{term.text}*" if term.is_prefix else term.text
    return Evidence(term=text, field=hit.field.name, weight=term.weight, start=hit.start, end=hit.end)


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
