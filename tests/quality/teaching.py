"""Teach both readers from labelled stories, and from unlabelled ones as the two together label them. Needs [learn].

Which n-grams are known, and how rare each is, comes from the unlabelled stories and the words of the general wire,
never from a label by hand: held-out stories stay held out.
"""

import base64
import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.feature_selection import chi2

from flows.steps._labelling.alike import TERM_STEPS, kernel, packed, place_of
from flows.steps._labelling.encoder import DIMENSIONS, encoder_version
from flows.steps._labelling.linear import Gram
from flows.steps.classify import FULL_POINTS, MIN_OTHER
from models.stages import LinearWeights, MeaningWeights, Taxonomy
from tests.quality.fitting import Array, fit_kernel, fit_vectors, fit_words
from tests.quality.reading import Gated, Read, Topical

# The recipe: few numbers, each chosen once by cross-validation and not searched finely.
TOPIC_NGRAMS = 10000
WIRE_NGRAMS = 2000
MIN_STORIES = 4  # that an n-gram must occur in
MAX_SHARE = 0.6  # of the stories, above which it says nothing
TITLE_FACTOR = 4
TERMS_SHARE = 0.4  # of a topic's strength; the rest is learnt
TEACHER = (0.4, 0.25, 0.35)  # terms, words, meaning: how much each says of an unlabelled story
SOFTNESS = 8.0  # how steeply a strength above or under MIN_OTHER becomes a probability
LATER_OTHERS = 0.7  # how surely a story that one annotator labelled later has the topics that stand behind its first
HAND = 6.0  # weight of a story labelled by hand where one labelled softly counts 1
FIRST_C = 3.0  # of words taught by hand alone
TOPIC_C = 0.7
HEADS_C = 2.0
HEADS_TITLES = 0.4  # weight of the title alone beside its story
KERNEL_LOOSENESS = 1.0  # how little the regression on likeness follows a single example
BALANCE = 0.5  # a rare topic's stories weigh (others / own) to this power
GATE_C = 3.0
GATE_HEAD_C = 6.0
GATE_BALANCE = 0.2
GATE_SUMMARIES = 0.5  # weight of title and two sentences beside their story
GATE_TITLES = 0.25
GATE_NEWS = 3.0  # weight of general news that is not about climate, as nearly all of it is
GATE_IDIOMS = 1.0
ALONE_TEXTS = 0.25  # weight of the title of a story that has a text, where titles alone are taught
ALONE_IDIOMS = 1.5  # and of a title of our own
ALONE_HEADLINES = 0.25  # of each of the many more that only titles alone are taught
GATE_SOFT = 0.5
GATE_SILENT = 0.4  # of a story's weight: it is taught as if no term were known
MARKS_SCALE = 0.5
GATE_SHIFT = 0.5  # taken from the first reader's log-odds: precision before recall where 2 % are about climate
BLEND_SHIFTS = (0.1, 0.65)  # and from both readers', of a story with a text and of a title alone
DOUBTED_TEXT = (-1.5, 2.0)
DOUBTED_TITLE = (-3.5, 4.0)

Weights = tuple[LinearWeights, MeaningWeights]
GateHead = tuple[Array, float, tuple[float, ...]]  # coefficients, bias, and factors of the marks


class Teacher:
    """Teaches weights; what comes from the unlabelled stories is made ready once."""

    def __init__(self, taxonomy: Taxonomy, unlabelled: Sequence[Read], wire: Sequence[Read]) -> None:
        self._topics = tuple(topic.id for topic in taxonomy.topics if topic.terms)
        self._about = [place for place, story in enumerate(unlabelled) if story.gate_points >= 3]
        self._weak = [unlabelled[place] for place in self._about]
        self._ngrams = self._choose(wire)
        self._places = {gram: place for place, gram in enumerate(self._ngrams)}
        seen = Counter(gram for story in (*unlabelled, *wire) for gram in story.title | story.text)
        total = len(unlabelled) + len(wire)
        self._rarity = np.array([math.log((1 + total) / (1 + seen[gram])) + 1 for gram in self._ngrams])
        self._matrix = self.matrix(unlabelled)
        self._with_points = sp.hstack([self._matrix, sp.csr_matrix(_points(unlabelled))]).tocsr()
        self._vectors, self._marks = _flat(unlabelled), _marks(unlabelled)

    def teach(self, topical: Topical, gated: Gated, alone: Gated) -> Weights:
        """Return weights learnt from stories labelled with topics, stories judged for the gate, and titles alone.

        What both readers together make of a story's gate and topics is chosen later, by stories held out.
        """
        taught = [story for story in topical.labelled if story.gold.topics]
        labelled = [*taught, *topical.later]
        labels = np.vstack([self._labels(taught), self._labels(topical.later, LATER_OTHERS)])
        words, heads = self._teach_topics(labelled, labels)
        gate, text_head = self._teach_gate(gated)
        title_head = _gate_head(alone, _flat(alone.stories)[:, :DIMENSIONS])
        of_title = np.concatenate([title_head[0], np.zeros(DIMENSIONS)])
        coefficients = np.hstack([heads[0], text_head[0][:, None], of_title[:, None]])
        biases = [*heads[1], text_head[1], title_head[1]]
        examples = [*labelled, *topical.own]
        labels = np.vstack([labels, self._labels(topical.own)])
        center = _center(labelled)  # of those that vote: what was written lies elsewhere, and must not move it
        places = _places(examples, center)
        terms = self._shares(examples)
        says = fit_kernel(kernel(places @ places.T, terms, terms), labels, KERNEL_LOOSENESS)
        meaning = MeaningWeights(
            digest="",
            encoder=encoder_version() or "",
            topics=self._topics,
            heads=coefficients.astype("<f2").tobytes(),
            biases=tuple(round(float(bias), 4) for bias in biases),
            gate_marks=(text_head[2], title_head[2]),
            gate_blend=((0.0, 0.5, 0.5, 0.0, 0.0), (0.0, 0.5, 0.5)),
            foreign_gate=(0.0, 0.0),
            examples=packed(places),
            example_topics=tuple(
                sum(1 << lane for lane, topic in enumerate(self._topics) if topic in story.gold.topics)
                for story in labelled
            ),
            center=tuple(round(float(value), 5) for value in center),
            example_terms=np.rint(terms * TERM_STEPS).astype(np.uint8).tobytes(),
            example_says=says.astype("<f2").tobytes(),
            usual=tuple(round(float(value), 5) for value in labels.mean(axis=0)),
            stack=((0.0, TERMS_SHARE, 0.0, 0.0, 0.0, 0.0, *2 * ((1 - TERMS_SHARE) / 2,), 0.0, 0.0, 0.0, 0.0),)
            * len(self._topics),
            doubted_text=DOUBTED_TEXT,
            doubted_title=DOUBTED_TITLE,
        )
        return self._weights([*words, (gate[0][:-1], gate[1] - GATE_SHIFT)], float(gate[0][-1]) * MARKS_SCALE), meaning

    def _labels(self, stories: Sequence[Read], others: float = 1.0) -> Array:
        """Return how surely each story has each topic: its first one quite, the others as surely as is told."""
        has = np.array([[topic in story.gold.topics for topic in self._topics] for story in stories], dtype=float)
        is_first = np.array([[topic == story.gold.primary for topic in self._topics] for story in stories])
        return np.where(is_first, has, others * has)

    def _teach_topics(
        self, stories: Sequence[Read], labels: Array
    ) -> tuple[list[tuple[Array, float]], tuple[Array, Array]]:
        matrix, vectors, ones = self.matrix(stories), _flat(stories), np.ones(len(stories))
        titles = np.hstack([vectors[:, : vectors.shape[1] // 2]] * 2)
        heads = fit_vectors(
            np.vstack([vectors, titles]),
            np.vstack([labels, labels]),
            np.concatenate([ones, HEADS_TITLES * ones]),
            HEADS_C,
            BALANCE,
        )
        first = [fit_words(matrix, column, ones, FIRST_C, BALANCE) for column in labels.T]
        soft = self._soft(first, heads)
        every = sp.vstack([matrix, self._matrix[self._about]]).tocsr()
        counts = np.concatenate([HAND * ones, np.ones(len(self._about))])
        both = np.vstack([labels, soft])
        return [fit_words(every, column, counts, TOPIC_C, BALANCE) for column in both.T], heads

    def _soft(self, words: Sequence[tuple[Array, float]], heads: tuple[Array, Array]) -> Array:
        """Return how probable each topic is in each unlabelled story about climate, by terms and both readers."""
        matrix = self._matrix[self._about]
        by_words = _logistic(np.stack([matrix @ own + bias for own, bias in words], axis=1))
        by_meaning = _logistic(self._vectors[self._about] @ heads[0] + heads[1])
        terms, learnt, meant = TEACHER
        strengths = terms * self._by_terms() + learnt * by_words + meant * by_meaning
        firsts = strengths == strengths.max(axis=1, keepdims=True)
        soft = _logistic(SOFTNESS * (strengths - MIN_OTHER))
        return np.where(firsts, np.maximum(soft, 0.5), soft)

    def _by_terms(self) -> Array:
        return self._shares(self._weak)

    def _shares(self, stories: Sequence[Read]) -> Array:
        """Return the topics' shares of the stories' terms' points."""
        points = np.array([[story.points.get(topic, 0.0) for topic in self._topics] for story in stories])
        shares: Array = points / np.maximum(points.max(axis=1, keepdims=True), FULL_POINTS)
        return shares

    def _teach_gate(self, gated: Gated) -> tuple[tuple[Array, float], GateHead]:
        stories, labels, counts = gated.stories, gated.labels, gated.counts
        matrix = sp.hstack([self.matrix(stories), sp.csr_matrix(_points(stories))]).tocsr()
        head = _gate_head(gated, _flat(stories))
        first = fit_words(matrix, labels, counts, GATE_C, GATE_BALANCE)
        by_words = self._with_points @ first[0] + first[1]
        by_meaning = self._vectors @ head[0] + head[1] + self._marks @ head[2] / MARKS_SCALE
        soft = _logistic((by_words + by_meaning) / 2)
        words = fit_words(
            sp.vstack([matrix, self._with_points]).tocsr(),
            np.concatenate([labels, soft]),
            np.concatenate([counts, np.full(len(soft), GATE_SOFT)]),
            GATE_C,
            GATE_BALANCE,
        )
        return words, head

    def _choose(self, wire: Sequence[Read]) -> list[Gram]:
        labels = self._by_terms() >= MIN_OTHER
        seen = Counter(gram for story in self._weak for gram in story.title | story.text)
        most = MAX_SHARE * len(self._weak)
        candidates = sorted((gram for gram, n in seen.items() if MIN_STORIES <= n < most and _is_word(gram)), key=_text)
        places = {gram: place for place, gram in enumerate(candidates)}
        rows = [sorted(places[gram] for gram in story.title | story.text if gram in places) for story in self._weak]
        held = _sparse(rows, [np.ones(len(row)) for row in rows], len(candidates))
        signal = np.max([np.nan_to_num(chi2(held, column)[0]) for column in labels.T], axis=0)
        chosen = {candidates[place] for place in np.argsort(-signal, kind="stable")[:TOPIC_NGRAMS]}
        common = Counter(gram for story in wire for gram in story.title | story.text)
        ordered = sorted(common, key=lambda gram: (-common[gram], _text(gram)))
        chosen.update([gram for gram in ordered if _is_word(gram) and gram not in chosen][:WIRE_NGRAMS])
        return sorted(chosen, key=_text)

    def matrix(self, stories: Sequence[Read]) -> Any:
        """Return the stories as rows of unit length, as the program scores them."""
        rows, values = [], []
        for story in stories:
            title = sorted(self._places[gram] for gram in story.title if gram in self._places)
            text = sorted(self._places[gram] for gram in story.text - story.title if gram in self._places)
            parts = [TITLE_FACTOR * self._rarity[title], self._rarity[text]] if title or text else [np.zeros(0)]
            value = np.concatenate(parts)
            rows.append(title + text)
            values.append(value / (np.sqrt((value * value).sum()) or 1.0))
        return _sparse(rows, values, len(self._ngrams))

    def _weights(self, outputs: Sequence[tuple[Array, float]], gate_points_factor: float) -> LinearWeights:
        scaled = np.array([coefficients * self._rarity for coefficients, _ in outputs]).T
        return LinearWeights(
            digest="",
            topics=self._topics,
            title_factor=TITLE_FACTOR,
            ngrams=tuple(_text(gram) for gram in self._ngrams),
            squares=tuple(int(value) for value in np.rint(self._rarity**2 * 1000)),
            weights=tuple(tuple(int(value) for value in row) for row in np.rint(scaled * 1000)),
            biases=tuple(round(float(bias), 4) for _, bias in outputs),
            gate_points_factor=round(gate_points_factor, 4),
            terms_shares=(TERMS_SHARE,) * len(self._topics),
            confidence=(1.0, 0.0),
        )


def as_text(numbers: bytes) -> str:
    """Return packed numbers as the weights file holds them."""
    return base64.b64encode(numbers).decode()


def _gate_head(gated: Gated, vectors: Array) -> GateHead:
    """Return a gate's coefficients, its bias and what the marks say: of all stories, and as if no term were known."""
    labels, counts, marks = gated.labels, gated.counts, _marks(gated.stories)
    heads, bias = fit_vectors(
        np.vstack([np.hstack([vectors, marks]), np.hstack([vectors, np.zeros_like(marks)])]),
        np.concatenate([labels, labels])[:, None],
        np.concatenate([(1 - GATE_SILENT) * counts, GATE_SILENT * counts]),
        GATE_HEAD_C,
        GATE_BALANCE,
    )
    own = tuple(round(float(value) * MARKS_SCALE, 4) for value in heads[-3:, 0])
    return heads[:-3, 0], float(bias[0]), own


def _center(stories: Sequence[Read]) -> Array:
    """Return the mean of the places where stories would lie as examples, were they not moved by it."""
    center: Array = _places(stories, np.zeros(DIMENSIONS)).mean(axis=0)
    return center


def _places(stories: Sequence[Read], center: Array) -> Array:
    """Return where stories lie as examples, moved by a center."""
    vectors = np.array([story.vectors for story in stories])
    places: Array = place_of(vectors[:, 0], vectors[:, 1], center)
    return places


def _flat(stories: Sequence[Read]) -> Array:
    return np.array([story.vectors.ravel() for story in stories])


def _marks(stories: Sequence[Read]) -> Array:
    return MARKS_SCALE * np.array([story.marks for story in stories])


def _points(stories: Sequence[Read]) -> Array:
    return MARKS_SCALE * np.array([[story.marks[0]] for story in stories])


def _logistic(odds: Array) -> Array:
    return 1 / (1 + np.exp(-odds))


def _sparse(rows: Sequence[list[int]], values: Sequence[Array], width: int) -> Any:
    ends = np.cumsum([0, *map(len, rows)])
    columns = np.concatenate([np.array(row, dtype=np.int32) for row in rows])
    return sp.csr_matrix((np.concatenate(values), columns, ends), shape=(len(rows), width))


def _is_word(gram: Gram) -> bool:
    """Tell whether an n-gram may be learnt: no number alone, no piece of a word such as the s of "it's"."""
    words = _text(gram).split()
    return not all(word.isdigit() for word in words) and all(len(word) > 1 for word in words)


def _text(gram: Gram) -> str:
    return gram if isinstance(gram, str) else " ".join(gram)
