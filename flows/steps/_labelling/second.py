"""When the second reader is asked, and how the two agree on one judgement."""

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Final, NamedTuple

from flows.steps._labelling.encoder import encoder_version
from flows.steps._labelling.meaning import Meaning, MeaningReader
from models.stages import MeaningWeights

FOREIGN_SHARE: Final = 0.34  # of a story's words: where the learnt weights know less, its language was not learnt
FOREIGN_MEANING: Final = 0.7  # of the learnt score there: what terms a language has are precise
_MIN_WORDS: Final = 3
_MOST_ODDS: Final = 700.0  # beyond it a float has no exponential
_KEPT_ODDS: Final = 6.0  # a score that is surer than this counts as if it were so sure


class First(NamedTuple):
    """What the first reader says of a story, as far as the second needs it."""

    gate: float  # log-odds
    known: float  # share of its words that the learnt weights know
    words: int
    has_text: bool
    marks: tuple[float, float, float]  # logarithms of the terms' points for the gate, against it, for the best topic

    @property
    def kind(self) -> int:
        """Return which gate it goes through: 0 with a text, 1 as a title alone."""
        return 0 if self.has_text else 1

    @property
    def is_foreign(self) -> bool:
        """Tell whether the story is in a language that was not learnt."""
        return self.words >= _MIN_WORDS and self.known < FOREIGN_SHARE


class SecondReader:
    """Asks the reader of meaning where the first reader doubts."""

    def __init__(self, weights: MeaningWeights) -> None:
        self.weights = weights

    @cached_property
    def reader(self) -> MeaningReader:
        """Return who reads. Made when it is asked first: who only says that it is to be asked needs no numpy."""
        return MeaningReader(self.weights)

    def load(self) -> None:
        """Make who reads now."""
        _ = self.reader

    def is_asked(self, first: First) -> bool:
        """Tell whether a story is read a second time: where the first doubts, or takes it to be about climate.

        What is about climate gets a vector anyway, and this reading makes it: the doubt's upper bound bounds nothing.
        """
        low, _ = self.weights.doubted_text if first.has_text else self.weights.doubted_title
        return first.is_foreign or low < first.gate

    def gate(self, first: First, meaning: Meaning) -> float:
        """Return the log-odds of both readers together."""
        own = self.own_gate(first, meaning)
        if first.is_foreign:
            return own + self.weights.foreign_gate[first.kind]
        return joined(first, own, self.weights.gate_blend[first.kind])

    def own_gate(self, first: First, meaning: Meaning) -> float:
        """Return the second reader's own log-odds: the terms' points have a say beside the meaning."""
        return meaning.gate + sum(map(float.__mul__, self.weights.gate_marks[first.kind], first.marks))

    def stacked(self, rows: Sequence[Sequence[float]]) -> list[float]:
        """Return how probable each topic is by both readers, of what `topic_features` says."""
        return [logistic(sum(map(float.__mul__, own, row))) for own, row in zip(self.weights.stack, rows, strict=True)]


def foreign_scores(learnt: Sequence[float], meaning: Meaning) -> list[float]:
    """Return the learnt scores of the topics where the first reader does not know the language."""
    return [
        (1 - FOREIGN_MEANING) * one + FOREIGN_MEANING * other for one, other in zip(learnt, meaning.topics, strict=True)
    ]


def topic_features(
    terms: Sequence[float], words: Sequence[float], meaning: Meaning, regressed: Sequence[float], *, has_text: bool
) -> list[tuple[float, ...]]:
    """Return what the stack weighs for each topic: terms' share, scores of words, meaning and the like, its lead.

    The like are heard twice: the nearest, and in the regression on all of them.
    """
    meant = meaning.topics
    title, usual = (
        0.0 if has_text else 1.0,
        [0.4 * t + 0.3 * w + 0.3 * m for t, w, m in zip(terms, words, meant, strict=True)],
    )
    second, best = sorted(usual)[-2:]
    return [
        (
            1.0,
            t,
            _odds(w),
            _odds(m),
            _odds(a),
            _odds(r),
            w,
            m,
            own,
            own - (second if own == best else best),
            t * m,
            title,
        )
        for t, w, m, a, r, own in zip(terms, words, meant, meaning.alike, regressed, usual, strict=True)
    ]


def logistic(odds: float) -> float:
    """Return the probability of log-odds, whatever their size."""
    return 1 / (1 + math.exp(-odds)) if odds > -_MOST_ODDS else 0.0


def _odds(chance: float) -> float:
    """Return a third of the log-odds: as large as the other features."""
    low = 1 / (1 + math.exp(_KEPT_ODDS))
    kept = min(max(chance, low), 1 - low)
    return math.log(kept / (1 - kept)) / 3


def joined(first: First, own: float, blend: Sequence[float]) -> float:
    """Return the log-odds that a blend makes of the first reader's and the second's."""
    return sum(map(float.__mul__, blend, (1.0, *features(first, own))))


def features(first: First, own: float) -> tuple[float, ...]:
    """Return what a gate's blend weighs: of a title alone both readers, of a text whether it has a term besides."""
    silent = float(first.marks[0] == 0.0)
    return (first.gate, own, silent, silent * own) if first.has_text else (first.gate, own)


def second_reader(weights: MeaningWeights | None) -> SecondReader | None:
    """Return the second reader; None where its encoder is not installed, or is another than taught it."""
    return SecondReader(weights) if weights is not None and encoder_version() == weights.encoder else None
