"""The tables of what waits: for the search index, and for newer code. models.tables has them all."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from models._base import Base, own_key, refers_to


class SearchQueue(Base):
    """Stories whose search row is behind their text."""

    __tablename__ = "search_queue"
    story_id: Mapped[int] = refers_to("stories.id", on_delete="CASCADE", primary_key=True)
    queued_at: Mapped[datetime]


class Quarantine(Base):
    """What could not be understood, once per code version, with its reason."""

    __tablename__ = "quarantine"
    __table_args__ = (UniqueConstraint("feed_id", "digest", "stage", "code_version"),)
    id: Mapped[int] = own_key()
    feed_id: Mapped[str] = refers_to("feeds.id", on_delete="RESTRICT")
    digest: Mapped[str]
    stage: Mapped[str]
    code_version: Mapped[str]
    error: Mapped[str]
    message: Mapped[str]
    traceback: Mapped[str | None]
    document_digest: Mapped[str | None]
    run_id: Mapped[int] = refers_to("runs.id", on_delete="RESTRICT")
    first_seen_at: Mapped[datetime]
