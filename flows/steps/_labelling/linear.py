"""Score a story by learnt weights: which of the known n-grams it holds decides, not how often.

All weights of an n-gram, one for each topic and one for the gate, lie side by side in one long integer. A sum of such
integers is the sum of all of them at once, exact and as quick as a single addition; no library of numbers is needed.
"""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from flows.steps._labelling.matcher import singular
from models.stages import LinearWeights

# Words of a text that are scored: what comes later says little about what a story is about.
READ_WORDS: Final = 230
STRONG: Final = 300  # n-grams of each topic that may be shown as evidence
RARE: Final = 9000  # the square from which an n-gram is rare enough to tell a reader something: about every 7th story

_SCALE: Final = 1000  # weights are thousandths
_LANE: Final = 48  # bits a weight: room for the sum over every n-gram of a story
_HALF: Final = 1 << (_LANE - 1)
_MASK: Final = (1 << _LANE) - 1
_MAX_REMEMBERED_WORDS: Final = 100_000
_MAX_WORD_LENGTH: Final = 64

Gram = str | tuple[str, str]


class LinearScores(NamedTuple):
    """What the weights say of one story."""

    topics: list[float]  # 0..1, in the order of the weights
    gate: float  # above 0: about climate, as far as the words go
    grams: set[Gram]  # the known n-grams of the story


class Normal(dict[str, str]):
    """A word as the weights know it: in small letters and the singular."""

    def __missing__(self, word: str) -> str:
        normal = singular(word.lower())
        if len(self) >= _MAX_REMEMBERED_WORDS:
            self.clear()
        if len(word) <= _MAX_WORD_LENGTH:
            self[word] = normal
        return normal


def grams_of(normal: Sequence[str]) -> set[Gram]:
    """Return the words of a text and its pairs of neighbours."""
    grams: set[Gram] = set(normal)
    grams.update(pairwise(normal))
    return grams


class _Strong(NamedTuple):
    """The n-grams that speak most for a topic, the strongest first."""

    ranked: list[tuple[float, Gram]]
    ranks: dict[Gram, int]
    grams: frozenset[Gram]


class LinearModel:
    """Scores stories by one set of weights."""

    def __init__(self, weights: LinearWeights) -> None:
        self._factor = weights.title_factor
        self._biases = weights.biases
        grams = [_gram(ngram) for ngram in weights.ngrams]
        rows = zip(weights.weights, weights.squares, strict=True)
        self._packed = dict(zip(grams, (_pack((*row, square)) for row, square in rows), strict=True))
        self._words = frozenset(gram for gram in grams if isinstance(gram, str))
        self._pairs: dict[str, dict[str, Gram]] = {}
        for gram in grams:
            if isinstance(gram, tuple):
                self._pairs.setdefault(gram[0], {})[gram[1]] = gram
        self._normal = Normal()
        lanes = list(zip(*weights.weights, strict=True))
        rare = [square >= RARE for square in weights.squares]
        self._strong = [_strongest(grams, lane, rare) for lane in lanes]
        self._lift = _pack([_HALF] * (len(lanes) + 1))
        self._shifts = range(0, _LANE * (len(lanes) + 1), _LANE)

    def normal(self, words: Sequence[str]) -> list[str]:
        """Return words as the weights know them."""
        return list(map(self._normal.__getitem__, words))

    def score(self, title: Sequence[str], text: Sequence[str]) -> LinearScores:
        """Return what the normal words of a title and of a text say."""
        in_title = self._known_in(title)
        in_text = self._known_in(text) - in_title
        *sums, gate = self._sums(in_title, in_text)
        topics = [1 / (1 + math.exp(-total)) for total in sums]
        return LinearScores(topics, gate, in_title | in_text)

    def strongest(self, lane: int, grams: set[Gram], count: int) -> list[tuple[float, Gram]]:
        """Return the n-grams among `grams` that speak most for a topic (the last lane: the gate), with their weight."""
        strong = self._strong[lane]
        found = sorted(map(strong.ranks.__getitem__, strong.grams & grams))
        return [strong.ranked[rank] for rank in found[:count]]

    def _known_in(self, normal: Sequence[str]) -> set[Gram]:
        """Return what grams_of would and the weights know, without making the pairs that nobody knows."""
        grams: set[Gram] = set(self._words.intersection(normal))
        seconds = map(self._pairs.get, normal)
        grams.update([pairs[word] for pairs, word in zip(seconds, normal[1:], strict=False) if pairs and word in pairs])
        return grams

    def _sums(self, in_title: Iterable[Gram], in_text: Iterable[Gram]) -> list[float]:
        packed = self._packed.__getitem__
        titles, texts = sum(map(packed, in_title)), sum(map(packed, in_text))
        factor = self._factor
        # The lift makes every lane positive, so that none borrows from its neighbour.
        lifted = factor * titles + texts + self._lift
        *sums, _ = [((lifted >> shift) & _MASK) - _HALF for shift in self._shifts]
        last = self._shifts[-1]
        squared = factor * factor * _top_lane(titles, last) + _top_lane(texts, last)
        length = math.sqrt(squared * _SCALE) or 1.0
        return [total / length + bias for total, bias in zip(sums, self._biases, strict=True)]


def _gram(ngram: str) -> Gram:
    first, _, second = ngram.partition(" ")
    return (first, second) if second else first


def _pack(lanes: Iterable[int]) -> int:
    return sum(value << (_LANE * place) for place, value in enumerate(lanes))


def _top_lane(packed: int, shift: int) -> int:
    """Return the last lane, rounding away what a negative lane below it borrowed."""
    return (packed + (1 << (shift - 1))) >> shift


def _strongest(grams: Sequence[Gram], lane: Sequence[int], rare: Sequence[bool]) -> _Strong:
    speaking = [place for place, weight in enumerate(lane) if weight > 0 and rare[place]]
    chosen = sorted(speaking, key=lambda place: -lane[place])[:STRONG]
    ranks = {grams[place]: rank for rank, place in enumerate(chosen)}
    return _Strong([(lane[place] / _SCALE, grams[place]) for place in chosen], ranks, frozenset(ranks))
