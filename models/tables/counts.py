"""The tables of sums: how many stories there were, and how well the feeds were watched. Kept with every write."""

from datetime import date

from sqlalchemy import Date
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.conventions import Base, refers_to


class StoryCount(Base):
    """How many stories of a day, a language and a topic these very feeds showed."""

    __tablename__ = "story_counts"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 (SQLAlchemy reads it as a plain class attribute)
    feeds: Mapped[str] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    stories: Mapped[int]
    published: Mapped[int]


class FeedSet(Base):
    """Several feeds that showed one story, under the name by which story_counts.feeds knows them."""

    __tablename__ = "feed_sets"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 (as above)
    name: Mapped[str] = mapped_column(primary_key=True)
    feeds: Mapped[str]


class FeedDay(Base):
    """How often a feed was asked on a day, and what came of it."""

    __tablename__ = "feed_days"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 (as above)
    feed_id: Mapped[str] = refers_to("feeds.id", on_delete="RESTRICT", primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True, index=True)
    asked: Mapped[int]
    answered: Mapped[int]
    gaps: Mapped[int]
    resting: Mapped[int]
