"""Teach the linear part from labelled stories, and weakly, by the terms, from unlabelled ones. Needs [learn].

Which n-grams are known, and how rare each is, comes from the unlabelled stories and the words of the general wire,
never from a label by hand: held-out stories stay held out.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from sklearn.feature_selection import chi2
from sklearn.linear_model import LogisticRegression

from flows.cli.quality.topic_quality import Gold
from flows.steps._labelling.hits import OF_GATE, HitReader
from flows.steps._labelling.linear import READ_WORDS, Gram, grams_of, normal
from flows.steps._labelling.words import words_of
from flows.steps.classify import MAX_GATE_POINTS
from models.stages import LinearWeights, Taxonomy
from tests.quality.blending import USUAL

# The recipe: few numbers, each chosen once by cross-validation and not searched finely.
TOPIC_NGRAMS = 6000
WIRE_NGRAMS = 2000
MIN_STORIES = 4  # that an n-gram must occur in
MAX_SHARE = 0.6  # of the stories, above which it says nothing
TITLE_FACTOR = 4
HAND = 8.0  # weight of a story labelled by hand where one labelled by the terms counts 1
TOPIC_C = 0.3
GATE_C = 1.0
GATE_WEAK = 0.1
GATE_POINTS_SCALE = 0.5
GATE_SURE = (1.0, 8.0)  # points under and from which the terms may teach the gate
GATE_SHIFT = 0.75  # taken from the gate's score: precision before recall on a wire where 2 % are about climate
BALANCE = 0.5  # a rare topic's stories weigh (others / own) to this power
SEED = 0


@dataclass(frozen=True)
class Read:
    """A story as the teacher sees it: its n-grams and the terms' points."""

    title: frozenset[Gram]
    text: frozenset[Gram]
    points: dict[str, float]
    gate_points: float


def read(stories: Sequence[Gold], taxonomy: Taxonomy) -> list[Read]:
    """Read stories once; what is learnt from them later changes nothing here."""
    reader = HitReader(taxonomy)
    return [_read(story, reader) for story in stories]


def _read(story: Gold, reader: HitReader) -> Read:
    hits = reader.read(story.title, story.text, ())
    points = {owner: sum([hit[0] for hit in own]) for owner, own in hits.of.items() if owner not in OF_GATE}
    return Read(
        title=_grams(story.title),
        text=_grams(story.text),
        points=points,
        gate_points=hits.gate_points(),
    )


def _grams(text: str) -> frozenset[Gram]:
    return frozenset(grams_of([normal(word) for word in words_of(text[:30_000])[:READ_WORDS]]))


class Teacher:
    """Teaches weights; what comes from the unlabelled stories is made ready once."""

    def __init__(self, taxonomy: Taxonomy, unlabelled: Sequence[Read], wire: Sequence[Read]) -> None:
        self._topics = tuple(topic.id for topic in taxonomy.topics if topic.terms)
        self._weak = [story for story in unlabelled if story.gate_points >= taxonomy.gate.threshold]
        self._weak_labels = np.array([self._by_terms(story.points) for story in self._weak])
        sure = [story for story in unlabelled if not GATE_SURE[0] <= story.gate_points < GATE_SURE[1]]
        self._ngrams = self._choose(wire)
        self._places = {gram: place for place, gram in enumerate(self._ngrams)}
        seen = Counter(gram for story in (*unlabelled, *wire) for gram in story.title | story.text)
        total = len(unlabelled) + len(wire)
        self._rarity = np.array([math.log((1 + total) / (1 + seen[gram])) + 1 for gram in self._ngrams])
        self._weak_matrix = self.matrix(self._weak)
        self._sure_matrix = self._with_points(sure)
        self._sure_labels = np.array([story.gate_points >= GATE_SURE[1] for story in sure])

    def teach(self, labelled: Sequence[tuple[Read, Gold]], gated: Sequence[tuple[Read, Gold]]) -> LinearWeights:
        """Return weights learnt from stories labelled with topics and from stories judged for the gate."""
        about = [(story, gold) for story, gold in labelled if gold.topics]
        matrix = sp.vstack([self._weak_matrix, self.matrix([story for story, _ in about])]).tocsr()
        by_hand = np.array([[topic in gold.topics for topic in self._topics] for _, gold in about])
        labels = np.vstack([self._weak_labels, by_hand])
        counts = np.array([1.0] * len(self._weak) + [HAND] * len(about))
        outputs = [_fit(matrix, labels[:, lane], counts, TOPIC_C) for lane in range(len(self._topics))]
        coefficients, bias = self._teach_gate(gated)
        outputs.append((coefficients[:-1], bias - GATE_SHIFT))
        return self._weights(outputs, float(coefficients[-1]) * GATE_POINTS_SCALE)

    def _teach_gate(self, gated: Sequence[tuple[Read, Gold]]) -> tuple[np.ndarray, float]:
        matrix = sp.vstack([self._sure_matrix, self._with_points([story for story, _ in gated])]).tocsr()
        labels = np.concatenate([self._sure_labels, [bool(gold.is_relevant) for _, gold in gated]])
        counts = np.array([GATE_WEAK] * len(self._sure_labels) + [1.0] * len(gated))
        return _fit(matrix, labels, counts, GATE_C)

    def _by_terms(self, points: dict[str, float]) -> list[bool]:
        """Return the labels by which the terms teach: three topics at most, strong and not far behind the first."""
        ranked = sorted(points.values(), reverse=True)[:3]
        floor = min(max(2.5, 0.4 * ranked[0]), 9.0) if ranked else 1.0
        floor = max(floor, ranked[-1]) if ranked else floor
        return [points.get(topic, 0.0) >= floor for topic in self._topics]

    def _choose(self, wire: Sequence[Read]) -> list[Gram]:
        seen = Counter(gram for story in self._weak for gram in story.title | story.text)
        most = MAX_SHARE * len(self._weak)
        candidates = sorted((gram for gram, n in seen.items() if MIN_STORIES <= n < most and _is_word(gram)), key=_text)
        places = {gram: place for place, gram in enumerate(candidates)}
        rows = [sorted(places[gram] for gram in story.title | story.text if gram in places) for story in self._weak]
        held = _sparse(rows, [np.ones(len(row)) for row in rows], len(candidates))
        signal = np.max([np.nan_to_num(chi2(held, column)[0]) for column in self._weak_labels.T], axis=0)
        chosen = {candidates[place] for place in np.argsort(-signal, kind="stable")[:TOPIC_NGRAMS]}
        common = Counter(gram for story in wire for gram in story.title | story.text)
        ordered = sorted(common, key=lambda gram: (-common[gram], _text(gram)))
        chosen.update([gram for gram in ordered if _is_word(gram) and gram not in chosen][:WIRE_NGRAMS])
        return sorted(chosen, key=_text)

    def matrix(self, stories: Sequence[Read]) -> sp.csr_matrix:
        """Return the stories as rows of unit length, as the program scores them."""
        rows, values = [], []
        for story in stories:
            title = sorted(self._places[gram] for gram in story.title if gram in self._places)
            text = sorted(self._places[gram] for gram in story.text - story.title if gram in self._places)
            value = (
                np.concatenate([TITLE_FACTOR * self._rarity[title], self._rarity[text]])
                if title or text
                else np.zeros(0)
            )
            rows.append(title + text)
            values.append(value / (np.sqrt((value * value).sum()) or 1.0))
        return _sparse(rows, values, len(self._ngrams))

    def _with_points(self, stories: Sequence[Read]) -> sp.csr_matrix:
        points = [math.log1p(min(story.gate_points, MAX_GATE_POINTS)) * GATE_POINTS_SCALE for story in stories]
        return sp.hstack([self.matrix(stories), sp.csr_matrix(np.array(points)[:, None])]).tocsr()

    def _weights(self, outputs: Sequence[tuple[np.ndarray, float]], gate_points_factor: float) -> LinearWeights:
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
            terms_shares=(USUAL,) * len(self._topics),
            confidence=(1.0, 0.0),
        )


def curve(labels: Sequence[tuple[float, bool]]) -> tuple[float, float]:
    """Return slope and offset of the logistic curve from the strength of a label to the share that is right."""
    strengths = np.array([[strength] for strength, _ in labels])
    fitted = LogisticRegression(C=100.0).fit(strengths, [is_right for _, is_right in labels])
    return round(float(fitted.coef_[0][0]), 4), round(float(fitted.intercept_[0]), 4)


def _fit(matrix: sp.csr_matrix, labels: np.ndarray, counts: np.ndarray, strength: float) -> tuple[np.ndarray, float]:
    own, others = counts[labels].sum(), counts[~labels].sum()
    balanced = np.where(labels, counts * (others / own) ** BALANCE, counts)
    model = LogisticRegression(C=strength, solver="liblinear", random_state=SEED, tol=1e-3)
    model.fit(matrix, labels, sample_weight=balanced)
    return model.coef_[0], float(model.intercept_[0])


def _sparse(rows: Sequence[list[int]], values: Sequence[np.ndarray], width: int) -> sp.csr_matrix:
    ends = np.cumsum([0, *map(len, rows)])
    columns = np.concatenate([np.array(row, dtype=np.int32) for row in rows])
    return sp.csr_matrix((np.concatenate(values), columns, ends), shape=(len(rows), width))


def _is_word(gram: Gram) -> bool:
    """Tell whether an n-gram may be learnt: no number alone, no piece of a word such as the s of "it's"."""
    words = _text(gram).split()
    return not all(word.isdigit() for word in words) and all(len(word) > 1 for word in words)


def _text(gram: Gram) -> str:
    return gram if isinstance(gram, str) else " ".join(gram)
