"""The tables of raw documents, and of what in them could not be understood."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.conventions import Base, own_key, refers_to


class RawBlob(Base):
    """An original document in the raw store."""

    __tablename__ = "raw_blobs"
    digest: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    content_type: Mapped[str]
    size_bytes: Mapped[int]
    first_seen_at: Mapped[datetime]


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
