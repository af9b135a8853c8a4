"""The table of feeds, with what the nights teach of each."""

from datetime import datetime

from sqlalchemy import Column

from models.tables.conventions import Base, column


class Feed(Base):
    """A feed of feeds.yaml, or a source of imported documents, with what the archive has learnt of it."""

    __tablename__ = "feeds"
    id: Column[str] = column(primary_key=True)
    name: Column[str]
    url: Column[str]
    current_url: Column[str]
    kind: Column[str]
    language: Column[str | None]
    country: Column[str | None]
    relevance: Column[str]
    full_text: Column[bool]
    position: Column[int]
    is_active: Column[bool]
    etag: Column[str | None]
    last_modified: Column[str | None]
    document_digest: Column[str | None]
    parsed_as: Column[str | None]
    unconditional_at: Column[datetime | None]
    next_attempt_at: Column[datetime | None]
    failure_points: Column[float] = column(default=0.0)
    failing_nights: Column[int] = column(default=0)
    state: Column[str] = column(default="active")
    state_reason: Column[str | None]
    last_success_at: Column[datetime | None]
    failing_since: Column[datetime | None]
    failed_at: Column[datetime | None]
    moved_to: Column[str | None]
    moved_since: Column[datetime | None]
    moved_at: Column[datetime | None]
    moved_nights: Column[int] = column(default=0, server_default="0")
    gap_at: Column[datetime | None]
    rights: Column[str] = column(default="full", server_default="full")
    created_at: Column[datetime]
