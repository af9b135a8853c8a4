"""Carry out what identity decided: stories, keys and sightings of one document, with their versions."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct, field
from msgspec.structs import asdict
from sqlalchemy import Connection, bindparam, case, func, select, update

from models._sql.lists import is_one_of
from models.archive.ledger.changes import Change, log_changes, shown_among
from models.archive.ledger.counts import count_on, counted_off
from models.archive.texts.versions import CodeVersions, NewText, PlacedText, entry_source, place, point_to, write_texts
from models.changes import ChangeKind
from models.identity import Decision, KeyName, LoadContext, PageState, StoryChange, StoryState
from models.learnt import is_unread
from models.storage.database import Conflict, insert_rows, upsert
from models.tables.conventions import Base
from models.tables.keys import reserve_keys, table_of
from models.tables.queues import SearchQueue, VectorQueue
from models.tables.stories import Sighting, Story, StoryKey

_STORIES, _SIGHTINGS = table_of(Story), table_of(Sighting)
_MAKE_DUE: Final = (
    update(_STORIES)
    .where(is_one_of(_STORIES.c.id, "ids"))
    .values(
        page_due_at=bindparam("now"),
        page_attempts=0,
        page_etag=None,
        page_digest=None,
        page_state=case((_STORIES.c.page_state == PageState.NONE, PageState.DUE.value), else_=_STORIES.c.page_state),
    )
)
_SHOWN_BY: Final = select(_SIGHTINGS.c.story_id).where(
    _SIGHTINGS.c.feed_id == bindparam("feed"), is_one_of(_SIGHTINGS.c.story_id, "ids")
)


class _Rows(Struct):
    stories: list[dict[str, Any]] = field(default_factory=list)
    keys: list[dict[str, Any]] = field(default_factory=list)
    sightings: list[dict[str, Any]] = field(default_factory=list)
    states: list[dict[str, Any]] = field(default_factory=list)
    texts: list[NewText] = field(default_factory=list)
    due: list[int] = field(default_factory=list)
    queued: list[int] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    seen: list[int] = field(default_factory=list)  # known stories of which nothing but a sighting is new
    raw_digest: str | None = None


def apply(
    connection: Connection, decision: Decision, context: LoadContext, code: CodeVersions, raw_digest: str | None = None
) -> None:
    """Write a document's decision; raw_digest names a document that its stories rest on, as those of an import do."""
    births = [change for change in decision.changes if change.story_id is None]
    ids = iter(reserve_keys(connection, _STORIES, len(births)))
    rows = _Rows(raw_digest=raw_digest)
    for change in decision.changes:
        story_id = next(ids) if change.story_id is None else change.story_id
        _collect(rows, change, story_id, context, code)
    known = {change.story_id for change in decision.changes if change.story_id is not None and _may_count(change)}
    sums, before = counted_off(connection, known), shown_among(connection, known)
    rows.changes += [(story_id, ChangeKind.FACTS) for story_id in _shown_first(connection, rows.seen, context.feed_id)]
    placed = place(connection, rows.texts)
    _write_births(connection, rows.stories, placed)
    upsert(connection, table_of(StoryKey), rows.keys, Conflict(index_elements=("kind", "scope", "key")))
    _share(connection, decision.shared)
    _write_sightings(connection, rows.sightings)
    _write_states(connection, rows.states)
    write_texts(connection, placed, context, code)
    born = {row["id"] for row in rows.stories}
    point_to(connection, [one for one in placed if one.text.story_id not in born])
    count_on(connection, sums, [*known, *born])
    make_pages_due(connection, rows.due, context.now)
    queue_for_search(connection, rows.queued, context.now)
    unread = {one.text.story_id for one in placed if is_unread(one.text.classified.classification.classifier_version)}
    queue_for_reading(connection, sorted(unread.difference(rows.queued)), context.now)
    log_changes(connection, rows.changes, before, context.now, context.run_id)


def _may_count(change: StoryChange) -> bool:
    """Tell whether a change may move a story from one sum to another: by feed, topic, day, language or admission."""
    return change.state is not None or change.version is not None or change.sighting is not None


def queue_for_search(connection: Connection, story_ids: Iterable[int], now: datetime) -> None:
    """Remember stories whose search row and vector are behind their text."""
    ids = list(story_ids)
    _queue(connection, SearchQueue, ids, now)
    queue_for_reading(connection, ids, now)


def queue_for_reading(connection: Connection, story_ids: Iterable[int], now: datetime) -> None:
    """Remember stories that the second reader is to read."""
    _queue(connection, VectorQueue, story_ids, now)


def _queue(connection: Connection, queue: type[Base], story_ids: Iterable[int], now: datetime) -> None:
    rows = [{"story_id": story_id, "queued_at": now} for story_id in story_ids]
    upsert(connection, table_of(queue), rows, Conflict(index_elements=("story_id",)))


def make_pages_due(connection: Connection, story_ids: Iterable[int], now: datetime) -> None:
    """Ask for these stories' pages from now on, whatever came of them before: whole, as they are judged anew."""
    if ids := list(story_ids):
        connection.execute(_MAKE_DUE, {"ids": ids, "now": now})


def write_story_state(connection: Connection, story_id: int, state: StoryState, context: LoadContext) -> None:
    """Write the columns that a sighting or a page may change."""
    _write_states(connection, [_state_row(state, story_id, context)])


def add_keys(
    connection: Connection, names: Iterable[KeyName], story_id: int, context: LoadContext, code: CodeVersions
) -> None:
    """Give a story more names, learnt from the context's feed; a name that is taken stays its owner's."""
    rows = [_key_row(name, story_id, context, code) for name in names]
    upsert(connection, table_of(StoryKey), rows, Conflict(index_elements=("kind", "scope", "key")))


def _collect(rows: _Rows, change: StoryChange, story_id: int, context: LoadContext, code: CodeVersions) -> None:
    rows.keys += [_key_row(name, story_id, context, code) for name in change.keys]
    if change.sighting is not None:
        rows.sightings.append(_sighting_row(change, story_id, context))
    if change.state is not None:
        if change.story_id is None:
            rows.stories.append(_birth_row(change, change.state, story_id, context))
        else:
            rows.states.append(_state_row(change.state, story_id, context))
        rows.due += [story_id] if change.state.is_page_due else []
        rows.queued += [story_id] if change.state.is_relevant else []
    if change.state is not None or change.version is not None:
        rows.changes.append((story_id, ChangeKind.FACTS if change.version is None else ChangeKind.TEXT))
    elif change.sighting is not None:
        rows.seen.append(story_id)
    if change.version is not None and change.item.classified is not None:
        rows.texts.append(
            NewText(
                story_id=story_id,
                version=change.version,
                classified=change.item.classified,
                title=change.state.title if change.state else change.item.classified.story.title,
                source=change.item.classified.story.source,
                feed_id=context.feed_id,
                raw_entry=entry_source(change.item.entry),
                raw_digest=rows.raw_digest,
            )
        )


def _shown_first(connection: Connection, story_ids: Iterable[int], feed_id: str) -> Iterator[int]:
    """Give the stories that this feed has not shown before: it stands among their feeds from now on."""
    ids = list(story_ids)
    shown = set(connection.scalars(_SHOWN_BY, {"feed": feed_id, "ids": ids})) if ids else set()
    yield from (story_id for story_id in ids if story_id not in shown)


def _key_row(name: KeyName, story_id: int, context: LoadContext, code: CodeVersions) -> dict[str, Any]:
    return {
        "kind": name.kind.value,
        "scope": name.scope,
        "key": name.key,
        "story_id": story_id,
        "feed_id": context.feed_id,
        "is_ambiguous": False,
        "key_version": code.key,
        "added_at": context.now,
    }


def _sighting_row(change: StoryChange, story_id: int, context: LoadContext) -> dict[str, Any]:
    assert change.sighting is not None
    seen = change.sighting
    return {
        "feed_id": seen.feed_id,
        "story_id": story_id,
        "guid": seen.guid,
        "url": seen.url,
        "url_key": seen.url_key,
        "entry_digest": seen.entry_digest,
        "content_hash": seen.content_hash,
        "length_class": seen.length_class,
        "title": seen.title,
        "text_hash": seen.text_hash,
        "published_at": seen.published_at,
        "first_seen_at": context.met_at,
        "first_run_id": context.run_id,
        "changed_at": context.met_at,
    }


def _write_births(connection: Connection, rows: list[dict[str, Any]], placed: Sequence[PlacedText]) -> None:
    pointers = {one.text.story_id: one for one in placed}
    for row in rows:
        row |= {"version_id": pointers[row["id"]].version_id, "classification_id": pointers[row["id"]].label_id}
    insert_rows(connection, _STORIES, rows)


def _described(state: StoryState) -> dict[str, Any]:
    columns = asdict(state)
    del columns["is_relevant"], columns["is_page_due"]
    return columns | {"authors": list(state.authors), "tags": list(state.tags)}


def _birth_row(change: StoryChange, state: StoryState, story_id: int, context: LoadContext) -> dict[str, Any]:
    now, met = context.now, context.met_at
    return _described(state) | {
        "id": story_id,
        "uid": change.uid,
        "first_seen_at": met,
        "sort_at": min(state.published_at or met, met),
        "relevant_at": now if state.is_relevant else None,
        "first_run_id": context.run_id,
        "relevant_run_id": context.run_id if state.is_relevant else None,
        "cluster_id": story_id,
        "page_state": PageState.NONE.value,
        "page_attempts": 0,
        "page_checks": 0,
    }


def _state_row(state: StoryState, story_id: int, context: LoadContext) -> dict[str, Any]:
    return _described(state) | {
        "story": story_id,
        "admission": context.now if state.is_relevant else None,
        "admission_run": context.run_id if state.is_relevant else None,
    }


def _write_states(connection: Connection, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    described = [name for name in rows[0] if name in _STORIES.c]
    published = bindparam("published_at", type_=_STORIES.c.published_at.type)
    first_seen = _STORIES.c.first_seen_at
    statement = (
        update(_STORIES)
        .where(_STORIES.c.id == bindparam("story"))
        .values(
            {name: bindparam(name) for name in described}
            | {
                "sort_at": case((published < first_seen, published), else_=first_seen),
                "relevant_at": case(
                    (_STORIES.c.relevant_run_id.is_(None), bindparam("admission", type_=first_seen.type)),
                    else_=_STORIES.c.relevant_at,
                ),
                "relevant_run_id": func.coalesce(_STORIES.c.relevant_run_id, bindparam("admission_run")),
            }
        )
    )
    connection.execute(statement, rows)


def _write_sightings(connection: Connection, rows: list[dict[str, Any]]) -> None:
    kept = {"feed_id", "story_id", "first_seen_at", "first_run_id"}
    update_columns = [name for name in (rows[0] if rows else ()) if name not in kept]
    conflict = Conflict(index_elements=("feed_id", "story_id"), update=update_columns)
    upsert(connection, _SIGHTINGS, rows, conflict)


def _share(connection: Connection, names: Iterable[KeyName]) -> None:
    keys = table_of(StoryKey)
    for name in names:
        is_it = (keys.c.kind == name.kind.value) & (keys.c.scope == name.scope) & (keys.c.key == name.key)
        connection.execute(update(keys).where(is_it).values(is_ambiguous=True))
