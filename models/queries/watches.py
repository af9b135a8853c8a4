"""Saved searches: what meets one now, what has met it, what somebody has not been told of yet."""

from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from models.queries.filters import StoryFilter, conditions
from models.queries.searching.search import Order, SearchRequest, narrowed
from models.tables.conventions import alias_of
from models.tables.stories import Story
from models.tables.watches import Notice, WatchMatch, WatchRow
from models.watches import Watch


class Newcomer(Struct, frozen=True, kw_only=True):
    """A story that meets a watch and has not before."""

    story_id: int
    relevant_at: datetime
    is_part_known: bool  # a story that is part of it by now has met the watch before


class WatchState(Struct, frozen=True, kw_only=True):
    """How a watch stands."""

    began_at: datetime  # since when it looks for what it does now
    looked_at: datetime
    stories: int  # that are read today


class Match(Struct, frozen=True, kw_only=True):
    """A story in a watch's list."""

    story_id: int
    matched_at: datetime  # of one that was there before the watch, when it came in
    is_known: bool  # it was there before the watch, or before its rules, and was not told


class UntoldMatches(Struct, frozen=True, kw_only=True):
    """What somebody has not been told of yet."""

    story_ids: tuple[int, ...]  # in the order in which they met the watch; those that are read today
    after: int  # what was told before
    upto: int


def search_of(watch: Watch, limit: int = 20) -> SearchRequest:
    """Return a watch as a search, the newest stories first."""
    narrowing = StoryFilter(topics=watch.topics, feeds=watch.feeds, languages=watch.languages)
    return SearchRequest(query=watch.query, filter=narrowing, order=Order.NEWEST, limit=limit)


def newcomers(connection: Connection, watch: Watch) -> list[Newcomer]:
    """Return the stories that meet a watch and are not among its matches, the oldest first."""
    matched = select(WatchMatch.story_id).where(WatchMatch.watch == watch.name)
    part = alias_of(Story)
    grown = select(part.merged_into).where(part.merged_into.is_not(None), part.id.in_(matched))
    columns = (Story.id, Story.relevant_at, Story.id.in_(grown).label("is_part_known"))
    query = narrowed(connection, select(*columns).select_from(Story), search_of(watch))
    rows = connection.execute(query.where(Story.id.not_in(matched)).order_by(Story.sort_at, Story.id))
    return [
        Newcomer(story_id=row.id, relevant_at=row.relevant_at, is_part_known=bool(row.is_part_known)) for row in rows
    ]


def untold(connection: Connection, watch: str, recipient: str) -> UntoldMatches:
    """Return what somebody has not been told of yet. A story that was withdrawn or hidden meanwhile is never told."""
    mine = (Notice.watch == watch, Notice.recipient == recipient)
    last = select(Notice.told_upto).where(*mine).order_by(Notice.id.desc()).limit(1)
    after = connection.scalar(last) or 0
    upto = connection.scalar(select(func.max(WatchMatch.id)).where(WatchMatch.watch == watch)) or after
    is_news = (WatchMatch.id > after, WatchMatch.id <= upto, ~WatchMatch.is_known)
    query = _read_today(select(Story.id)).where(WatchMatch.watch == watch, *is_news).order_by(WatchMatch.id)
    return UntoldMatches(story_ids=tuple(dict.fromkeys(connection.scalars(query))), after=after, upto=upto)


def matches(connection: Connection, watch: str, limit: int, before: tuple[datetime, int] | None = None) -> list[Match]:
    """Return what has met a watch and is read today, the latest first; with a moment and a story, what is behind it."""
    query = select(Story.id, WatchMatch.matched_at, WatchMatch.is_known).select_from(WatchMatch)
    query = query.join(Story, Story.id == WatchMatch.story_id).where(
        WatchMatch.watch == watch, *conditions(StoryFilter())
    )
    if before is not None:
        query = query.where(_is_behind(*before))
    rows = connection.execute(query.order_by(WatchMatch.matched_at.desc(), Story.id.desc()).limit(limit))
    return [Match(story_id=row.id, matched_at=row.matched_at, is_known=row.is_known) for row in rows]


def watch_states(connection: Connection) -> dict[str, WatchState]:
    """Return how the watches stand that were looked at, by their names; some may be out of watches.yaml."""
    stories = (
        select(WatchMatch.watch, func.count().label("stories"))
        .join(Story, Story.id == WatchMatch.story_id)
        .where(*conditions(StoryFilter()))
        .group_by(WatchMatch.watch)
        .subquery()
    )
    columns = (
        WatchRow.name,
        WatchRow.began_at,
        WatchRow.looked_at,
        func.coalesce(stories.c.stories, 0).label("stories"),
    )
    rows = connection.execute(select(*columns).join(stories, stories.c.watch == WatchRow.name, isouter=True))
    return {row.name: WatchState(began_at=row.began_at, looked_at=row.looked_at, stories=row.stories) for row in rows}


def _read_today(query: Select[Any]) -> Select[Any]:
    """Join matches to the stories that are read for them today: of a merged one, the story that it is part of."""
    met = alias_of(Story)
    query = query.select_from(WatchMatch).join(met, met.id == WatchMatch.story_id)
    return query.join(Story, Story.id == func.coalesce(met.merged_into, met.id)).where(*conditions(StoryFilter()))


def _is_behind(moment: datetime, story_id: int) -> ColumnElement[bool]:
    is_earlier = WatchMatch.matched_at < moment
    return or_(is_earlier, (WatchMatch.matched_at == moment) & (Story.id < story_id))
