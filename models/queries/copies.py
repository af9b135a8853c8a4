"""Copies of a story: the cluster that it is in, as a tree with times, and what each copy kept of its original."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Row, select

from models.copies import Likeness
from models.queries.filters import StoryFilter, conditions
from models.queries.stories import feeds_of, outlets_of
from models.tables.copies import StoryCopy
from models.tables.stories import Story

_MOST = 1_000  # copies of one text that are read


class Copy(Struct, frozen=True, kw_only=True):
    """A story in a cluster of copies."""

    id: int
    uid: str
    title: str
    url: str | None
    language: str | None
    published_at: datetime | None
    first_seen_at: datetime
    sort_at: datetime
    feeds: tuple[str, ...]
    outlets: tuple[str, ...]
    agency: str | None  # that its credit line names
    copied_from: int | None  # the earlier story that it is most like
    likeness: Likeness | None  # to that one
    depth: int  # in the tree: 0 for the first publisher


def copies_of(connection: Connection, story_id: int) -> list[Copy]:
    """Return the cluster of a story: the first publisher, and behind each story its copies, the earliest first.

    A story without copies is alone in its cluster.
    """
    cluster = select(Story.cluster_id).where(Story.id == story_id).scalar_subquery()
    columns = [*(getattr(Story, name) for name in _OF_STORY), StoryCopy.agency, StoryCopy.copied_from]
    likeness = [getattr(StoryCopy, name) for name in Likeness.__struct_fields__]
    query = select(*columns, *likeness).join(StoryCopy, StoryCopy.story_id == Story.id, isouter=True)
    query = query.where(Story.cluster_id == cluster, *conditions(StoryFilter(include_off_topic=True)))
    rows = connection.execute(query.order_by(Story.sort_at, Story.id).limit(_MOST)).all()
    ids = [row.id for row in rows]
    feeds, outlets = feeds_of(connection, ids), outlets_of(connection, ids)
    return [
        Copy(
            **{name: getattr(row, name) for name in (*_OF_STORY, "agency", "copied_from")},
            feeds=feeds[row.id],
            outlets=outlets[row.id],
            likeness=_likeness(row._mapping),  # noqa: SLF001 (SQLAlchemy's public name)
            depth=depth,
        )
        for row, depth in _in_tree(rows)
    ]


_OF_STORY = ("id", "uid", "title", "url", "language", "published_at", "first_seen_at", "sort_at")


def _likeness(row: Mapping[Any, Any]) -> Likeness | None:
    if row["jaccard"] is None:
        return None
    return Likeness(**{name: row[name] for name in Likeness.__struct_fields__})


def _in_tree(rows: Sequence[Row[Any]]) -> Iterator[tuple[Row[Any], int]]:
    """Give rows with their depth, each behind the one that it was copied from."""
    ids = {row.id for row in rows}
    below: defaultdict[int | None, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        below[row.copied_from if row.copied_from in ids else None].append(row)
    waiting = [(row, 0) for row in reversed(below[None])]
    seen: set[int] = set()
    while waiting:
        row, depth = waiting.pop()
        if row.id not in seen:
            seen.add(row.id)
            yield row, depth
            waiting += [(one, depth + 1) for one in reversed(below[row.id])]
