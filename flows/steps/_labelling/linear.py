"""Score a story by learnt weights: which of the known n-grams it holds decides, not how often.

All weights of an n-gram, one for each topic and one for the gate, lie side by side in one long integer. A sum of such
integers is the sum of all of them at once, exact and as quick as a single addition; no library of numbers is needed.
"""

import math
import struct
from collections.abc import Iterable, Sequence
from itertools import islice, pairwise
from typing import Final, NamedTuple, cast

from flows.steps._labelling.function_words import FUNCTION_WORDS
from flows.steps._labelling.matcher import singular
from models.stages import LinearWeights

# Words of a text that are scored: what comes later says little about what a story is about.
READ_WORDS: Final = 160
STRONG: Final = 300  # n-grams of each topic that may be shown as evidence
RARE: Final = 9000  # the square from which an n-gram is rare enough to tell a reader something: about every 7th story

_SCALE: Final = 1000  # weights are thousandths
_LANE: Final = 32  # bits a weight; half of it would be too few for the sums, and twice as many take longer to add
_MOST_SUM: Final = (1 << (_LANE - 1)) - 1
_MAX_REMEMBERED_WORDS: Final = 30_000  # each worker has its own: the most common are soon there again
_MAX_WORD_LENGTH: Final = 64

Gram = str | tuple[str, str]
_Numbered = tuple[str, tuple[int, ...], int]  # an n-gram, the numbers of its words, its own


class LinearScores(NamedTuple):
    """What the weights say of one story."""

    topics: list[float]  # 0..1, in the order of the weights
    gate: float  # above 0: about climate, as far as the words go
    in_title: set[int]  # numbers of the n-grams of the title
    held: set[int]  # and of those of title and text


class StrongGram(NamedTuple):
    """An n-gram that speaks for a topic."""

    ngram: str
    words: tuple[int, ...]  # their numbers
    number: int  # its own
    weight: float  # to two digits


def normal(word: str) -> str:
    """Return a word as the weights know it: in small letters and the singular."""
    return singular(word.lower())


def grams_of(words: Sequence[str]) -> set[Gram]:
    """Return the words of a text and its pairs of neighbours."""
    grams: set[Gram] = set(words)
    grams.update(pairwise(words))
    return grams


class _WordNumbers(dict[str, int]):
    """A word as written -> the number of what it is to the weights; 0: nothing. Filled as words are met."""

    def __init__(self, ngrams: Iterable[str]) -> None:
        super().__init__()
        words = dict.fromkeys(word for ngram in ngrams for word in ngram.split())
        self.of_normal = {word: number for number, word in enumerate(words, start=1)}

    def __missing__(self, word: str) -> int:
        number = self.of_normal.get(normal(word), 0)
        if len(self) >= _MAX_REMEMBERED_WORDS:
            self.clear()
        if len(word) <= _MAX_WORD_LENGTH:
            self[word] = number
        return number


def without(numbers: Sequence[int], places: Iterable[tuple[int, int]]) -> list[int]:
    """Return numbers of words with 0 at some places, each the first word and the one after the last."""
    left = list(numbers)
    for first, last in places:
        for at in range(first, min(last, len(left))):
            left[at] = 0
    return left


class LinearModel:
    """Scores stories by one set of weights, which it holds in its own way: they themselves need not be kept."""

    def __init__(self, weights: LinearWeights) -> None:
        self.gate_points_factor, self.confidence = weights.gate_points_factor, weights.confidence
        self._numbers = _WordNumbers(weights.ngrams)
        self._lanes = _Lanes(len(weights.topics) + 2)
        # An n-gram has a number as a word has; a single word has its own.
        nothing = self._lanes.pack(*[0] * (len(weights.topics) + 2))
        self._packed = [nothing] * (len(self._numbers.of_normal) + 1)
        self._pairs: dict[tuple[int, ...], int] = {}
        grams = [self._add(ngram, place, weights) for place, ngram in enumerate(weights.ngrams)]
        telling = [place for place, square in enumerate(weights.squares) if square >= RARE and _tells(grams[place])]
        self._strong = [_strongest(lane, grams, telling) for lane in zip(*weights.weights, strict=True)]
        self._factor, self._biases = weights.title_factor, weights.biases
        # No story, were it to hold every n-gram, in its title too, may reach over a lane.
        most = max((sum(map(abs, lane)) for lane in zip(*weights.weights, strict=True)), default=0)
        assert most * self._factor <= _MOST_SUM, "weights are too large for their lanes"

    def numbers(self, words: Sequence[str]) -> list[int]:
        """Return words as the weights know them; 0 is a word that they do not know."""
        return list(map(self._numbers.__getitem__, words))

    def score(self, title: Sequence[int], text: Sequence[int]) -> LinearScores:
        """Return what the numbers of a title's and of a text's words say."""
        in_title = self._held_by(title, set())
        held = self._held_by(text, in_title)
        *sums, gate = self._sums(in_title, held)
        topics = [1 / (1 + math.exp(-total)) for total in sums]
        return LinearScores(topics, gate, in_title, held)

    def strongest(self, lane: int, scores: LinearScores, count: int) -> list[StrongGram]:
        """Return what speaks most for a topic (the last lane: the gate)."""
        strong = self._strong[lane]
        return [strong[number] for number in islice(filter(scores.held.__contains__, strong), count)]

    def _add(self, ngram: str, place: int, weights: LinearWeights) -> _Numbered:
        packed = self._lanes.pack(*weights.weights[place], weights.squares[place])
        words = tuple(map(self._numbers.of_normal.__getitem__, ngram.split()))
        if len(words) == 1:
            self._packed[words[0]] = packed
            return ngram, words, words[0]
        self._pairs[words] = len(self._packed)
        self._packed.append(packed)
        return ngram, words, self._pairs[words]

    def _held_by(self, words: Sequence[int], others: set[int]) -> set[int]:
        """Return the numbers of all words and of the known pairs of neighbours, and others."""
        # zip makes its pairs in one tuple, over and over; pairwise makes each anew.
        numbers: set[int | None] = {*others, *words, *map(self._pairs.get, zip(words, words[1:]))}  # noqa: B905, RUF007
        numbers.discard(None)
        return cast("set[int]", numbers)

    def _sums(self, in_title: Iterable[int], held: Iterable[int]) -> list[float]:
        packed, more = self._packed.__getitem__, self._factor - 1
        titles, everything = sum(map(packed, in_title)), sum(map(packed, held))
        *sums, _ = self._lanes.unpack(everything + more * titles)
        squared = self._lanes.last_of(everything) + (self._factor**2 - 1) * self._lanes.last_of(titles)
        length = math.sqrt(squared * _SCALE) or 1.0
        return [total / length + bias for total, bias in zip(sums, self._biases, strict=True)]


class _Lanes:
    """Whole numbers side by side in one, of which each but the last may be negative; the last is twice as wide."""

    def __init__(self, count: int) -> None:
        self._signed = struct.Struct(f"<{count - 1}iq")
        # Makes every lane positive, so that none borrows from its neighbour.
        self._last = _LANE * (count - 1)
        self._lift = sum(1 << (_LANE * lane - 1) for lane in range(1, count)) + (1 << (self._last + 2 * _LANE - 1))

    def pack(self, *numbers: int) -> int:
        # A number of two's complement whose highest bit is turned is that number, lifted.
        return (int.from_bytes(self._signed.pack(*numbers), "little") ^ self._lift) - self._lift

    def unpack(self, packed: int) -> tuple[int, ...]:
        lanes = (packed + self._lift) ^ self._lift
        return self._signed.unpack(lanes.to_bytes(self._signed.size, "little"))

    def last_of(self, packed: int) -> int:
        """Return the last lane, rounding away what a negative lane below it borrowed."""
        return (packed + (1 << (self._last - 1))) >> self._last


def _tells(gram: _Numbered) -> bool:
    return FUNCTION_WORDS.isdisjoint(gram[0].split())


def _strongest(lane: Sequence[int], grams: Sequence[_Numbered], telling: Iterable[int]) -> dict[int, StrongGram]:
    """Return the n-grams that speak most for a topic by their numbers, the strongest first."""
    speaking = [place for place in telling if lane[place] > 0]
    places = sorted(speaking, key=lane.__getitem__, reverse=True)[:STRONG]
    ranked = [StrongGram(*grams[place], round(lane[place] / _SCALE, 2)) for place in places]
    return {gram.number: gram for gram in ranked}
