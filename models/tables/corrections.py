"""The table of corrections: what each revision of a story changed."""

from datetime import datetime

from sqlalchemy import Column, Index

from models.tables.conventions import Base, own_key, refers_to


class CorrectionRow(Base):
    """One thing that a revision changed. Made of the two versions, and made anew where newer code reads them."""

    __tablename__ = "corrections"
    __table_args__ = (
        Index("ix_corrections_kind", "kind", "corrected_at", "id"),
        Index("ix_corrections_corrected_at", "corrected_at", "id"),
    )
    id: Column[int] = own_key()
    story_id: Column[int] = refers_to("stories.id", on_delete="CASCADE", index=True)
    version_id: Column[int] = refers_to("story_versions.id", on_delete="CASCADE", index=True)
    kind: Column[str]
    sentence_before: Column[str]
    sentence_after: Column[str]
    before: Column[str]
    after: Column[str]
    unit: Column[str | None]
    corrected_at: Column[datetime]
    run_id: Column[int] = refers_to("runs.id", on_delete="RESTRICT")
