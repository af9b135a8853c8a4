"""The tables of raw documents, and of what in them could not be understood."""

from datetime import datetime

from sqlalchemy import Column, UniqueConstraint

from models.tables.conventions import Base, column, own_key, refers_to


class RawBlob(Base):
    """An original document in the raw store."""

    __tablename__ = "raw_blobs"
    digest: Column[str] = column(primary_key=True)
    kind: Column[str]
    content_type: Column[str]
    size_bytes: Column[int]
    first_seen_at: Column[datetime]


class Quarantine(Base):
    """What could not be understood, once per code version, with its reason."""

    __tablename__ = "quarantine"
    __table_args__ = (UniqueConstraint("feed_id", "digest", "stage", "code_version"),)
    id: Column[int] = own_key()
    feed_id: Column[str] = refers_to("feeds.id", on_delete="RESTRICT")
    digest: Column[str]
    stage: Column[str]
    code_version: Column[str]
    error: Column[str]
    message: Column[str]
    traceback: Column[str | None]
    document_digest: Column[str | None]
    run_id: Column[int] = refers_to("runs.id", on_delete="RESTRICT")
    first_seen_at: Column[datetime]
