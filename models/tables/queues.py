"""The tables of stories that wait: for the search index, and for their vector."""

from datetime import datetime

from sqlalchemy import Column

from models.tables.conventions import Base, refers_to


class SearchQueue(Base):
    """Stories whose search row is behind their text."""

    __tablename__ = "search_queue"
    story_id: Column[int] = refers_to("stories.id", on_delete="CASCADE", primary_key=True)
    queued_at: Column[datetime]


class VectorQueue(Base):
    """Stories whose vector is behind their text."""

    __tablename__ = "vector_queue"
    story_id: Column[int] = refers_to("stories.id", on_delete="CASCADE", primary_key=True)
    queued_at: Column[datetime]
