"""When the second reader is asked, and how the two agree on one judgement."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from flows.steps._labelling.encoder import encoder_version
from flows.steps._labelling.meaning import Meaning, MeaningReader
from models.stages import MeaningWeights

FOREIGN_SHARE: Final = 0.34  # of a story's words: where the learnt weights know less, its language was not learnt
FOREIGN_MEANING: Final = 0.7  # of the learnt score there: what terms a language has are precise
_MIN_WORDS: Final = 3
# By default the second is asked in the weights' bounds where half of the words are unknown, and else between these
# log-odds of the first: so it adds less than a third to the first reader's time.
HALF_KNOWN: Final = 0.5
HARDLY_SETTLED_TEXT: Final = (-0.25, 0.25)
HARDLY_SETTLED_TITLE: Final = (-1.0, 1.0)


class First(NamedTuple):
    """What the first reader says of a story, as far as the second needs it."""

    gate: float  # log-odds
    strongest: float  # of its topics, 0..1
    known: float  # share of its words that the learnt weights know
    words: int
    has_text: bool
    marks: tuple[float, float, float]  # logarithms of the terms' points for the gate, against it, for the best topic

    @property
    def is_foreign(self) -> bool:
        """Tell whether the story is in a language that was not learnt."""
        return self.words >= _MIN_WORDS and self.known < FOREIGN_SHARE


class SecondReader:
    """Asks the reader of meaning where the first reader doubts."""

    def __init__(self, weights: MeaningWeights) -> None:
        self.weights = weights
        self.reader = MeaningReader(weights)

    def is_asked(self, first: First) -> bool:
        """Tell whether a story is read a second time."""
        weights = self.weights
        if weights.reads_every_doubt or first.known < HALF_KNOWN:
            low, high = weights.doubted_text if first.has_text else weights.doubted_title
        else:
            low, high = HARDLY_SETTLED_TEXT if first.has_text else HARDLY_SETTLED_TITLE
        is_weak = first.gate >= high and first.strongest < weights.doubted_topic
        return first.is_foreign or low < first.gate < high or (weights.reads_every_doubt and is_weak)

    def gate(self, first: First, meaning: Meaning) -> float:
        """Return the log-odds of both readers together."""
        own = self.own_gate(first, meaning)
        if first.is_foreign:
            return own + self.weights.foreign_gate
        return joined(first, own, self.weights.gate_blend)

    def own_gate(self, first: First, meaning: Meaning) -> float:
        """Return the second reader's own log-odds: the terms' points have a say beside the meaning."""
        return meaning.gate + sum(map(float.__mul__, self.weights.gate_marks, first.marks))

    def scores(self, first: First, learnt: Sequence[float], meaning: Meaning) -> list[float]:
        """Return the learnt scores of the topics by both readers."""
        share = FOREIGN_MEANING if first.is_foreign else self.weights.share
        return [(1 - share) * one + share * other for one, other in zip(learnt, meaning.topics, strict=True)]


def joined(first: First, own: float, blend: Sequence[float]) -> float:
    """Return the log-odds that a blend makes of the first reader's and the second's."""
    return sum(map(float.__mul__, blend, (1.0, *features(first, own))))


def features(first: First, own: float) -> tuple[float, ...]:
    """Return what a gate's blend weighs: a title alone, and a story without a term, are worlds of their own."""
    title, silent = float(not first.has_text), float(first.marks[0] == 0.0)
    return first.gate, own, title, silent, silent * own, silent * title


def second_reader(weights: MeaningWeights | None) -> SecondReader | None:
    """Return the second reader; None where its encoder is not installed, or is another than taught it."""
    return SecondReader(weights) if weights is not None and encoder_version() == weights.encoder else None
