"""The table of acts: the ledger of what people do by hand."""

from datetime import datetime

from sqlalchemy.orm import Mapped

from models.tables.conventions import Base, own_key, refers_to


class ActRow(Base):
    """Something that a person did, with who and when. Append-only, but for what became of it."""

    __tablename__ = "acts"
    id: Mapped[int] = own_key()
    done_at: Mapped[datetime]
    name: Mapped[str]
    via: Mapped[str]
    kind: Mapped[str]
    story_id: Mapped[int | None] = refers_to("stories.id", on_delete="SET NULL", index=True)
    run_id: Mapped[int | None] = refers_to("runs.id", on_delete="SET NULL")
    detail: Mapped[str]
