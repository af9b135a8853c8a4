"""Judge kept stories again, a batch a transaction, and count what that changes."""

import heapq
from collections import Counter
from collections.abc import Iterator, Sequence

from msgspec import Struct, field
from sqlalchemy import Engine

from flows.runs.session import utc_now
from flows.steps.classify import Classifier
from models.archive.labels import Choice, Kept, Labels, NewLabels, kept_after, write_labels
from models.stages import Classification
from models.storage.database import read_transaction, write_transaction

LABEL_BATCH = 500
EXAMPLES = 10


class RelabelRequest(Struct, frozen=True, kw_only=True):
    """What is to be labelled again."""

    choice: Choice = field(default_factory=Choice)
    is_rehearsal: bool = False  # count what would change and keep nothing


class Example(Struct, frozen=True, order=True):
    """A story whose first topic changes; the surer both judgements were, the worse."""

    weight: float
    story_id: int
    title: str
    before: str
    after: str


class Churn(Struct):
    """What a new set of labels changes."""

    stories: int = 0
    first_changed: int = 0
    admitted: int = 0  # stories that were turned away and now are about climate
    before: Counter[str] = field(default_factory=Counter)  # stories by topic
    came: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    worst: list[Example] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Return the share of stories that get another first topic."""
        return self.first_changed / self.stories if self.stories else 0.0

    def count(self, kept: Kept, found: Classification) -> None:
        """Count one story's change."""
        topics = list(kept.labels.topics) if kept.labels else []
        old, new = set(topics), {topic.id for topic in found.topics}
        self.stories += 1
        self.before.update(old)
        self.came.update(new - old)
        self.left.update(old - new)
        self.admitted += found.is_relevant and not kept.is_relevant
        first = found.topics[0]
        before = topics[0] if topics else "(none)"
        if before != first.id:
            self.first_changed += 1
            surety = first.score + (kept.labels.topics.get(before, 0.0) if kept.labels else 0.0)
            example = Example(round(surety, 4), kept.story_id, kept.title, before, first.id)
            push = heapq.heappush if len(self.worst) < EXAMPLES else heapq.heappushpop
            push(self.worst, example)

    @property
    def examples(self) -> list[Example]:
        """Return the worst changes, the worst first."""
        return sorted(self.worst, reverse=True)


def judge_all(engine: Engine, classifier: Classifier, request: RelabelRequest) -> Churn:
    """Judge every chosen story and write its labels beside the current ones, unless the same were written before."""
    churn = Churn()
    for batch in _batches(engine, classifier.version, request.choice):
        judged = [
            (kept, classifier.classify(kept.title, kept.text, feed_topics=kept.tags, url=kept.url)) for kept in batch
        ]
        for kept, found in judged:
            churn.count(kept, found)
        if not request.is_rehearsal:
            _write(engine, [(kept, found) for kept, found in judged if _labels(found) != kept.ready])
    return churn


def _labels(found: Classification) -> Labels:
    return Labels(relevance=found.relevance, topics={topic.id: topic.score for topic in found.topics})


def _batches(engine: Engine, version: str, choice: Choice) -> Iterator[list[Kept]]:
    last = 0
    while True:
        with read_transaction(engine) as connection:
            batch = kept_after(connection, last, choice, version, LABEL_BATCH)
        if not batch:
            return
        last = batch[-1].story_id
        yield batch


def _write(engine: Engine, judged: Sequence[tuple[Kept, Classification]]) -> None:
    labels = [
        NewLabels(story_id=kept.story_id, version_id=kept.version_id, classification=found) for kept, found in judged
    ]
    with write_transaction(engine) as connection:
        write_labels(connection, labels, utc_now())
