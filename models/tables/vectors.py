"""The table of vectors: what stories mean."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from models.tables.conventions import Base, refers_to


class StoryVector(Base):
    """What a story means, as an encoder's vector: for similar stories, and copies across languages."""

    __tablename__ = "story_vectors"
    story_id: Mapped[int] = refers_to("stories.id", on_delete="CASCADE", primary_key=True)
    encoder: Mapped[str] = mapped_column(index=True)
    vector: Mapped[bytes]
    made_at: Mapped[datetime]
