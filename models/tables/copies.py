"""The tables of copies: what stories are known by, which was copied from which, and which wait to be compared."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from models.tables.conventions import Base, refers_to


class StoryCopy(Base):
    """How a story stands to the others: its agency, and the earlier story that it is a copy of."""

    __tablename__ = "story_copies"
    story_id: Mapped[int] = refers_to("stories.id", on_delete="CASCADE", primary_key=True)
    version_id: Mapped[int]
    agency: Mapped[str | None]
    copied_from: Mapped[int | None] = refers_to("stories.id", on_delete="SET NULL", index=True)
    jaccard: Mapped[float | None]
    kept: Mapped[float | None]
    changed: Mapped[float | None]
    cut: Mapped[float | None]
    added: Mapped[float | None]
    bands: Mapped[bytes]


class CopyBand(Base):
    """A band of a story's MinHash: stories that share one may be copies. Follows story_copies.bands."""

    __tablename__ = "copy_bands"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 (SQLAlchemy reads it as a plain class attribute)
    band: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    story_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class CopyQueue(Base):
    """Stories that wait to be compared with others."""

    __tablename__ = "copy_queue"
    story_id: Mapped[int] = refers_to("stories.id", on_delete="CASCADE", primary_key=True)
    queued_at: Mapped[datetime]
