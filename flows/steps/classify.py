"""Say what a story is about and why: weighted terms and learnt weights for topics and relevance, evidence for each.

A topic's strength is in part its share of the terms' points (weight x factor of the field, for as many occurrences as
the field counts: `hits.py`) and in part what the learnt weights say (`linear.py`), in a proportion that was chosen for
each topic; where nothing was learnt, the terms alone.
A gate of both decides relevance: its terms' points are one more word to the weights. `config/topics.yaml` tells more.
Where this first reader doubts, or does not know the language, a second one reads the story's meaning (`second.py`), now
or, where the classifier was made so, later: the version of the labels says then that the meaning is unread.
"""

import math
from collections.abc import Sequence

from msgspec.structs import replace

from flows.steps._labelling.encoder import READ_LENGTH
from flows.steps._labelling.evidence import EvidenceWriter, LearntStory
from flows.steps._labelling.hits import GATE, NEGATIVES, OF_GATE, HitReader, Hits
from flows.steps._labelling.linear import READ_WORDS, LinearModel, without
from flows.steps._labelling.meaning import Meaning
from flows.steps._labelling.second import (
    First,
    SecondReader,
    foreign_scores,
    logistic,
    second_reader,
    topic_features,
)
from models.learnt import UNREAD
from models.stages import GENERAL_TOPIC, Classification, Evidence, Taxonomy, TopicScore

# Part of the classifier's version: raise it with every change here or in _labelling that moves a label.
CODE_VERSION = 8

MAX_TOPICS = 3
FULL_POINTS = 12.0  # the terms' points of which a topic needs so many for its full share: a strong term in the title
MIN_FIRST = 0.12  # strength under which no topic fits
MIN_OTHER = 0.35  # strength from which a topic is named beside the first
# Share of the terms' points, and score of the words, that keep a topic where the second did not see the whole text.
FIRM_TERMS = 0.3
FIRM_WORDS = 0.5
MAX_GATE_POINTS = 20.0  # a long text on climate is no more relevant than a short one
GATE_OPEN = 0.5  # relevance from which a story is about climate
REVIEW_SCORE = 0.5  # under it the first topic is a guess
USUAL_SHARE = 0.3  # of a feed's stories that are about climate, where nobody knows: how the labelled stories are mixed
MIN_SHARE = 0.005  # a feed never says that a story cannot, or must, be about climate
SHARE_WEIGHT = 0.5  # a feed's other stories are half as telling as independent evidence would be


class TopicReading:
    """A story as the first reader reads it, and the second where it was asked."""

    __slots__ = (
        *("first", "hits", "is_unread", "learnt", "literal"),
        *("meaning", "points", "stacked", "text", "title", "whole"),
    )

    def __init__(self, title: str, text: str, hits: Hits) -> None:
        self.title = title
        self.text = text
        self.hits = hits
        self.points = {owner: sum([hit[0] for hit in own]) for owner, own in hits.of.items()}
        self.whole: LearntStory | None = None
        self.literal: LearntStory | None = None
        self.learnt: Sequence[float] = ()  # scores of the topics, in the order of the weights
        self.first: First | None = None  # None: nothing was learnt
        self.meaning: Meaning | None = None
        self.is_unread = False  # the second reader is to be asked, and later
        self.stacked: Sequence[float] = ()  # how probable each of them is by both readers, where both know the language

    def gate_points(self) -> float:
        """Return what the terms say for the gate, less what the negatives say against it."""
        return max(0.0, self.points.get(GATE, 0.0) - self.points.get(NEGATIVES, 0.0))


class Classifier:
    """Labels stories by one taxonomy. Build it once a process: it remembers every word that it has met."""

    def __init__(self, taxonomy: Taxonomy, *, reads_meaning: bool = True) -> None:
        """Make ready; without `reads_meaning` what the second reader would read is left unread, and nothing loaded."""
        weights = taxonomy.weights
        self._second: SecondReader | None = second_reader(taxonomy.meaning) if weights else None
        self._reads_meaning = reads_meaning
        self.version = _version(taxonomy, self._second)
        self._threshold = taxonomy.gate.threshold
        self._order = {topic.id: place for place, topic in enumerate(taxonomy.topics)}
        self._reader = HitReader(taxonomy)
        self._linear = LinearModel(weights) if weights else None
        self._lanes = {topic: lane for lane, topic in enumerate(weights.topics)} if weights else {}
        self._shares = [
            (topic, lane, weights.terms_shares[lane])
            for topic, lane in self._lanes.items()
            if weights and topic in self._order
        ]

    def load(self) -> None:
        """Load what the second reader reads with now, not with its first story. Processes that are forked share it."""
        if self._second is not None:
            self._second.load()

    def classify(
        self,
        title: str,
        text: str,
        *,
        feed_topics: Sequence[str] = (),
        url: str | None = None,
        feed_share: float | None = None,
    ) -> Classification:
        """Return a story's labels.

        `feed_topics` are the publisher's own tags, `url` is its address of the story, `feed_share` is the part of its
        feed's earlier stories that are about climate, where that is known. Evidence offsets count code points of
        `title` or `text`.
        """
        reading = self.read(title, text, feed_topics=feed_topics, url=url)
        found = self.judge(reading, feed_share)
        evidence = EvidenceWriter(self._reader, reading.hits, text)
        topics = []
        for topic in found.topics:
            lane = self._lanes.get(topic.id)
            words = evidence.of_label(reading.hits.of.get(topic.id, ()), reading.literal, lane)
            topics.append(replace(topic, evidence=(*words, *self._carried(reading, lane))))
        words = evidence.of_label(reading.hits.of.get(GATE, ()), reading.whole, len(self._lanes))
        return replace(found, topics=tuple(topics), evidence=(*words, *self._carried(reading, len(self._lanes))))

    def judge(self, reading: TopicReading, feed_share: float | None = None) -> Classification:
        """Return the labels of a story that was read, without evidence."""
        relevance = logistic(self._log_odds(reading) + _feed_says(feed_share))
        ranked = [(topic_id, self._confidence(reading, strength)) for topic_id, strength in self._ranked(reading)]
        return Classification(
            relevance=round(relevance, 4),
            is_relevant=relevance >= GATE_OPEN,
            needs_review=round(ranked[0][1], 4) < REVIEW_SCORE,
            topics=tuple(
                TopicScore(id=topic_id, score=round(score, 4), primary=place == 0)
                for place, (topic_id, score) in enumerate(ranked)
            ),
            evidence=(),
            classifier_version=self.version + UNREAD if reading.is_unread else self.version,
            vector=reading.meaning.vector if reading.meaning else None,
            encoder=self._second.weights.encoder if self._second else "",
        )

    def strengths(self, title: str, text: str, *, feed_topics: Sequence[str] = ()) -> dict[str, float]:
        """Return how strong each topic is in a story, 0..1; what is left out has none."""
        return self._strengths(self.read(title, text, feed_topics=feed_topics))

    def read(self, title: str, text: str, *, feed_topics: Sequence[str] = (), url: str | None = None) -> TopicReading:
        """Return what the first reader finds in a story, and the second where the first doubts."""
        reading = TopicReading(title, text, self._reader.read(title, text, feed_topics, url))
        if self._linear is not None:
            self._read_learnt(reading, self._linear)
            if self._second is not None and self._second.is_asked(first := self._first(reading)):
                if self._reads_meaning:
                    self._read_meaning(reading, first, self._second)
                else:
                    reading.is_unread = True
        return reading

    def _read_meaning(self, reading: TopicReading, first: First, second: SecondReader) -> None:
        reading.first, reading.meaning = first, second.reader.read(reading.title, reading.text)
        if first.is_foreign:
            reading.learnt = foreign_scores(reading.learnt, reading.meaning)
        else:
            reading.stacked = second.stacked(self.topic_features(reading, reading.meaning))

    def topic_features(self, reading: TopicReading, meaning: Meaning) -> list[tuple[float, ...]]:
        """Return what both readers say of each learnt topic, in the order of the weights."""
        shares = self._terms(reading)
        terms = [shares.get(topic, 0.0) for topic in self._lanes]
        assert reading.whole is not None
        assert self._second is not None
        regressed = self._second.reader.examples.regressed(meaning.likeness, terms)
        return topic_features(terms, reading.learnt, meaning, regressed, has_text=bool(reading.whole.text))

    def _read_learnt(self, reading: TopicReading, model: LinearModel) -> None:
        hits = reading.hits
        title, text = model.numbers(hits.title.words), model.numbers(hits.text.words[:READ_WORDS])
        reading.whole = reading.literal = LearntStory(model, model.score(title, text), title, text)
        if hits.title.idioms or hits.text.idioms:
            # Without the words of its negatives: to the gate they say much, of a topic nothing.
            title, text = without(title, hits.title.idioms), without(text, hits.text.idioms)
            reading.literal = LearntStory(model, model.score(title, text), title, text)
        reading.learnt = reading.literal.scores.topics

    def _first(self, reading: TopicReading) -> First:
        """Return the first reader's judgement as the second weighs it."""
        assert reading.whole is not None
        whole, points = reading.whole, reading.points
        best = max([own for owner, own in points.items() if owner not in OF_GATE], default=0.0)
        words = len(whole.title) + len(whole.text)
        unknown = whole.title.count(0) + whole.text.count(0)
        return First(
            gate=self._first_log_odds(reading),
            known=1 - unknown / words if words else 1.0,
            words=words,
            has_text=bool(whole.text),
            marks=(
                math.log1p(min(reading.gate_points(), MAX_GATE_POINTS)),
                math.log1p(points.get(NEGATIVES, 0.0)),
                math.log1p(best),
            ),
        )

    def _log_odds(self, reading: TopicReading) -> float:
        """Return how sure it is that a story is about climate; above 0 it is."""
        if reading.first is None or reading.meaning is None or self._second is None:
            return self._first_log_odds(reading)
        return self._second.gate(reading.first, reading.meaning)

    def _first_log_odds(self, reading: TopicReading) -> float:
        points = reading.gate_points()
        if reading.whole is None or self._linear is None:
            return math.log(points / self._threshold) if points else -math.inf
        lift = math.log1p(min(points, MAX_GATE_POINTS)) * self._linear.gate_points_factor
        return reading.whole.scores.gate + lift

    def _ranked(self, reading: TopicReading) -> list[tuple[str, float]]:
        strengths = self._strengths(reading)
        fitting = [one for one in strengths.items() if one[1] >= MIN_FIRST]
        if not fitting:
            return [(GENERAL_TOPIC, 0.0)]
        fitting.sort(key=lambda one: (-one[1], self._order[one[0]]))
        return fitting[:1] + [one for one in fitting[1:MAX_TOPICS] if one[1] >= MIN_OTHER]

    def _terms(self, reading: TopicReading) -> dict[str, float]:
        """Return the topics' shares of the terms' points."""
        points = {owner: own for owner, own in reading.points.items() if owner in self._order}
        full = max(FULL_POINTS, *points.values()) if points else FULL_POINTS
        return {owner: own / full for owner, own in points.items()}

    def _strengths(self, reading: TopicReading) -> dict[str, float]:
        strengths = self._terms(reading)
        if reading.stacked:
            # The second reader knows only the beginning: of a longer text, what terms and words both name stays.
            is_long = 2 * len(reading.text) > 3 * READ_LENGTH
            for topic_id, lane, _ in self._shares:
                terms, words = strengths.get(topic_id, 0.0), reading.learnt[lane]
                is_firm = is_long and terms >= FIRM_TERMS and words >= FIRM_WORDS
                strengths[topic_id] = max(reading.stacked[lane], MIN_OTHER if is_firm else 0.0)
        elif reading.learnt:
            for topic_id, lane, share in self._shares:
                strengths[topic_id] = share * strengths.get(topic_id, 0.0) + (1 - share) * reading.learnt[lane]
        return strengths

    def _carried(self, reading: TopicReading, lane: int | None) -> tuple[Evidence, ...]:
        """Return what carried a label by the second reader, where that was asked."""
        if reading.meaning is None or self._second is None or lane is None:
            return ()
        return self._second.reader.evidence(reading.title, reading.text, reading.meaning, lane)

    def _confidence(self, reading: TopicReading, strength: float) -> float:
        """Return how probable it is that a label of this strength is right."""
        if self._linear is None or not strength or reading.stacked:
            return strength
        slope, offset = self._linear.confidence
        return logistic(slope * strength + offset)


def is_read_twice(found: Classification) -> bool:
    """Tell whether the second reader read a story: what carried its gate is always among the evidence."""
    return any(one.kind == "meaning" for one in found.evidence)


def _version(taxonomy: Taxonomy, second: SecondReader | None) -> str:
    """Return the classifier's version; "alone" without a second reader."""
    learnt = f"{taxonomy.weights.digest[:8]}-" if taxonomy.weights else ""
    meaning = f"{second.weights.digest[:8]}-" if second else "alone-"
    return f"v{taxonomy.version}-{taxonomy.digest[:8]}-{learnt}{meaning}{CODE_VERSION}"


def _feed_says(share: float | None) -> float:
    """Return the log-odds that a feed's history adds."""
    if share is None:
        return 0.0
    kept = min(max(share, MIN_SHARE), 1 - MIN_SHARE)
    return SHARE_WEIGHT * (math.log(kept / (1 - kept)) - math.log(USUAL_SHARE / (1 - USUAL_SHARE)))
