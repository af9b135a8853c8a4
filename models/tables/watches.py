"""The tables of saved searches: what has met them, and who was told of it."""

from datetime import datetime

from sqlalchemy import Column, Index, UniqueConstraint

from models.tables.conventions import Base, column, own_key, refers_to


class WatchRow(Base):
    """A saved search, and since when it is looked after by these rules."""

    __tablename__ = "watches"
    name: Column[str] = column(primary_key=True)
    rules: Column[str]
    began_at: Column[datetime]
    looked_at: Column[datetime]


class WatchMatch(Base):
    """A story that met a saved search when it was looked at. Append-only: what was told once is never told again."""

    __tablename__ = "watch_matches"
    __table_args__ = (UniqueConstraint("watch", "story_id"), Index("ix_watch_matches_moment", "watch", "matched_at"))
    id: Column[int] = own_key()
    watch: Column[str] = refers_to("watches.name", on_delete="CASCADE")
    story_id: Column[int] = refers_to("stories.id", on_delete="CASCADE", index=True)
    matched_at: Column[datetime]
    is_known: Column[bool]


class Notice(Base):
    """Something that was sent to somebody, or should have been. Append-only."""

    __tablename__ = "notices"
    __table_args__ = (Index("ix_notices_recipient", "watch", "recipient"),)
    id: Column[int] = own_key()
    run_id: Column[int] = refers_to("runs.id", on_delete="RESTRICT", index=True)
    watch: Column[str | None] = refers_to("watches.name", on_delete="CASCADE")
    recipient: Column[str]
    told_upto: Column[int]
    stories: Column[int]
    tried_at: Column[datetime | None]
    refusal: Column[str | None]
