"""One night for a reader: what it brought, topic by topic, what was corrected, what vanished."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct
from sqlalchemy import BindParameter, Connection, bindparam, func, select

from models.errors import NotFound
from models.identity import PageState, VersionReason
from models.queries.filters import StoryFilter, conditions
from models.queries.ledger.runs import FETCHING, find_run
from models.reports import RunStatus
from models.tables.changes import ChangeRow
from models.tables.corrections import CorrectionRow
from models.tables.labels import StoryTopic
from models.tables.runs import Fetch, Run
from models.tables.stories import Story, StoryVersion

# Written into the statement: a database that is not told the reasons takes no index of those versions alone.
_CORRECTED: Final[BindParameter[tuple[str, str]]] = bindparam(
    "corrected", (VersionReason.REVISED.value, VersionReason.RESTORED.value), expanding=True, literal_execute=True
)
_GONE: Final = (404, 410)


class Night(Struct, frozen=True, kw_only=True):
    """The runs that were one night, with the nights before and after it."""

    run_id: int  # the latest of them
    run_ids: tuple[int, ...]
    started_at: datetime
    before: int | None
    after: int | None


class TopicNews(Struct, frozen=True, kw_only=True):
    """What a night brought of one primary topic."""

    topic: str | None  # None: judged by nobody
    count: int
    clusters: tuple[tuple[int, ...], ...]  # the latest stories, each in front of its copies of this night


class NightCorrection(Struct, frozen=True, kw_only=True):
    """A version that changed what a story says."""

    version_id: int  # its key: later ones are higher
    story_id: int
    number: int
    before: int  # the number of the version that it follows
    reason: str
    created_at: datetime
    run_id: int
    kinds: tuple[str, ...]  # of what was corrected, as far as it could be told


class CorrectionsWanted(Struct, frozen=True, kw_only=True):
    """Which corrections a page shows."""

    run_ids: tuple[int, ...] | None = None  # None: of all runs
    kind: str | None = None  # of models.corrections; None: of any
    before: int | None = None  # the key of a version: only older ones
    most: int = 50


def find_night(connection: Connection, reference: str | None = None) -> Night:
    """Return the night that a run belongs to, by default the latest that asked its feeds. Raise NotFound."""
    nights = (Run.mode.in_(FETCHING), Run.status != RunStatus.SKIPPED.value)
    run_id = connection.scalar(select(func.max(Run.id)).where(*nights)) if reference is None else None
    if reference is not None:
        run_id = find_run(connection, reference)
    if run_id is None:
        raise NotFound("No night has been archived yet.")
    row = connection.execute(select(Run.night_id, Run.started_at).where(Run.id == run_id)).one()
    is_same = (Run.id >= row.night_id) & (Run.night_id == row.night_id) if row.night_id else Run.id == run_id
    run_ids = tuple(connection.scalars(select(Run.id).where(is_same).order_by(Run.id)))
    before = connection.scalar(select(func.max(Run.id)).where(*nights, Run.id < min(run_ids)))
    after = connection.scalar(select(func.min(Run.id)).where(*nights, Run.id > max(run_ids)))
    return Night(run_id=run_id, run_ids=run_ids, started_at=row.started_at, before=before, after=after)


def news_by_topic(connection: Connection, run_ids: Sequence[int], most: int) -> list[TopicNews]:
    """Return the stories that runs admitted, by their primary topic, the topic with most of them first."""
    query = (
        select(Story.id, Story.cluster_id, StoryTopic.topic_id)
        .join(
            StoryTopic,
            (StoryTopic.classification_id == Story.classification_id) & StoryTopic.is_primary,
            isouter=True,
        )
        .where(*conditions(StoryFilter()), Story.relevant_run_id.in_(run_ids))
        .order_by(Story.sort_at.desc(), Story.id.desc())
    )
    found: defaultdict[str | None, defaultdict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for story_id, cluster, topic in connection.execute(query).tuples():
        found[topic][cluster].insert(0, story_id)  # the earliest first
    news = [
        TopicNews(
            topic=topic,
            count=sum(map(len, clusters.values())),
            clusters=tuple(tuple(ids) for ids in list(clusters.values())[:most]),
        )
        for topic, clusters in found.items()
    ]
    return sorted(news, key=lambda one: (-one.count, one.topic or ""))


def corrections(connection: Connection, wanted: CorrectionsWanted) -> list[NightCorrection]:
    """Return the latest versions that corrected a story about climate."""
    query = (
        select(StoryVersion.id, StoryVersion.story_id, StoryVersion.number, StoryVersion.reason)
        .add_columns(StoryVersion.created_at, StoryVersion.run_id)
        .join(Story, Story.id == StoryVersion.story_id)
        .where(StoryVersion.reason.in_(_CORRECTED), *conditions(StoryFilter()))
        .order_by(StoryVersion.id.desc())
        .limit(wanted.most)
    )
    if wanted.run_ids is not None:
        query = query.where(StoryVersion.run_id.in_(wanted.run_ids))
    if wanted.before is not None:
        query = query.where(StoryVersion.id < wanted.before)
    if wanted.kind is not None:
        of_kind = select(CorrectionRow.version_id).where(CorrectionRow.kind == wanted.kind)
        query = query.where(StoryVersion.id.in_(of_kind))
    rows = connection.execute(query).all()
    kinds = _kinds(connection, [row.id for row in rows])
    return [
        NightCorrection(
            version_id=row.id,
            story_id=row.story_id,
            number=row.number,
            before=row.number - 1,
            reason=row.reason,
            created_at=row.created_at,
            run_id=row.run_id,
            kinds=tuple(kinds[row.id]),
        )
        for row in rows
    ]


def count_corrections(connection: Connection, run_ids: Sequence[int]) -> int:
    """Count the versions by which runs corrected a story about climate."""
    query = select(func.count()).select_from(StoryVersion).join(Story, Story.id == StoryVersion.story_id)
    is_meant = (StoryVersion.run_id.in_(run_ids), StoryVersion.reason.in_(_CORRECTED))
    return connection.scalar(query.where(*is_meant, *conditions(StoryFilter()))) or 0


def _kinds(connection: Connection, version_ids: Sequence[int]) -> defaultdict[int, dict[str, None]]:
    found: defaultdict[int, dict[str, None]] = defaultdict(dict)
    query = select(CorrectionRow.version_id, CorrectionRow.kind).where(CorrectionRow.version_id.in_(version_ids))
    for version_id, kind in connection.execute(query.order_by(CorrectionRow.id)).tuples():
        found[version_id][kind] = None
    return found


def vanished(connection: Connection, run_ids: Sequence[int]) -> list[int]:
    """Return the stories about climate whose page was no longer there when these runs asked, the newest first."""
    asked = select(Fetch.story_id).where(
        Fetch.run_id.in_(run_ids), Fetch.status.in_(_GONE), Fetch.story_id.is_not(None)
    )
    is_gone = (Story.page_state == PageState.GONE.value, Story.id.in_(asked))
    query = select(Story.id).where(*conditions(StoryFilter()), *is_gone).order_by(Story.sort_at.desc(), Story.id.desc())
    return list(connection.scalars(query))


def last_changed_at(connection: Connection) -> datetime | None:
    """Return when a story last changed; None in an empty archive."""
    return connection.scalar(select(ChangeRow.changed_at).order_by(ChangeRow.id.desc()).limit(1))
