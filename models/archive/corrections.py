"""The revisions whose corrections are not told yet, and the rows of those that are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, func, select

from models._sql.columns import columns_of
from models.archive.changes import mark_of, set_mark
from models.changes import ChangeKind
from models.corrections import Correction, Revised
from models.database import insert_rows
from models.identity import VersionReason
from models.tables import ChangeRow, CorrectionRow, Story, StoryVersion
from models.tables.keys import table_of

_CORRECTIONS, _VERSIONS, _STORIES = table_of(CorrectionRow), table_of(StoryVersion), table_of(Story)
_CHANGES = table_of(ChangeRow)
_FOLLOWER: Final = "corrections"
_CHANGES_AT_ONCE: Final = 2_000
_REVISED: Final = (VersionReason.REVISED.value, VersionReason.RESTORED.value)
_TELLING: Final = (ChangeKind.ADMITTED.value, ChangeKind.TEXT.value, ChangeKind.MERGED.value, ChangeKind.LABELS.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Untold:
    """A revision whose corrections are to be told."""

    version_id: int
    story_id: int  # that is read: of a merged one, the story that it became part of
    content_hash: str
    run_id: int
    created_at: datetime
    revised: Revised


@dataclass(frozen=True, slots=True, kw_only=True)
class UntoldBatch:
    """The next revisions, and the change up to which there are no others."""

    revisions: tuple[Untold, ...]
    upto: int | None  # None: there are more before it
    is_last: bool  # nothing waits behind it


def next_untold(connection: Connection, rules: str, most: int) -> UntoldBatch:
    """Return the next revisions of stories that changed, at most so many. Other rules begin anew, with every story."""
    after = mark_of(connection, _FOLLOWER, rules)
    if after is None:
        connection.execute(delete(_CORRECTIONS))
        after = 0
        set_mark(connection, _FOLLOWER, rules, after)
    waiting = select(_CHANGES.c.id).where(_CHANGES.c.id > after).order_by(_CHANGES.c.id).limit(_CHANGES_AT_ONCE)
    ids = connection.scalars(waiting).all()
    if not ids:
        return UntoldBatch(revisions=(), upto=None, is_last=True)
    is_next = (_CHANGES.c.id > after) & (_CHANGES.c.id <= ids[-1]) & _CHANGES.c.kind.in_(_TELLING)
    found = _revisions(connection, select(_CHANGES.c.story_id).where(is_next), most)
    is_whole = len(found) < most
    return UntoldBatch(
        revisions=tuple(found),
        upto=ids[-1] if is_whole else None,
        is_last=is_whole and len(ids) < _CHANGES_AT_ONCE,
    )


def keep_corrections(
    connection: Connection,
    rules: str,
    batch: UntoldBatch,
    told: Sequence[Sequence[Correction]],
) -> None:
    """Keep what was told of a batch; of a version that left or changed meanwhile, nothing."""
    wanted = {one.version_id: one.content_hash for one in batch.revisions}
    hashes = select(_VERSIONS.c.id, _VERSIONS.c.content_hash).where(_VERSIONS.c.id.in_(wanted))
    there = {version_id for version_id, kept in connection.execute(hashes).tuples() if wanted[version_id] == kept}
    pairs = zip(batch.revisions, told, strict=True)
    insert_rows(connection, _CORRECTIONS, _rows([pair for pair in pairs if pair[0].version_id in there]))
    if batch.upto is not None:
        set_mark(connection, _FOLLOWER, rules, batch.upto)


def forget_corrections(connection: Connection, story_id: int) -> bool:
    """Forget what was told of a story, whose texts newer code has read otherwise; tell whether there was anything."""
    versions = select(_VERSIONS.c.id).where(_VERSIONS.c.story_id == story_id)
    return connection.execute(delete(_CORRECTIONS).where(_CORRECTIONS.c.version_id.in_(versions))).rowcount > 0


def _revisions(connection: Connection, stories: Any, most: int) -> list[Untold]:  # noqa: ANN401 (a select of ids)
    before = _VERSIONS.alias("before")
    is_told = select(_CORRECTIONS.c.id).where(_CORRECTIONS.c.version_id == _VERSIONS.c.id)
    query = (
        select(
            *(_VERSIONS.c[name] for name in ("content_hash", "run_id", "created_at", "title", "text")),
            _VERSIONS.c.id.label("version_id"),
            func.coalesce(_STORIES.c.merged_into, _STORIES.c.id).label("story"),
            before.c.title.label("title_before"),
            before.c.text.label("text_before"),
        )
        .join(_STORIES, _STORIES.c.id == _VERSIONS.c.story_id)
        .join(before, (before.c.story_id == _VERSIONS.c.story_id) & (before.c.number == _VERSIONS.c.number - 1))
        .where(_VERSIONS.c.story_id.in_(stories), _VERSIONS.c.reason.in_(_REVISED), ~is_told.exists())
        .order_by(_VERSIONS.c.id)
        .limit(most)
    )
    return [_untold(row._mapping) for row in connection.execute(query)]  # noqa: SLF001 (SQLAlchemy's public name)


def _untold(row: Any) -> Untold:  # noqa: ANN401 (SQLAlchemy's mapping)
    return Untold(
        version_id=row["version_id"],
        story_id=row["story"],
        content_hash=row["content_hash"],
        run_id=row["run_id"],
        created_at=row["created_at"],
        revised=Revised(
            title_before=row["title_before"],
            title_after=row["title"],
            text_before=row["text_before"],
            text_after=row["text"],
        ),
    )


def _rows(pairs: Sequence[tuple[Untold, Sequence[Correction]]]) -> Iterator[dict[str, Any]]:
    for untold, told in pairs:
        for one in told:
            yield columns_of(one) | {
                "kind": one.kind.value,
                "story_id": untold.story_id,
                "version_id": untold.version_id,
                "corrected_at": untold.created_at,
                "run_id": untold.run_id,
            }
