"""The tables of stories: their names, where they were seen, what they said at each time."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.conventions import Base, own_key, refers_to


class Story(Base):
    """One article, however many feeds, guids and links it came by."""

    __tablename__ = "stories"
    id: Mapped[int] = own_key()
    uid: Mapped[str] = mapped_column(unique=True)
    url: Mapped[str | None]
    title: Mapped[str]
    language: Mapped[str | None]
    authors: Mapped[list[Any]]
    tags: Mapped[list[Any]]
    published_at: Mapped[datetime | None]
    published_raw: Mapped[str | None]
    is_zone_assumed: Mapped[bool]
    first_seen_at: Mapped[datetime] = mapped_column(index=True)
    sort_at: Mapped[datetime]
    relevant_at: Mapped[datetime | None]
    first_run_id: Mapped[int] = refers_to("runs.id", on_delete="RESTRICT")
    relevant_run_id: Mapped[int | None] = refers_to("runs.id", on_delete="RESTRICT")
    version_id: Mapped[int | None]
    classification_id: Mapped[int | None]
    text_source: Mapped[str]
    content_hash: Mapped[str]
    revisions: Mapped[int]
    flapping: Mapped[bool]
    cluster_id: Mapped[int] = mapped_column(index=True)
    merged_into: Mapped[int | None] = refers_to("stories.id", on_delete="RESTRICT")
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str | None]
    page_state: Mapped[str]
    page_reason: Mapped[str | None]
    page_due_at: Mapped[datetime | None]
    page_attempts: Mapped[int]
    page_checks: Mapped[int]
    page_etag: Mapped[str | None]
    page_digest: Mapped[str | None]
    page_pending_hash: Mapped[str | None]


class StoryKey(Base):
    """A name by which an entry finds its story. Append-only."""

    __tablename__ = "story_keys"
    kind: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    story_id: Mapped[int] = refers_to("stories.id", on_delete="CASCADE", index=True)
    feed_id: Mapped[str] = refers_to("feeds.id", on_delete="RESTRICT")
    is_ambiguous: Mapped[bool]
    key_version: Mapped[int]
    added_at: Mapped[datetime]


class Sighting(Base):
    """A story as one feed shows it: what is needed to see the next change, not its text."""

    __tablename__ = "sightings"
    __table_args__ = (
        UniqueConstraint("feed_id", "story_id"),
        Index("ix_sightings_digest", "feed_id", "entry_digest"),
        Index("ix_sightings_moment", "feed_id", "published_at", "content_hash"),
    )
    id: Mapped[int] = own_key()
    feed_id: Mapped[str] = refers_to("feeds.id", on_delete="RESTRICT")
    story_id: Mapped[int] = refers_to("stories.id", on_delete="CASCADE", index=True)
    guid: Mapped[str | None]
    url: Mapped[str | None]
    url_key: Mapped[str | None]
    entry_digest: Mapped[str]
    content_hash: Mapped[str]
    length_class: Mapped[int]
    title: Mapped[str]
    text_hash: Mapped[str] = mapped_column(server_default="")
    published_at: Mapped[datetime | None]
    first_seen_at: Mapped[datetime]
    first_run_id: Mapped[int] = refers_to("runs.id", on_delete="RESTRICT")
    changed_at: Mapped[datetime]


class StoryVersion(Base):
    """The story's text as it stood once."""

    __tablename__ = "story_versions"
    __table_args__ = (
        UniqueConstraint("story_id", "number"),
        UniqueConstraint("story_id", "run_id", "source"),
    )
    id: Mapped[int] = own_key()
    story_id: Mapped[int] = refers_to("stories.id", on_delete="CASCADE")
    number: Mapped[int]
    reason: Mapped[str]
    source: Mapped[str]
    feed_id: Mapped[str | None] = refers_to("feeds.id", on_delete="RESTRICT")
    run_id: Mapped[int] = refers_to("runs.id", on_delete="RESTRICT", index=True)
    created_at: Mapped[datetime]
    title: Mapped[str]
    text: Mapped[str]
    html: Mapped[str]
    content_hash: Mapped[str]
    method: Mapped[str]
    confidence: Mapped[float]
    extractor_version: Mapped[str]
    raw_entry: Mapped[bytes | None]
    raw_digest: Mapped[str | None] = refers_to("raw_blobs.digest", on_delete="SET NULL")
    replaced_hash: Mapped[str | None]
    replaced_extractor_version: Mapped[str | None]
