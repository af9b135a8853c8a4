"""The tables of copies: what stories are known by, which was copied from which, and which wait to be compared."""

from datetime import datetime

from sqlalchemy import Column

from models.tables.conventions import Base, column, refers_to


class StoryCopy(Base):
    """How a story stands to the others: its agency, and the earlier story that it is a copy of."""

    __tablename__ = "story_copies"
    story_id: Column[int] = refers_to("stories.id", on_delete="CASCADE", primary_key=True)
    version_id: Column[int]
    agency: Column[str | None]
    copied_from: Column[int | None] = refers_to("stories.id", on_delete="SET NULL", index=True)
    jaccard: Column[float | None]
    kept: Column[float | None]
    changed: Column[float | None]
    cut: Column[float | None]
    added: Column[float | None]
    bands: Column[bytes]
    era: Column[int | None]


class CopyBand(Base, sqlite_with_rowid=False):
    """A band of a story's MinHash, behind its era: stories that share one may be copies. Follows story_copies."""

    __tablename__ = "copy_bands"
    band: Column[int] = column(primary_key=True, autoincrement=False)
    story_id: Column[int] = column(primary_key=True, autoincrement=False)


class CopyQueue(Base):
    """Stories that wait to be compared with others."""

    __tablename__ = "copy_queue"
    story_id: Column[int] = refers_to("stories.id", on_delete="CASCADE", primary_key=True)
    queued_at: Column[datetime]
