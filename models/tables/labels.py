"""The tables of topics, and of the labels that stories have."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column

from models.tables.conventions import Base, column, own_key, refers_to


class TopicRow(Base):
    """A topic that topics.yaml has or once had."""

    __tablename__ = "topics"
    id: Column[str] = column(primary_key=True)
    name: Column[str]
    definition: Column[str]
    is_active: Column[bool]


class ClassificationRow(Base):
    """One judgement of one version of a story."""

    __tablename__ = "classifications"
    id: Column[int] = own_key()
    story_id: Column[int] = refers_to("stories.id", on_delete="CASCADE", index=True)
    version_id: Column[int] = refers_to("story_versions.id", on_delete="CASCADE", index=True)
    classifier_version: Column[str]
    origin: Column[str]
    relevance: Column[float]
    is_relevant: Column[bool]
    needs_review: Column[bool]
    evidence: Column[list[Any]]
    created_at: Column[datetime]


class StoryTopic(Base):
    """A label of a judgement, with its evidence."""

    __tablename__ = "story_topics"
    classification_id: Column[int] = refers_to("classifications.id", on_delete="CASCADE", primary_key=True)
    topic_id: Column[str] = refers_to("topics.id", on_delete="RESTRICT", primary_key=True, index=True)
    score: Column[float]
    is_primary: Column[bool]
    evidence: Column[list[Any]]
