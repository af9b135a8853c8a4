"""Say what a story is about and why: weighted terms and learnt weights for topics and relevance, evidence for each.

A topic's strength is half its share of the terms' points (weight x factor of the field, for as many occurrences as the
field counts: `hits.py`) and half what the learnt weights say (`linear.py`); where nothing was learnt, the terms alone.
A gate of both decides relevance: its terms' points are one more word to the weights. `config/topics.yaml` tells more.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from flows.steps._labelling.evidence import EvidenceWriter, LearntStory
from flows.steps._labelling.hits import Hit, HitReader, Hits
from flows.steps._labelling.linear import READ_WORDS, LinearModel
from models.stages import GENERAL_TOPIC, Classification, Taxonomy, TopicScore

# Part of the classifier's version: raise it with every change here or in _labelling that moves a label.
CODE_VERSION = 2

MAX_TOPICS = 3
TERMS_SHARE = 0.5  # of a topic's strength; the learnt weights have the rest
FULL_POINTS = 12.0  # the terms' points of which a topic needs so many for its full share: a strong term in the title
MIN_FIRST = 0.12  # strength under which no topic fits
MIN_OTHER = 0.35  # strength from which a topic is named beside the first
MAX_GATE_POINTS = 20.0  # a long text on climate is no more relevant than a short one
GATE_OPEN = 0.5  # relevance from which a story is about climate
REVIEW_SCORE = 0.5  # under it the first topic is a guess


class Classifier:
    """Labels stories by one taxonomy. Build it once a process: it remembers every word that it has met."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        weights = taxonomy.weights
        learnt = f"{weights.digest[:8]}-" if weights else ""
        self.version = f"v{taxonomy.version}-{taxonomy.digest[:8]}-{learnt}{CODE_VERSION}"
        self._threshold = taxonomy.gate.threshold
        self._order = {topic.id: place for place, topic in enumerate(taxonomy.topics)}
        self._reader = HitReader(taxonomy)
        self._weights = weights
        self._linear = LinearModel(weights) if weights else None
        self._lanes = {topic: lane for lane, topic in enumerate(weights.topics)} if weights else {}

    def classify(self, title: str, text: str, *, feed_topics: Sequence[str] = ()) -> Classification:
        """Return a story's labels.

        `feed_topics` are the publisher's own tags. Evidence offsets count code points of `title` or `text`.
        """
        hits = self._reader.read(title, text, feed_topics)
        learnt = self._read_learnt(hits)
        relevance = self._relevance(hits, learnt)
        by_topic = _by_topic(hits.topics)
        evidence = EvidenceWriter(self._reader, hits, learnt)
        topics = tuple(
            TopicScore(
                id=topic_id,
                score=round(self._confidence(strength), 4),
                primary=place == 0,
                evidence=evidence.of_label(by_topic.get(topic_id, ()), self._lanes.get(topic_id)),
            )
            for place, (topic_id, strength) in enumerate(self._ranked(by_topic, learnt))
        )
        return Classification(
            relevance=round(relevance, 4),
            is_relevant=relevance >= GATE_OPEN,
            needs_review=topics[0].score < REVIEW_SCORE,
            topics=topics,
            evidence=evidence.of_label(hits.gate, len(self._lanes)),
            classifier_version=self.version,
        )

    def strengths(self, title: str, text: str, *, feed_topics: Sequence[str] = ()) -> dict[str, float]:
        """Return how strong each topic is in a story, 0..1; what is left out has none."""
        hits = self._reader.read(title, text, feed_topics)
        return self._strengths(_by_topic(hits.topics), self._read_learnt(hits))

    def _read_learnt(self, hits: Hits) -> LearntStory | None:
        model = self._linear
        if model is None:
            return None
        title_words, text_words = model.normal(hits.title.words), model.normal(hits.text.words[:READ_WORDS])
        scores = model.score(title_words, text_words)
        return LearntStory(model, scores, title_words, text_words)

    def _relevance(self, hits: Hits, learnt: LearntStory | None) -> float:
        """Return how sure it is that a story is about climate; the gate opens at 0.5."""
        points = max(0.0, sum(hit.points for hit in hits.gate) - hits.penalty)
        if learnt is None or self._weights is None:
            return points / (points + self._threshold)
        lift = math.log1p(min(points, MAX_GATE_POINTS)) * self._weights.gate_points_factor
        return _logistic(learnt.scores.gate + lift)

    def _ranked(self, by_topic: Mapping[str, Sequence[Hit]], learnt: LearntStory | None) -> list[tuple[str, float]]:
        strengths = self._strengths(by_topic, learnt)
        ranked = sorted(strengths.items(), key=lambda one: (-one[1], self._order[one[0]]))[:MAX_TOPICS]
        if not ranked or ranked[0][1] < MIN_FIRST:
            return [(GENERAL_TOPIC, 0.0)]
        return ranked[:1] + [one for one in ranked[1:] if one[1] >= MIN_OTHER]

    def _strengths(self, by_topic: Mapping[str, Sequence[Hit]], learnt: LearntStory | None) -> dict[str, float]:
        points = {topic_id: sum(hit.points for hit in own) for topic_id, own in by_topic.items()}
        full = max(points.values(), default=0.0)
        full = max(full, FULL_POINTS)
        strengths = {topic_id: own / full for topic_id, own in points.items()}
        if learnt is not None:
            for topic_id, lane in self._lanes.items():
                if topic_id in self._order:
                    own = TERMS_SHARE * strengths.get(topic_id, 0.0)
                    strengths[topic_id] = own + (1 - TERMS_SHARE) * learnt.scores.topics[lane]
        return strengths

    def _confidence(self, strength: float) -> float:
        """Return how probable it is that a label of this strength is right."""
        if self._weights is None or not strength:
            return strength
        slope, offset = self._weights.confidence
        return _logistic(slope * strength + offset)


def _by_topic(hits: Iterable[Hit]) -> dict[str, list[Hit]]:
    by_topic: dict[str, list[Hit]] = defaultdict(list)
    for hit in hits:
        by_topic[hit.owner].append(hit)
    return by_topic


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-value))
