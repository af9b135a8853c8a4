"""The log of changes: what happened to the stories that readers see, in the order in which it was committed."""

from datetime import datetime

from sqlalchemy import Column, Index

from models.tables.conventions import Base, column, own_key, refers_to


class ChangeRow(Base):
    """Something that happened to a story. Append-only; there is one writer, so that numbers rise as commits follow."""

    __tablename__ = "story_changes"
    __table_args__ = (Index("ix_story_changes_story_id", "story_id", "id"),)
    id: Column[int] = own_key()
    story_id: Column[int] = refers_to("stories.id", on_delete="CASCADE")
    kind: Column[str]
    run_id: Column[int | None] = refers_to("runs.id", on_delete="RESTRICT", index=True)
    changed_at: Column[datetime] = column(index=True)


class ChangeMark(Base):
    """How far a step that follows the log has come."""

    __tablename__ = "change_marks"
    follower: Column[str] = column(primary_key=True)
    rules: Column[str]
    change_id: Column[int]
    kept_before: Column[int] = column(server_default="0")
