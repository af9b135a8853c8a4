"""The rows of a judgement: what was found of one version of a story, and why."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection

from models.stages import Classification
from models.storage.database import insert_rows
from models.tables.keys import table_of
from models.tables.labels import ClassificationRow, StoryTopic


class KeptJudgement(Struct, frozen=True, kw_only=True):
    """A judgement with the key of its row."""

    id: int
    story_id: int
    version_id: int
    classification: Classification
    origin: str = "auto"


def write_judgements(connection: Connection, judgements: Sequence[KeptJudgement], now: datetime) -> None:
    """Write judgements with their topics; their versions must exist."""
    insert_rows(connection, table_of(ClassificationRow), (_row(one, now) for one in judgements))
    insert_rows(connection, table_of(StoryTopic), (row for one in judgements for row in _topic_rows(one)))


def _row(judgement: KeptJudgement, now: datetime) -> dict[str, Any]:
    found = judgement.classification
    return {
        "id": judgement.id,
        "story_id": judgement.story_id,
        "version_id": judgement.version_id,
        "classifier_version": found.classifier_version,
        "origin": judgement.origin,
        "relevance": found.relevance,
        "is_relevant": found.is_relevant,
        "needs_review": found.needs_review,
        "evidence": found.evidence,
        "created_at": now,
    }


def _topic_rows(judgement: KeptJudgement) -> Iterator[dict[str, Any]]:
    for topic in judgement.classification.topics:
        yield {
            "classification_id": judgement.id,
            "topic_id": topic.id,
            "score": topic.score,
            "is_primary": topic.primary,
            "evidence": topic.evidence,
        }
