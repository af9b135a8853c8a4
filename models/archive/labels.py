"""Labels of stories that are already kept: by newer terms and weights, or by hand. Never a change of their texts."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, delete, exists, func, null, select, update

from models.acts import BY_HAND
from models.archive.ledger.changes import log_changes, log_shown, shown_among
from models.archive.ledger.counts import counting
from models.archive.stories import queue_for_search
from models.archive.texts.judgements import KeptJudgement, write_judgements
from models.archive.texts.search_queue import index_batch
from models.changes import ChangeKind
from models.stages import Classification, TopicScore
from models.tables.keys import reserve_keys, table_of
from models.tables.labels import ClassificationRow, StoryTopic
from models.tables.stories import Story, StoryVersion

_STORIES, _LABELS, _TOPICS = table_of(Story), table_of(ClassificationRow), table_of(StoryTopic)
_POINT: Final = update(_STORIES).where(_STORIES.c.id == bindparam("story")).values(classification_id=bindparam("label"))


class Choice(Struct, frozen=True, kw_only=True):
    """Which stories are to be labelled again; those labelled by hand never are."""

    since: datetime | None = None  # first seen from then on
    topic: str | None = None  # that they have now


class Labels(Struct, frozen=True, kw_only=True):
    """What was judged of a story."""

    relevance: float
    topics: dict[str, float]  # to their scores, the first one first


class Kept(Struct, frozen=True, kw_only=True):
    """A story as it is labelled now, with the text to be judged."""

    story_id: int
    version_id: int
    title: str
    text: str
    tags: tuple[str, ...]
    url: str | None
    is_relevant: bool
    labels: Labels | None  # the current ones
    ready: Labels | None  # those that the wanted version wrote before


class NewLabels(Struct, frozen=True, kw_only=True):
    """A judgement of a story's version."""

    story_id: int
    version_id: int
    classification: Classification
    origin: str = "auto"


def kept_after(connection: Connection, last: int, choice: Choice, version: str, count: int) -> list[Kept]:
    """Return the next stories in the order of their ids, at most `count`."""
    ready = select(func.max(_LABELS.c.id)).where(_is_new(version)).correlate(_STORIES).scalar_subquery()
    query = _chosen(choice).where(_STORIES.c.id > last).order_by(_STORIES.c.id).limit(count)
    rows = connection.execute(
        query.add_columns(
            StoryVersion.title,
            StoryVersion.text,
            _STORIES.c.tags,
            _STORIES.c.url,
            _STORIES.c.relevant_at,
            ready.label("ready_id"),
        )
    ).all()
    labels = _labels_of(connection, {id_ for row in rows for id_ in (row.classification_id, row.ready_id)})
    return [
        Kept(
            story_id=row.id,
            version_id=row.version_id,
            title=row.title,
            text=row.text,
            tags=tuple(row.tags),
            url=row.url,
            is_relevant=row.relevant_at is not None,
            labels=labels.get(row.classification_id),
            ready=labels.get(row.ready_id),
        )
        for row in rows
    ]


def write_labels(connection: Connection, labels: Sequence[NewLabels], now: datetime) -> list[int]:
    """Write judgements beside the current ones, which stay current. Return their keys, in order."""
    keys = reserve_keys(connection, _LABELS, len(labels))
    judgements = [
        KeptJudgement(
            id=key,
            story_id=one.story_id,
            version_id=one.version_id,
            classification=one.classification,
            origin=one.origin,
        )
        for one, key in zip(labels, keys, strict=True)
    ]
    write_judgements(connection, judgements, now)
    return keys


def switch(connection: Connection, choice: Choice, version: str, run_id: int, now: datetime) -> int:
    """Make the labels of a version the current ones of every chosen story, in one statement; return how many moved.

    A story that they find to be about climate is admitted; none is turned out.
    """
    chosen = _chosen(choice).with_only_columns(_STORIES.c.id)
    moved = select(_STORIES.c.id).where(_is_open(), exists(_new_label_of(version)))
    with counting(connection, connection.scalars(moved).all()):
        return _switch(connection, chosen, version, run_id, now)


def replace_labels(connection: Connection, labels: Sequence[NewLabels], run_id: int, now: datetime) -> Sequence[int]:
    """Put judgements in the place of provisional ones, which go; return the stories that they admit."""
    ids = [one.story_id for one in labels]
    if not ids:
        return ()
    mine = _STORIES.c.id.in_(ids)
    provisional = connection.scalars(select(_STORIES.c.classification_id).where(mine)).all()
    log_shown(connection, ids, ChangeKind.LABELS, now, run_id)  # what these admit is logged as that
    keys = write_labels(connection, labels, now)
    with counting(connection, ids):
        rows = [{"story": story_id, "label": key} for story_id, key in zip(ids, keys, strict=True)]
        connection.execute(_POINT, rows)
        admitted = _admit(connection, mine, run_id, now)
    connection.execute(delete(_LABELS).where(_LABELS.c.id.in_(provisional)))
    return admitted


def _switch(connection: Connection, chosen: Select[Any], version: str, run_id: int, now: datetime) -> int:
    newest = select(func.max(_LABELS.c.id)).where(_is_new(version)).scalar_subquery()
    has_new = exists(_new_label_of(version))
    is_moved = _STORIES.c.id.in_(chosen) & has_new & _STORIES.c.classification_id.is_distinct_from(newest)
    # Before the labels move: a topic that was chosen by may be gone with them.
    log_shown(connection, select(_STORIES.c.id).where(is_moved), ChangeKind.LABELS, now, run_id)
    count = connection.execute(update(_STORIES).where(is_moved).values(classification_id=newest)).rowcount
    _admit(connection, has_new, run_id, now)
    return count


def _admit(connection: Connection, stories: ColumnElement[bool], run_id: int, now: datetime) -> Sequence[int]:
    """Admit those of these stories whose labels say that they are about climate; return which were not before."""
    about = exists(select(null()).where(_LABELS.c.id == _STORIES.c.classification_id, _LABELS.c.is_relevant))
    admitted = update(_STORIES).where(_STORIES.c.relevant_at.is_(None), _is_open(), stories, about)
    ids = connection.scalars(admitted.values(relevant_at=now, relevant_run_id=run_id).returning(_STORIES.c.id)).all()
    queue_for_search(connection, ids, now)
    log_changes(connection, [(story_id, ChangeKind.ADMITTED) for story_id in ids], frozenset(), now, run_id)
    return ids


def label_by_hand(
    connection: Connection, story_id: int, topics: Sequence[str], classifier_version: str, now: datetime
) -> None:
    """Make a person's topics the current labels of a story; no run overwrites them. None: it is not about climate."""
    version_id = connection.scalar(select(_STORIES.c.version_id).where(_STORIES.c.id == story_id))
    assert version_id is not None, "only a withdrawn story has no text"
    judged = Classification(
        relevance=1.0 if topics else 0.0,
        is_relevant=bool(topics),
        needs_review=False,
        topics=tuple(TopicScore(id=topic, score=1.0, primary=place == 0) for place, topic in enumerate(topics)),
        evidence=(),
        classifier_version=classifier_version,
    )
    labels = NewLabels(story_id=story_id, version_id=version_id, classification=judged, origin=BY_HAND)
    (key,) = write_labels(connection, [labels], now)
    pointed = update(_STORIES).where(_STORIES.c.id == story_id)
    with counting(connection, [story_id]):
        connection.execute(pointed.values(classification_id=key))
    if topics:  # else show_or_hide is to follow, and tells it
        log_shown(connection, [story_id], ChangeKind.LABELS, now)


def is_in_ledger(connection: Connection, story_id: int) -> bool:
    """Tell whether a run admitted a story, though a person may have hidden it since."""
    return connection.scalar(select(_STORIES.c.relevant_run_id).where(_STORIES.c.id == story_id)) is not None


def show_or_hide(connection: Connection, story_id: int, run_id: int | None, now: datetime, *, is_shown: bool) -> None:
    """Show a story as one about climate, or hide it; in the search too, at once.

    The run that admitted it stays: the ledger counts it there, and no feed admits it anew. `run_id` is that run where
    it had none.
    """
    admitted: dict[str, object] = {"relevant_at": func.coalesce(_STORIES.c.relevant_at, now) if is_shown else None}
    admitted |= {} if run_id is None else {"relevant_run_id": run_id}
    before = shown_among(connection, [story_id])
    with counting(connection, [story_id]):
        connection.execute(update(_STORIES).where(_STORIES.c.id == story_id).values(admitted))
    if bool(before) is not is_shown:
        log_changes(connection, [(story_id, ChangeKind.HIDDEN)], before, now, run_id)
    queue_for_search(connection, [story_id], now)
    while index_batch(connection):
        pass


def labelled_by_hand(connection: Connection) -> Iterator[dict[str, Any]]:
    """Yield every story with labels by hand as `evaluate topics` reads it."""
    rows = connection.execute(
        select(_STORIES.c.id, _STORIES.c.uid, _STORIES.c.classification_id, _LABELS.c.is_relevant)
        .add_columns(StoryVersion.title, StoryVersion.text, _STORIES.c.tags, _STORIES.c.url)
        .join(_LABELS, _LABELS.c.id == _STORIES.c.classification_id)
        .join(StoryVersion, StoryVersion.id == _LABELS.c.version_id)
        .where(_LABELS.c.origin == BY_HAND)
        .order_by(_STORIES.c.id)
    )
    for row in rows:
        topics = list(_labels_of(connection, [row.classification_id])[row.classification_id].topics)
        yield {
            "id": row.uid,
            "title": row.title,
            "text": row.text,
            "feed_topics": row.tags,
            "url": row.url,
            "climate_relevant": row.is_relevant,
            "primary": topics[0] if topics else None,
            "topics": topics,
        }


def _chosen(choice: Choice) -> Select[Any]:
    query = (
        select(_STORIES.c.id, _STORIES.c.version_id, _STORIES.c.classification_id)
        .join(StoryVersion, StoryVersion.id == _STORIES.c.version_id)
        .where(_is_open())
    )
    if choice.since is not None:
        query = query.where(_STORIES.c.first_seen_at >= choice.since)
    if choice.topic is not None:
        query = query.where(
            exists(
                select(null()).where(
                    _TOPICS.c.classification_id == _STORIES.c.classification_id, _TOPICS.c.topic_id == choice.topic
                )
            )
        )
    return query


def _is_open() -> Any:  # noqa: ANN401 (SQLAlchemy's expression)
    by_hand = exists(select(null()).where(_LABELS.c.id == _STORIES.c.classification_id, _LABELS.c.origin == BY_HAND))
    return and_(_STORIES.c.withdrawn_at.is_(None), _STORIES.c.merged_into.is_(None), ~by_hand)


def _is_new(version: str) -> Any:  # noqa: ANN401 (SQLAlchemy's expression)
    return and_(
        _LABELS.c.story_id == _STORIES.c.id,
        _LABELS.c.version_id == _STORIES.c.version_id,
        _LABELS.c.classifier_version == version,
        _LABELS.c.origin == "auto",
    )


def _new_label_of(version: str) -> Select[Any]:
    return select(null()).select_from(_LABELS).where(_is_new(version)).correlate(_STORIES)


def _labels_of(connection: Connection, label_ids: Iterable[int | None]) -> dict[int, Labels]:
    wanted = [one for one in label_ids if one is not None]
    judged = connection.execute(select(_LABELS.c.id, _LABELS.c.relevance).where(_LABELS.c.id.in_(wanted)))
    found = {label_id: Labels(relevance=relevance, topics={}) for label_id, relevance in judged}
    rows = connection.execute(
        select(_TOPICS.c.classification_id, _TOPICS.c.topic_id, _TOPICS.c.score)
        .where(_TOPICS.c.classification_id.in_(wanted))
        .order_by(_TOPICS.c.is_primary.desc(), _TOPICS.c.score.desc(), _TOPICS.c.topic_id)
    )
    for row in rows:
        found[row.classification_id].topics[row.topic_id] = row.score
    return found
