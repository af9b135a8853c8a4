"""The revisions whose corrections are not told yet, and the rows of those that are."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import ColumnElement, Connection, RowMapping, Select, delete, func, or_, select, union

from models.archive.texts.following import begun, go_on, progress_of
from models.changes import ChangeKind
from models.corrections import Correction, Revised
from models.identity import VersionReason
from models.storage.database import insert_rows
from models.tables.changes import ChangeRow
from models.tables.corrections import CorrectionRow
from models.tables.keys import table_of
from models.tables.stories import Story, StoryVersion

_CORRECTIONS, _VERSIONS, _STORIES = table_of(CorrectionRow), table_of(StoryVersion), table_of(Story)
_CHANGES = table_of(ChangeRow)
_FOLLOWER: Final = "corrections"
_CHANGES_AT_ONCE: Final = 2_000
_KEPT_AT_ONCE: Final = 1_000  # versions, of which a few are revisions: a step reads so far and no further
_REVISED: Final = (VersionReason.REVISED.value, VersionReason.RESTORED.value)
_TELLING: Final = (ChangeKind.ADMITTED.value, ChangeKind.TEXT.value, ChangeKind.MERGED.value, ChangeKind.LABELS.value)
_BEFORE: Final = _VERSIONS.alias("before")
_IS_BEFORE: Final = (_BEFORE.c.story_id == _VERSIONS.c.story_id) & (_BEFORE.c.number == _VERSIONS.c.number - 1)
_STORY_READ: Final = func.coalesce(_STORIES.c.merged_into, _STORIES.c.id)  # of a merged one, that which it is part of


class Untold(Struct, frozen=True, kw_only=True):
    """A revision whose corrections are to be told."""

    version_id: int
    hashes: tuple[str, str]  # of the text before, and of its own
    run_id: int
    created_at: datetime
    revised: Revised


class UntoldBatch(Struct, frozen=True, kw_only=True):
    """The next revisions, and what there is nothing more before once they are told."""

    revisions: tuple[Untold, ...]
    change_id: int | None = None  # of the log, all up to this change
    kept_from: int | None = None  # of what was kept before, the versions between these two numbers
    kept_before: int | None = None


def next_untold(connection: Connection, rules: str, most: int, *, with_kept: bool = True) -> UntoldBatch | None:
    """Return the next revisions, at most so many: of stories that changed, then of what was kept before these rules.

    None where nothing waits.
    """
    progress = begun(connection, _FOLLOWER, rules, _VERSIONS)
    if (batch := _of_log(connection, progress.change_id, most)) is not None:
        return batch
    return _of_kept(connection, progress.kept_before, most) if with_kept and progress.kept_before > 1 else None


def keep_corrections(
    connection: Connection, rules: str, revisions: Sequence[Untold], told: Sequence[Sequence[Correction]]
) -> None:
    """Keep what was told of revisions, in the place of what was told before, by this run or another.

    Of a version that left or changed meanwhile nothing is kept, and nothing at all where newer rules have begun.
    """
    if progress_of(connection, _FOLLOWER, rules) is None:
        return
    stories = _stories_of(connection, revisions)
    pairs = [pair for pair in zip(revisions, told, strict=True) if pair[0].version_id in stories]
    connection.execute(delete(_CORRECTIONS).where(_CORRECTIONS.c.version_id.in_(list(stories))))
    insert_rows(connection, _CORRECTIONS, _rows(pairs, stories))


def _stories_of(connection: Connection, revisions: Sequence[Untold]) -> dict[int, int]:
    """Return under which story each revision is read now, of those whose texts are still the same."""
    wanted = {one.version_id: one.hashes for one in revisions}
    query = (
        select(_VERSIONS.c.id, _STORY_READ.label("story"), _BEFORE.c.content_hash, _VERSIONS.c.content_hash)
        .join(_STORIES, _STORIES.c.id == _VERSIONS.c.story_id)
        .join(_BEFORE, _IS_BEFORE)
        .where(_VERSIONS.c.id.in_(wanted))
    )
    rows = connection.execute(query).tuples()
    return {version_id: story_id for version_id, story_id, *hashes in rows if wanted[version_id] == tuple(hashes)}


def pass_on(connection: Connection, rules: str, batch: UntoldBatch) -> None:
    """Go on behind a batch, all of whose revisions are told."""
    go_on(connection, _FOLLOWER, rules, change_id=batch.change_id, kept_before=batch.kept_before)


def forget_corrections(connection: Connection, version_ids: Iterable[int]) -> bool:
    """Forget what was told of versions that have other texts now, and of those behind them; tell whether there was any.

    They are told anew once a change of their story is logged.
    """
    changed, behind = _VERSIONS.alias("changed"), _VERSIONS.alias("behind")
    is_touched = or_(behind.c.number == changed.c.number, behind.c.number == changed.c.number + 1)
    touched = select(behind.c.id).join(changed, (behind.c.story_id == changed.c.story_id) & is_touched)
    stale = touched.where(changed.c.id.in_(list(version_ids)))
    return connection.execute(delete(_CORRECTIONS).where(_CORRECTIONS.c.version_id.in_(stale))).rowcount > 0


def _of_log(connection: Connection, after: int, most: int) -> UntoldBatch | None:
    waiting = select(_CHANGES.c.id).where(_CHANGES.c.id > after).order_by(_CHANGES.c.id).limit(_CHANGES_AT_ONCE)
    ids = connection.scalars(waiting).all()
    if not ids:
        return None
    is_next = (_CHANGES.c.id > after) & (_CHANGES.c.id <= ids[-1]) & _CHANGES.c.kind.in_(_TELLING)
    changed = select(_CHANGES.c.story_id).where(is_next)
    parts = select(_STORIES.c.id).where(_STORIES.c.merged_into.in_(changed))
    is_told = select(_CORRECTIONS.c.id).where(_CORRECTIONS.c.version_id == _VERSIONS.c.id).exists()
    query = _revisions(_VERSIONS.c.story_id.in_(union(changed, parts)) & ~is_told)
    found = _read(connection, query.order_by(_VERSIONS.c.id).limit(most))
    return UntoldBatch(revisions=found, change_id=ids[-1] if len(found) < most else None)


def _of_kept(connection: Connection, before: int, most: int) -> UntoldBatch:
    first = max(before - _KEPT_AT_ONCE, 0)
    query = _revisions((_VERSIONS.c.id >= first) & (_VERSIONS.c.id < before))
    found = _read(connection, query.order_by(_VERSIONS.c.id.desc()).limit(most))
    end = found[-1].version_id if len(found) == most else first
    return UntoldBatch(revisions=found, kept_from=before, kept_before=end)


def _revisions(condition: ColumnElement[bool]) -> Select[Any]:
    columns = (_VERSIONS.c[name] for name in ("content_hash", "run_id", "created_at", "title", "text"))
    columns_before = (_BEFORE.c[name].label(f"{name}_before") for name in ("content_hash", "title", "text"))
    return (
        select(_VERSIONS.c.id.label("version_id"), *columns, *columns_before)
        .join(_BEFORE, _IS_BEFORE)
        .where(condition, _VERSIONS.c.reason.in_(_REVISED))
    )


def _read(connection: Connection, query: Select[Any]) -> tuple[Untold, ...]:
    return tuple(_untold(row._mapping) for row in connection.execute(query))  # noqa: SLF001 (SQLAlchemy's public name)


def _untold(row: RowMapping) -> Untold:
    return Untold(
        version_id=row["version_id"],
        hashes=(row["content_hash_before"], row["content_hash"]),
        run_id=row["run_id"],
        created_at=row["created_at"],
        revised=Revised(
            title_before=row["title_before"],
            title_after=row["title"],
            text_before=row["text_before"],
            text_after=row["text"],
        ),
    )


def _rows(pairs: Sequence[tuple[Untold, Sequence[Correction]]], stories: dict[int, int]) -> Iterator[dict[str, Any]]:
    for untold, told in pairs:
        for one in told:
            yield asdict(one) | {
                "kind": one.kind.value,
                "story_id": stories[untold.version_id],
                "version_id": untold.version_id,
                "corrected_at": untold.created_at,
                "run_id": untold.run_id,
            }
