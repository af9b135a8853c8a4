"""The tables of runs: the ledger, feed by feed and request by request."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column

from models.tables.conventions import Base, column, own_key, refers_to


class Run(Base):
    """One run of a job that writes: the head of its ledger."""

    __tablename__ = "runs"
    id: Column[int] = own_key()
    mode: Column[str]
    parameters: Column[dict[str, Any]]
    status: Column[str] = column(index=True)
    reason: Column[str | None]
    started_by: Column[str]
    started_at: Column[datetime]
    heartbeat_at: Column[datetime]
    finished_at: Column[datetime | None]
    flow_run_id: Column[str | None]
    parent_run_id: Column[int | None] = refers_to("runs.id", on_delete="SET NULL")
    night_id: Column[int | None] = refers_to("runs.id", on_delete="SET NULL")
    code_version: Column[str]
    pages: Column[dict[str, Any]]


class FeedRun(Base):
    """What one feed gave in one run: a row of the ledger."""

    __tablename__ = "feed_runs"
    run_id: Column[int] = refers_to("runs.id", on_delete="CASCADE", primary_key=True)
    feed_id: Column[str] = refers_to("feeds.id", on_delete="RESTRICT", primary_key=True, index=True)
    status: Column[str]
    reason: Column[str | None]
    error: Column[str | None]
    traceback: Column[str | None]
    http_status: Column[int | None]
    attempts: Column[int]
    size_bytes: Column[int]
    elapsed_ms: Column[int]
    seen: Column[int]
    new: Column[int]
    updated: Column[int]
    unchanged: Column[int]
    duplicate: Column[int]
    off_topic: Column[int]
    failed: Column[int]
    versions: Column[int]
    warnings: Column[list[Any]]
    document_digest: Column[str | None] = column(index=True)
    finished_at: Column[datetime]


class Fetch(Base):
    """One HTTP request that was made."""

    __tablename__ = "fetches"
    id: Column[int] = own_key()
    run_id: Column[int] = refers_to("runs.id", on_delete="CASCADE", index=True)
    feed_id: Column[str | None] = refers_to("feeds.id", on_delete="SET NULL")
    story_id: Column[int | None] = refers_to("stories.id", on_delete="SET NULL")
    url: Column[str]
    attempt: Column[int]
    started_at: Column[datetime]
    elapsed_ms: Column[int]
    status: Column[int | None]
    headers: Column[list[Any]]
    digest: Column[str | None] = column(index=True)
    size_bytes: Column[int]
    error: Column[str | None]
    message: Column[str | None]
