"""The table of acts: the ledger of what people do by hand."""

from datetime import datetime

from sqlalchemy import Column

from models.tables.conventions import Base, own_key, refers_to


class ActRow(Base):
    """Something that a person did, with who and when. Append-only, but for what became of it."""

    __tablename__ = "acts"
    id: Column[int] = own_key()
    done_at: Column[datetime]
    name: Column[str]
    via: Column[str]
    kind: Column[str]
    story_id: Column[int | None] = refers_to("stories.id", on_delete="SET NULL", index=True)
    run_id: Column[int | None] = refers_to("runs.id", on_delete="SET NULL")
    detail: Column[str]
