"""What spoke for a label: terms, learnt n-grams and key sentences with their places, and the publisher's own tags."""

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Final, NamedTuple

from flows.steps._labelling.hits import BODY, LEAD, LEAD_LENGTH, READ_LENGTH, TITLE, Hit, HitReader, Hits
from flows.steps._labelling.linear import LinearModel, LinearScores, StrongGram
from flows.steps._labelling.sentences import MOST_LENGTH, Sentences, Span
from models.stages import Evidence

MAX_TERMS: Final = 8  # places a label
MAX_NGRAMS: Final = 3
MAX_SENTENCES: Final = 2
MAX_MARK: Final = 4.0  # of what a term or n-gram says for its sentence: several words say more than a rare one
_POINTS: Final = itemgetter(0)
_OF_TEXT: Final = frozenset({LEAD.name, BODY.name})


class LearntStory(NamedTuple):
    """A story as the learnt weights read it."""

    model: LinearModel
    scores: LinearScores
    title: Sequence[int]  # words as the weights know them
    text: Sequence[int]


class EvidenceWriter:
    """Writes down what spoke for the labels of one story."""

    def __init__(self, reader: HitReader, hits: Hits, text: str) -> None:
        self._reader = reader
        self._hits = hits
        self._text = text
        self._sentences: Sentences | None = None

    def of_label(self, hits: Iterable[Hit], learnt: LearntStory | None, lane: int | None) -> tuple[Evidence, ...]:
        """Return the terms and tags, then the n-grams, that spoke for a label, what counted most first, then sentences.

        `lane` is the label's place among the weights.
        """
        terms = [self._term(hit) for hit in sorted(hits, key=_POINTS, reverse=True)[:MAX_TERMS]]
        ngrams = []
        if learnt is not None and lane is not None:
            strongest = learnt.model.strongest(lane, learnt.scores, MAX_NGRAMS)
            ngrams = [self._ngram(learnt, one) for one in strongest]
        marks = [(one.start, min(one.weight, MAX_MARK)) for one in (*terms, *ngrams) if one.field in _OF_TEXT]
        return (*terms, *ngrams, *map(_sentence, self._key_sentences(marks) if marks else ()))

    def _key_sentences(self, marks: Iterable[tuple[int, float]]) -> list[Span]:
        if self._sentences is None:
            # The last sentence that was read is shown to its end.
            self._sentences = Sentences(self._text[: READ_LENGTH + MOST_LENGTH])
        return self._sentences.strongest(marks, MAX_SENTENCES)

    def _term(self, hit: Hit) -> Evidence:
        _, number, field, first, last = hit
        text, weight = self._reader.shown(number)
        if field.place > BODY.place:
            return Evidence(term=text, field=field.name, weight=weight, start=0, end=0, kind="tag")
        part = self._hits.title if field is TITLE else self._hits.text
        start, end = part.span(first, last)
        return Evidence(term=text, field=field.name, weight=weight, start=start, end=end)

    def _ngram(self, learnt: LearntStory, strong: StrongGram) -> Evidence:
        is_in_title = strong.number in learnt.scores.in_title
        part, words = (self._hits.title, learnt.title) if is_in_title else (self._hits.text, learnt.text)
        place = _find(words, strong.words)
        start, end = part.span(place, place + len(strong.words))
        is_below = not is_in_title and start >= LEAD_LENGTH
        return Evidence(
            term=strong.ngram,
            field=(BODY if is_below else part.field).name,
            weight=strong.weight,
            start=start,
            end=end,
            kind="ngram",
        )


def _sentence(span: Span) -> Evidence:
    start, end = span
    field = LEAD if start < LEAD_LENGTH else BODY
    return Evidence(term="", field=field.name, weight=0.0, start=start, end=end, kind="sentence")


def _find(words: Sequence[int], wanted: tuple[int, ...]) -> int:
    """Return where a word, or a pair of neighbours, stands first; it does."""
    place = words.index(wanted[0])
    while len(wanted) > 1 and words[place + 1] != wanted[1]:
        place = words.index(wanted[0], place + 1)
    return place
