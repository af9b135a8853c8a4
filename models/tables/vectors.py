"""The table of vectors: what stories mean."""

from datetime import datetime

from sqlalchemy import Column, Index

from models.tables.conventions import Base, refers_to


class StoryVector(Base):
    """What a story means, as an encoder's vector: for similar stories, and copies across languages."""

    __tablename__ = "story_vectors"
    __table_args__ = (Index("ix_story_vectors_encoder", "encoder", "story_id"),)
    story_id: Column[int] = refers_to("stories.id", on_delete="CASCADE", primary_key=True)
    encoder: Column[str]
    vector: Column[bytes]
    made_at: Column[datetime]
