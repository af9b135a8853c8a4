"""Which stories are copies of which: their marks, and the clusters that come of it.

A copy points to the earlier story that it is most like. A cluster is what hangs together by these pointers, named after
its earliest story. Jaccard distance is a metric, so that a copy of at least ALL_BUT_EQUAL needs no bands of its own:
what is like it is like its original.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain, islice
from types import MappingProxyType
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import Connection, bindparam, delete, select, update

from models._sql.lists import is_one_of
from models.archive.ledger.changes import log_shown
from models.archive.texts.copy_bands import (
    WINDOW,
    add_bands,
    bands_about,
    bands_in,
    era_of,
    owners_of,
    remove_bands,
)
from models.archive.texts.copy_texts import Uncompared, shown_now, stories_of
from models.changes import ChangeKind
from models.copies import CopyMarks, Likeness, may_be_alike
from models.storage.database import Conflict, batches, insert_rows, upsert
from models.tables.copies import CopyQueue, StoryCopy
from models.tables.keys import table_of
from models.tables.stories import Story

ALL_BUT_EQUAL: Final = 0.9
MOST_COMPARED: Final = 8  # stories that one is compared with: those with which it shares most bands
_STORIES, _COPIES, _QUEUE = table_of(Story), table_of(StoryCopy), table_of(CopyQueue)
_WAITING: Final = select(_QUEUE.c.story_id).where(is_one_of(_QUEUE.c.story_id, "ids"))
_RECLUSTER: Final = update(_STORIES).where(_STORIES.c.id == bindparam("story")).values(cluster_id=bindparam("cluster"))


class Suspect(Struct, frozen=True, kw_only=True):
    """Two stories of which the later one may be a copy of the earlier one."""

    original_id: int
    copy_id: int
    original: str
    copy: str


def suspects(
    connection: Connection,
    wanted: Sequence[Uncompared],
    marks: Sequence[CopyMarks],
    sketches: Mapping[int, bytes] = MappingProxyType({}),
) -> list[Suspect]:
    """Return the pairs that are to be compared: those that share a band, within the window.

    Where the sketches of both are known by their ids, those that cannot be copies are left out.
    """
    sought = {one.story_id: bands_about(one.sort_at, mark.bands) for one, mark in zip(wanted, marks, strict=True)}
    owners = _owners(connection, wanted, marks, sought)
    shared = {
        story_id: [other for other in _most_shared(story_id, bands, owners) if _may_be_alike(sketches, story_id, other)]
        for story_id, bands in sought.items()
    }
    others = {one.story_id: one for one in wanted}
    others |= stories_of(connection, {other for found in shared.values() for other in found} - others.keys())
    pairs: dict[tuple[int, int], Suspect] = {}
    for one in wanted:
        for other in (others[other_id] for other_id in shared[one.story_id] if other_id in others):
            if abs(one.sort_at - other.sort_at) <= WINDOW:
                first, second = sorted((one, other), key=lambda story: (story.sort_at, story.story_id))
                pairs[first.story_id, second.story_id] = Suspect(
                    original_id=first.story_id, copy_id=second.story_id, original=first.text, copy=second.text
                )
    return list(pairs.values())


def keep_copies(
    connection: Connection,
    compared: Sequence[tuple[Uncompared, CopyMarks]],
    pairs: Sequence[tuple[Suspect, Likeness]],
    now: datetime,
    run_id: int | None = None,
) -> None:
    """Keep what came of a comparison; a story that got another text or day or left meanwhile stays in the queue.

    One that another run has compared meanwhile, with more than this one knew of, stays as that left it.
    """
    ids = [one.story_id for one, _ in compared]
    there = shown_now(connection, {*ids, *(one for pair, _ in pairs for one in (pair.original_id, pair.copy_id))})
    waiting = set(connection.scalars(_WAITING, {"ids": ids}))
    fresh = [
        (one, mark)
        for one, mark in compared
        if one.story_id in waiting and there.get(one.story_id) == (one.version_id, one.content_hash, one.sort_at)
    ]
    fresh_ids = [one.story_id for one, _ in fresh]
    _orphan_changed(connection, fresh, now)
    _remove(connection, fresh_ids)
    best = _best([pair for pair in pairs if pair[0].original_id in there and pair[0].copy_id in there])
    _write(connection, fresh, best)
    _adopt(connection, {copy: one for copy, one in best.items() if copy not in set(fresh_ids)})
    touched = {*fresh_ids, *best, *(one[0] for one in best.values())}
    _recluster(connection, touched, now, run_id)
    connection.execute(delete(_QUEUE).where(_QUEUE.c.story_id.in_(fresh_ids)))


def forget_copies(connection: Connection, story_ids: Sequence[int], now: datetime) -> None:
    """Take stories out of what they were compared with; their copies are compared anew."""
    orphans = connection.scalars(select(_COPIES.c.story_id).where(_COPIES.c.copied_from.in_(story_ids))).all()
    _release(connection, orphans, now)
    _remove(connection, story_ids)
    connection.execute(delete(_QUEUE).where(_QUEUE.c.story_id.in_(story_ids)))
    alone = update(_STORIES).where(_STORIES.c.id.in_(story_ids), _STORIES.c.cluster_id != _STORIES.c.id)
    connection.execute(alone.values(cluster_id=_STORIES.c.id))


def _owners(
    connection: Connection,
    wanted: Sequence[Uncompared],
    marks: Sequence[CopyMarks],
    sought: Mapping[int, Sequence[int]],
) -> dict[int, set[int]]:
    """Return the stories that have a band, of those bands that are kept or sought by several: a few of all."""
    told = Counter(chain.from_iterable(sought.values()))
    owners: defaultdict[int, set[int]] = defaultdict(set)
    for band, story_id in owners_of(connection, list(told)):
        owners[band].add(story_id)
    common = owners.keys() | {band for band, times in told.items() if times > 1}
    for one, mark in zip(wanted, marks, strict=True):
        for band in common.intersection(_own(one, mark.bands)):
            owners[band].add(one.story_id)
    return owners


def _own(story: Uncompared, bands: bytes) -> list[int]:
    return bands_in((era_of(story.sort_at),), bands)


def _most_shared(story_id: int, bands: Sequence[int], owners: Mapping[int, set[int]]) -> list[int]:
    counts = Counter(chain.from_iterable(owners[band] for band in owners.keys() & bands))
    counts.pop(story_id, None)
    return list(islice(sorted(counts, key=lambda other: (-counts[other], other)), MOST_COMPARED))


def _may_be_alike(sketches: Mapping[int, bytes], story_id: int, other_id: int) -> bool:
    one, other = sketches.get(story_id), sketches.get(other_id)
    return not (one and other) or may_be_alike(one, other)


def _best(pairs: Sequence[tuple[Suspect, Likeness]]) -> dict[int, tuple[int, Likeness]]:
    """Return for each copy the original that it is most like, of equals the first."""
    found: dict[int, tuple[int, Likeness]] = {}
    for pair, likeness in sorted(pairs, key=lambda one: one[0].original_id):
        held = found.get(pair.copy_id)
        if held is None or likeness.jaccard > held[1].jaccard:
            found[pair.copy_id] = (pair.original_id, likeness)
    return found


def _orphan_changed(connection: Connection, fresh: Sequence[tuple[Uncompared, CopyMarks]], now: datetime) -> None:
    """Have the copies of a story that has another text now compared anew."""
    ids = {one.story_id for one, _ in fresh}
    orphans = select(_COPIES.c.story_id, _COPIES.c.copied_from).where(_COPIES.c.copied_from.in_(ids))
    found = [row.story_id for row in connection.execute(orphans) if row.story_id not in ids]
    _release(connection, found, now)


def _release(connection: Connection, orphans: Sequence[int], now: datetime) -> None:
    nothing = dict.fromkeys(("copied_from", "jaccard", "kept", "changed", "cut", "added"))
    connection.execute(update(_COPIES).where(_COPIES.c.story_id.in_(orphans)).values(nothing))
    rows = [{"story_id": story_id, "queued_at": now} for story_id in orphans]
    upsert(connection, _QUEUE, rows, Conflict(index_elements=("story_id",)))


def _remove(connection: Connection, story_ids: Sequence[int]) -> None:
    remove_bands(connection, story_ids)
    connection.execute(delete(_COPIES).where(_COPIES.c.story_id.in_(story_ids)))


def _write(
    connection: Connection,
    fresh: Sequence[tuple[Uncompared, CopyMarks]],
    best: Mapping[int, tuple[int, Likeness]],
) -> None:
    rows: list[dict[str, Any]] = []
    bands: list[tuple[int, int]] = []
    for one, mark in fresh:
        original = best.get(one.story_id)
        own = b"" if original and original[1].jaccard >= ALL_BUT_EQUAL else mark.bands
        told = {"story_id": one.story_id, "version_id": one.version_id, "agency": mark.agency, "bands": own}
        rows.append(told | {"era": era_of(one.sort_at) if own else None} | _pointer(original))
        bands += [(band, one.story_id) for band in _own(one, own)]
    insert_rows(connection, _COPIES, rows)
    add_bands(connection, bands)


def _pointer(original: tuple[int, Likeness] | None) -> dict[str, Any]:
    if original is None:
        return dict.fromkeys(("copied_from", *Likeness.__struct_fields__))
    return {"copied_from": original[0]} | asdict(original[1])


def _adopt(connection: Connection, found: Mapping[int, tuple[int, Likeness]]) -> None:
    """Give earlier compared stories the better original that has come since."""
    held = select(_COPIES.c.story_id, _COPIES.c.jaccard).where(_COPIES.c.story_id.in_(list(found)))
    for row in connection.execute(held).all():
        if row.jaccard is None or found[row.story_id][1].jaccard > row.jaccard:
            mine = update(_COPIES).where(_COPIES.c.story_id == row.story_id)
            connection.execute(mine.values(_pointer(found[row.story_id])))


def _recluster(connection: Connection, touched: Iterable[int], now: datetime, run_id: int | None) -> None:
    """Name the clusters of these stories, and of those that were with them, after the earliest story of each."""
    clusters = select(_STORIES.c.cluster_id).where(_STORIES.c.id.in_(list(touched)))
    query = select(_STORIES.c.id, _STORIES.c.cluster_id, _COPIES.c.copied_from)
    query = query.join(_COPIES, _COPIES.c.story_id == _STORIES.c.id, isouter=True)
    rows = connection.execute(query.where(_STORIES.c.cluster_id.in_(clusters))).all()
    parents = {row.id: row.copied_from for row in rows}
    moved = [{"story": row.id, "cluster": root} for row in rows if (root := _root(row.id, parents)) != row.cluster_id]
    for batch in batches(moved):
        connection.execute(_RECLUSTER, batch)
        log_shown(connection, [row["story"] for row in batch], ChangeKind.COPIES, now, run_id)


def _root(story_id: int, parents: Mapping[int, int | None]) -> int:
    seen = {story_id}
    while (parent := parents.get(story_id)) is not None and parent in parents and parent not in seen:
        seen.add(parent)
        story_id = parent
    return story_id
