"""The tables of runs: the ledger, feed by feed and request by request."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from models.tables.conventions import Base, own_key, refers_to


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
