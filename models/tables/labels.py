"""The tables of topics, and of the labels that stories have."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from models.tables.conventions import Base, own_key, refers_to


class TopicRow(Base):
    """A topic that topics.yaml has or once had."""

    __tablename__ = "topics"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    definition: Mapped[str]
    is_active: Mapped[bool]


class ClassificationRow(Base):
    """One judgement of one version of a story."""

    __tablename__ = "classifications"
    id: Mapped[int] = own_key()
    story_id: Mapped[int] = refers_to("stories.id", on_delete="CASCADE", index=True)
    version_id: Mapped[int] = refers_to("story_versions.id", on_delete="CASCADE", index=True)
    classifier_version: Mapped[str]
    origin: Mapped[str]
    relevance: Mapped[float]
    is_relevant: Mapped[bool]
    needs_review: Mapped[bool]
    evidence: Mapped[list[Any]]
    created_at: Mapped[datetime]


class StoryTopic(Base):
    """A label of a judgement, with its evidence."""

    __tablename__ = "story_topics"
    classification_id: Mapped[int] = refers_to("classifications.id", on_delete="CASCADE", primary_key=True)
    topic_id: Mapped[str] = refers_to("topics.id", on_delete="RESTRICT", primary_key=True, index=True)
    score: Mapped[float]
    is_primary: Mapped[bool]
    evidence: Mapped[list[Any]]
