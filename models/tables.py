"""The tables of the archive, for SQLite and PostgreSQL alike. docs/columns.md explains every column.

`stories.version_id` and `classification_id` have no foreign key, which would close a circle that SQLite's ALTER cannot
make: `queries.dangling_pointers` checks them.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models._base import Base as Base
from models._base import own_key, refers_to, where_given
from models._feed import Feed as Feed
from models._vectors import StoryVector as StoryVector
from models._vectors import VectorQueue as VectorQueue
from models._waiting import Quarantine as Quarantine
from models._waiting import SearchQueue as SearchQueue


class Run(Base):
    """One run of a job that writes: the head of its ledger."""

    __tablename__ = "runs"
    id: Mapped[int] = own_key()
    mode: Mapped[str]
    parameters: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(index=True)
    reason: Mapped[str | None]
    started_by: Mapped[str]
    started_at: Mapped[datetime]
    heartbeat_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    flow_run_id: Mapped[str | None]
    parent_run_id: Mapped[int | None] = refers_to("runs.id", on_delete="SET NULL")
    night_id: Mapped[int | None] = refers_to("runs.id", on_delete="SET NULL")
    code_version: Mapped[str]
    pages: Mapped[dict[str, Any]]


class FeedRun(Base):
    """What one feed gave in one run: a row of the ledger."""

    __tablename__ = "feed_runs"
    run_id: Mapped[int] = refers_to("runs.id", on_delete="CASCADE", primary_key=True)
    feed_id: Mapped[str] = refers_to("feeds.id", on_delete="RESTRICT", primary_key=True, index=True)
    status: Mapped[str]
    reason: Mapped[str | None]
    error: Mapped[str | None]
    traceback: Mapped[str | None]
    http_status: Mapped[int | None]
    attempts: Mapped[int]
    size_bytes: Mapped[int]
    elapsed_ms: Mapped[int]
    seen: Mapped[int]
    new: Mapped[int]
    updated: Mapped[int]
    unchanged: Mapped[int]
    duplicate: Mapped[int]
    off_topic: Mapped[int]
    failed: Mapped[int]
    versions: Mapped[int]
    warnings: Mapped[list[Any]]
    document_digest: Mapped[str | None] = mapped_column(index=True)
    finished_at: Mapped[datetime]


class Fetch(Base):
    """One HTTP request that was made."""

    __tablename__ = "fetches"
    __table_args__ = (where_given("ix_fetches_story_id", "story_id"),)
    id: Mapped[int] = own_key()
    run_id: Mapped[int] = refers_to("runs.id", on_delete="CASCADE", index=True)
    feed_id: Mapped[str | None] = refers_to("feeds.id", on_delete="SET NULL")
    story_id: Mapped[int | None] = refers_to("stories.id", on_delete="SET NULL")
    url: Mapped[str]
    attempt: Mapped[int]
    started_at: Mapped[datetime]
    elapsed_ms: Mapped[int]
    status: Mapped[int | None]
    headers: Mapped[list[Any]]
    digest: Mapped[str | None] = mapped_column(index=True)
    size_bytes: Mapped[int]
    error: Mapped[str | None]
    message: Mapped[str | None]


class RawBlob(Base):
    """An original document in the raw store."""

    __tablename__ = "raw_blobs"
    digest: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    content_type: Mapped[str]
    size_bytes: Mapped[int]
    first_seen_at: Mapped[datetime]


class Story(Base):
    """One article, however many feeds, guids and links it came by."""

    __tablename__ = "stories"
    __table_args__ = (
        Index("ix_stories_sort_at", "sort_at", "id", postgresql_where=text("relevant_at IS NOT NULL")),
        Index("ix_stories_page_due", "page_due_at", postgresql_where=text("page_due_at IS NOT NULL")),
        # A link may be longer than a sorted index takes; it is only ever looked up whole.
        Index("ix_stories_url", "url", postgresql_using="hash"),
        where_given("ix_stories_merged_into", "merged_into"),
        where_given("ix_stories_page_digest", "page_digest"),
    )
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
        where_given("ix_story_versions_raw_digest", "raw_digest"),
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


class TopicRow(Base):
    """A topic that topics.yaml has or once had."""

    __tablename__ = "topics"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    definition: Mapped[str]
    is_active: Mapped[bool]


class ClassificationRow(Base):
    """One judgement of one version of a story."""

    __tablename__ = "classifications"
    id: Mapped[int] = own_key()
    story_id: Mapped[int] = refers_to("stories.id", on_delete="CASCADE", index=True)
    version_id: Mapped[int] = refers_to("story_versions.id", on_delete="CASCADE", index=True)
    classifier_version: Mapped[str]
    origin: Mapped[str]
    relevance: Mapped[float]
    is_relevant: Mapped[bool]
    needs_review: Mapped[bool]
    evidence: Mapped[list[Any]]
    created_at: Mapped[datetime]


class StoryTopic(Base):
    """A label of a judgement, with its evidence."""

    __tablename__ = "story_topics"
    classification_id: Mapped[int] = refers_to("classifications.id", on_delete="CASCADE", primary_key=True)
    topic_id: Mapped[str] = refers_to("topics.id", on_delete="RESTRICT", primary_key=True, index=True)
    score: Mapped[float]
    is_primary: Mapped[bool]
    evidence: Mapped[list[Any]]
