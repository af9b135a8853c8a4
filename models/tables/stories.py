"""The tables of stories: their names, where they were seen, what they said at each time."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, UniqueConstraint

from models.tables.conventions import Base, column, own_key, refers_to


class Story(Base):
    """One article, however many feeds, guids and links it came by."""

    __tablename__ = "stories"
    id: Column[int] = own_key()
    uid: Column[str] = column(unique=True)
    url: Column[str | None]
    title: Column[str]
    language: Column[str | None]
    authors: Column[list[Any]]
    tags: Column[list[Any]]
    published_at: Column[datetime | None]
    published_raw: Column[str | None]
    is_zone_assumed: Column[bool]
    first_seen_at: Column[datetime] = column(index=True)
    sort_at: Column[datetime]
    relevant_at: Column[datetime | None]
    first_run_id: Column[int] = refers_to("runs.id", on_delete="RESTRICT")
    relevant_run_id: Column[int | None] = refers_to(
        "runs.id", on_delete="RESTRICT", name="fk_stories_admitted_run_id"
    )  # the name that the column had
    version_id: Column[int | None]
    classification_id: Column[int | None]
    text_source: Column[str]
    content_hash: Column[str]
    revisions: Column[int]
    flapping: Column[bool]
    cluster_id: Column[int] = column(index=True)
    merged_into: Column[int | None] = refers_to("stories.id", on_delete="RESTRICT")
    withdrawn_at: Column[datetime | None]
    withdrawn_reason: Column[str | None]
    page_state: Column[str]
    page_reason: Column[str | None]
    page_due_at: Column[datetime | None]
    page_attempts: Column[int]
    page_checks: Column[int]
    page_etag: Column[str | None]
    page_digest: Column[str | None]
    page_pending_hash: Column[str | None]


class StoryKey(Base):
    """A name by which an entry finds its story. Append-only."""

    __tablename__ = "story_keys"
    kind: Column[str] = column(primary_key=True)
    scope: Column[str] = column(primary_key=True)
    key: Column[str] = column(primary_key=True)
    story_id: Column[int] = refers_to("stories.id", on_delete="CASCADE", index=True)
    feed_id: Column[str] = refers_to("feeds.id", on_delete="RESTRICT")
    is_ambiguous: Column[bool]
    key_version: Column[int]
    added_at: Column[datetime]


class Sighting(Base):
    """A story as one feed shows it: what is needed to see the next change, not its text."""

    __tablename__ = "sightings"
    __table_args__ = (
        UniqueConstraint("feed_id", "story_id"),
        Index("ix_sightings_digest", "feed_id", "entry_digest"),
        Index("ix_sightings_moment", "feed_id", "published_at", "content_hash"),
    )
    id: Column[int] = own_key()
    feed_id: Column[str] = refers_to("feeds.id", on_delete="RESTRICT")
    story_id: Column[int] = refers_to("stories.id", on_delete="CASCADE", index=True)
    guid: Column[str | None]
    url: Column[str | None]
    url_key: Column[str | None]
    entry_digest: Column[str]
    content_hash: Column[str]
    length_class: Column[int]
    title: Column[str]
    text_hash: Column[str] = column(server_default="")
    published_at: Column[datetime | None]
    first_seen_at: Column[datetime]
    first_run_id: Column[int] = refers_to("runs.id", on_delete="RESTRICT")
    changed_at: Column[datetime]


class StoryVersion(Base):
    """The story's text as it stood once."""

    __tablename__ = "story_versions"
    __table_args__ = (
        UniqueConstraint("story_id", "number"),
        UniqueConstraint("story_id", "run_id", "source"),
    )
    id: Column[int] = own_key()
    story_id: Column[int] = refers_to("stories.id", on_delete="CASCADE")
    number: Column[int]
    reason: Column[str]
    source: Column[str]
    feed_id: Column[str | None] = refers_to("feeds.id", on_delete="RESTRICT")
    run_id: Column[int] = refers_to("runs.id", on_delete="RESTRICT", index=True)
    created_at: Column[datetime]
    title: Column[str]
    text: Column[str]
    html: Column[bytes] = column(server_default="")
    content_hash: Column[str]
    method: Column[str]
    confidence: Column[float]
    extractor_version: Column[str]
    raw_entry: Column[bytes | None]
    raw_digest: Column[str | None] = refers_to("raw_blobs.digest", on_delete="SET NULL")
    replaced_hash: Column[str | None]
    replaced_extractor_version: Column[str | None]
