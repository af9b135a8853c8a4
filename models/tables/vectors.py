"""The table of vectors: what stories mean."""

from datetime import datetime

from sqlalchemy import Column

from models.tables.conventions import Base, column, refers_to


class StoryVector(Base):
    """What a story means, as an encoder's vector: for similar stories, and copies across languages."""

    __tablename__ = "story_vectors"
    story_id: Column[int] = refers_to("stories.id", on_delete="CASCADE", primary_key=True)
    encoder: Column[str] = column(index=True)
    vector: Column[bytes]
    made_at: Column[datetime]
