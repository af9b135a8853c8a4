"""Say what a story is about and why: weighted terms in title, lead and body, a gate for relevance, evidence for each.

The points of a topic are the sum over its terms of weight x factor of the field, for as many occurrences as the field
counts (`_hits.py`). Points become a score by points / (points + 8), and for relevance by points / (points + threshold),
so that the gate opens at 0.5.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from flows.steps._labelling.hits import TAGS, Hit, HitReader
from models.stages import GENERAL_TOPIC, Classification, Evidence, Taxonomy, TopicScore

# Part of the classifier's version: raise it with every change here, in the hits or in the matcher that moves a label.
CODE_VERSION = 1

MAX_TOPICS = 3
MIN_POINTS = 2.5  # a strong term in the lead and a little more
SECOND_SHARE = 0.4  # of the strongest topic's points
STRONG_POINTS = 9.0  # a topic of so many is named however strong the first one is
HALF_SCORE_POINTS = 8.0
REVIEW_SCORE = 0.5  # under it the primary topic is a guess
MAX_EVIDENCE = 8  # places a label


class Classifier:
    """Labels stories by one taxonomy. Build it once a process: it remembers every word that it has met."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.version = f"v{taxonomy.version}-{taxonomy.digest[:8]}-{CODE_VERSION}"
        self._threshold = taxonomy.gate.threshold
        self._order = {topic.id: place for place, topic in enumerate(taxonomy.topics)}
        self._reader = HitReader(taxonomy)

    def classify(self, title: str, text: str, *, feed_topics: Sequence[str] = ()) -> Classification:
        """Return a story's labels.

        `feed_topics` are the publisher's own tags. Evidence offsets count code points of `title` or `text`.
        """
        hits = self._reader.read(title, text, feed_topics)
        gate_points = max(0.0, sum(hit.points for hit in hits.gate) - hits.penalty)
        topics = self._topics(hits.topics)
        return Classification(
            relevance=round(gate_points / (gate_points + self._threshold), 4),
            is_relevant=gate_points >= self._threshold,
            needs_review=topics[0].score < REVIEW_SCORE,
            topics=topics,
            evidence=self._evidence(hits.gate),
            classifier_version=self.version,
        )

    def _topics(self, hits: Iterable[Hit]) -> tuple[TopicScore, ...]:
        by_topic: dict[str, list[Hit]] = defaultdict(list)
        for hit in hits:
            by_topic[hit.owner].append(hit)
        points = {topic_id: sum(hit.points for hit in own) for topic_id, own in by_topic.items()}
        ranked = sorted(points, key=lambda topic_id: (-points[topic_id], self._order[topic_id]))[:MAX_TOPICS]
        if not ranked or points[ranked[0]] < MIN_POINTS:
            return (TopicScore(id=GENERAL_TOPIC, score=0.0, primary=True),)
        floor = min(max(MIN_POINTS, SECOND_SHARE * points[ranked[0]]), STRONG_POINTS)
        return tuple(
            TopicScore(
                id=topic_id,
                score=round(points[topic_id] / (points[topic_id] + HALF_SCORE_POINTS), 4),
                primary=topic_id == ranked[0],
                evidence=self._evidence(by_topic[topic_id]),
            )
            for topic_id in ranked
            if points[topic_id] >= floor
        )

    def _evidence(self, hits: Iterable[Hit]) -> tuple[Evidence, ...]:
        """Return where the terms stand, what counted most first; a tag has no place in the story."""
        placed = sorted((hit for hit in hits if hit.field is not TAGS), key=lambda hit: -hit.points)
        return tuple(self._shown(hit) for hit in placed[:MAX_EVIDENCE])

    def _shown(self, hit: Hit) -> Evidence:
        term = self._reader.term(hit.term)
        text = f"{term.text}*" if term.is_prefix else term.text
        return Evidence(term=text, field=hit.field.name, weight=term.weight, start=hit.start, end=hit.end)
