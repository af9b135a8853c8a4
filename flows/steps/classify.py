"""Say what a story is about and why: weighted terms and learnt weights for topics and relevance, evidence for each.

A topic's strength is in part its share of the terms' points (weight x factor of the field, for as many occurrences as
the field counts: `hits.py`) and in part what the learnt weights say (`linear.py`), in a proportion that was chosen for
each topic; where nothing was learnt, the terms alone.
A gate of both decides relevance: its terms' points are one more word to the weights. `config/topics.yaml` tells more.
"""

import math
from collections.abc import Sequence

from flows.steps._labelling.evidence import EvidenceWriter, LearntStory
from flows.steps._labelling.hits import GATE, HitReader, Hits
from flows.steps._labelling.linear import READ_WORDS, LinearModel, without
from models.stages import GENERAL_TOPIC, Classification, Taxonomy, TopicScore

# Part of the classifier's version: raise it with every change here or in _labelling that moves a label.
CODE_VERSION = 4

MAX_TOPICS = 3
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
        self._shares = [
            (topic, lane, weights.terms_shares[lane])
            for topic, lane in self._lanes.items()
            if weights and topic in self._order
        ]

    def classify(
        self, title: str, text: str, *, feed_topics: Sequence[str] = (), url: str | None = None
    ) -> Classification:
        """Return a story's labels.

        `feed_topics` are the publisher's own tags, `url` is its address of the story. Evidence offsets count code
        points of `title` or `text`.
        """
        hits = self._reader.read(title, text, feed_topics, url)
        whole = self._read_learnt(hits)
        literal = self._read_literally(hits, whole)
        relevance = self._relevance(hits, whole)
        evidence = EvidenceWriter(self._reader, hits, text)
        topics = tuple(
            TopicScore(
                id=topic_id,
                score=round(self._confidence(strength), 4),
                primary=place == 0,
                evidence=evidence.of_label(hits.of.get(topic_id, ()), literal, self._lanes.get(topic_id)),
            )
            for place, (topic_id, strength) in enumerate(self._ranked(hits, literal))
        )
        return Classification(
            relevance=round(relevance, 4),
            is_relevant=relevance >= GATE_OPEN,
            needs_review=topics[0].score < REVIEW_SCORE,
            topics=topics,
            evidence=evidence.of_label(hits.of.get(GATE, ()), whole, len(self._lanes)),
            classifier_version=self.version,
        )

    def strengths(self, title: str, text: str, *, feed_topics: Sequence[str] = ()) -> dict[str, float]:
        """Return how strong each topic is in a story, 0..1; what is left out has none."""
        hits = self._reader.read(title, text, feed_topics)
        return self._strengths(hits, self._read_literally(hits, self._read_learnt(hits)))

    def _read_learnt(self, hits: Hits) -> LearntStory | None:
        model = self._linear
        if model is None:
            return None
        title, text = model.numbers(hits.title.words), model.numbers(hits.text.words[:READ_WORDS])
        return LearntStory(model, model.score(title, text), title, text)

    def _read_literally(self, hits: Hits, whole: LearntStory | None) -> LearntStory | None:
        """Return the story without the words of its negatives: to the gate they say much, of a topic nothing."""
        if whole is None or not (hits.title.idioms or hits.text.idioms):
            return whole
        title, text = without(whole.title, hits.title.idioms), without(whole.text, hits.text.idioms)
        return LearntStory(whole.model, whole.model.score(title, text), title, text)

    def _relevance(self, hits: Hits, learnt: LearntStory | None) -> float:
        """Return how sure it is that a story is about climate; the gate opens at 0.5."""
        points = hits.gate_points()
        if learnt is None or self._weights is None:
            return points / (points + self._threshold)
        lift = math.log1p(min(points, MAX_GATE_POINTS)) * self._weights.gate_points_factor
        return _logistic(learnt.scores.gate + lift)

    def _ranked(self, hits: Hits, learnt: LearntStory | None) -> list[tuple[str, float]]:
        strengths = self._strengths(hits, learnt)
        fitting = [one for one in strengths.items() if one[1] >= MIN_FIRST]
        if not fitting:
            return [(GENERAL_TOPIC, 0.0)]
        fitting.sort(key=lambda one: (-one[1], self._order[one[0]]))
        return fitting[:1] + [one for one in fitting[1:MAX_TOPICS] if one[1] >= MIN_OTHER]

    def _strengths(self, hits: Hits, learnt: LearntStory | None) -> dict[str, float]:
        points = {owner: sum([hit[0] for hit in own]) for owner, own in hits.of.items() if owner in self._order}
        full = max(FULL_POINTS, *points.values()) if points else FULL_POINTS
        strengths = {owner: own / full for owner, own in points.items()}
        if learnt is not None:
            scores = learnt.scores.topics
            for topic_id, lane, share in self._shares:
                strengths[topic_id] = share * strengths.get(topic_id, 0.0) + (1 - share) * scores[lane]
        return strengths

    def _confidence(self, strength: float) -> float:
        """Return how probable it is that a label of this strength is right."""
        if self._weights is None or not strength:
            return strength
        slope, offset = self._weights.confidence
        return _logistic(slope * strength + offset)


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-value))
