"""The tables of sums: how many stories there were, and how well the feeds were watched. Kept with every write."""

from datetime import date

from sqlalchemy import Column

from models.tables.conventions import Base, column, refers_to


class StoryCount(Base, sqlite_with_rowid=False):
    """How many stories of a day, a language and a topic these very feeds showed."""

    __tablename__ = "story_counts"
    feeds: Column[str] = column(primary_key=True)
    topic: Column[str] = column(primary_key=True)
    day: Column[date] = column(primary_key=True)
    language: Column[str] = column(primary_key=True)
    stories: Column[int]
    published: Column[int]


class StoryMonth(Base, sqlite_with_rowid=False):
    """The sum of story_counts over a month: for counts over years."""

    __tablename__ = "story_months"
    feeds: Column[str] = column(primary_key=True)
    topic: Column[str] = column(primary_key=True)
    month: Column[date] = column(primary_key=True)  # its first day
    language: Column[str] = column(primary_key=True)
    stories: Column[int]
    published: Column[int]


class FeedSet(Base, sqlite_with_rowid=False):
    """Several feeds that showed one story, under the name by which story_counts.feeds knows them, and of how many."""

    __tablename__ = "feed_sets"
    name: Column[str] = column(primary_key=True)
    feeds: Column[str]  # their ids, with a blank between
    stories: Column[int]
    published: Column[int]


class FeedDay(Base, sqlite_with_rowid=False):
    """How often a feed was asked on a day, and what came of it."""

    __tablename__ = "feed_days"
    feed_id: Column[str] = refers_to("feeds.id", on_delete="RESTRICT", primary_key=True)
    day: Column[date] = column(primary_key=True, index=True)
    asked: Column[int]
    answered: Column[int]
    gaps: Column[int]
    resting: Column[int]


class FeedSum(Base, sqlite_with_rowid=False):
    """The sum of feed_days over a month of one feed, and over all feeds of a day: each feed counts once a day."""

    __tablename__ = "feed_sums"
    feeds: Column[str] = column(primary_key=True)
    begins: Column[date] = column(primary_key=True)  # the first day of the month; of every feed, the day
    asked: Column[int]
    answered: Column[int]
    gaps: Column[int]
    resting: Column[int]
