"""The table of feeds, with what the nights teach of each."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from models.tables.conventions import Base


class Feed(Base):
    """A feed of feeds.yaml, or a source of imported documents, with what the archive has learnt of it."""

    __tablename__ = "feeds"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    url: Mapped[str]
    current_url: Mapped[str]
    kind: Mapped[str]
    language: Mapped[str | None]
    country: Mapped[str | None]
    relevance: Mapped[str]
    full_text: Mapped[bool]
    position: Mapped[int]
    is_active: Mapped[bool]
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    document_digest: Mapped[str | None]
    parsed_as: Mapped[str | None]
    unconditional_at: Mapped[datetime | None]
    next_attempt_at: Mapped[datetime | None]
    failure_points: Mapped[float] = mapped_column(default=0.0)
    failing_nights: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(default="active")
    state_reason: Mapped[str | None]
    last_success_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    moved_to: Mapped[str | None]
    moved_since: Mapped[datetime | None]
    moved_at: Mapped[datetime | None]
    moved_nights: Mapped[int] = mapped_column(default=0, server_default="0")
    gap_at: Mapped[datetime | None]
    rights: Mapped[str] = mapped_column(default="full", server_default="full")
    created_at: Mapped[datetime]
