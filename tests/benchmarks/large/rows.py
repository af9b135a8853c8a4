"""Write a night of a large archive into its tables: the rows that a night would have written, in bulk."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import Connection

from flows.runs.context import CODE
from flows.steps._identity.names import story_uid
from flows.steps._identity.text_source import length_class
from models.archive.ledger.counts import count_on
from models.archive.texts.copies import ALL_BUT_EQUAL
from models.archive.texts.copy_bands import add_bands, bands_in, era_of
from models.archive.texts.judgements import KeptJudgement, write_judgements
from models.changes import ChangeKind
from models.copies import Likeness
from models.counting import Tally
from models.identity import KeyKind, KeyName, PageState, VersionReason
from models.search.factory import search_index
from models.search.interface import SearchRow
from models.stages import Classification, Evidence, Source, TopicScore
from models.storage.database import insert_rows
from models.tables.changes import ChangeRow
from models.tables.conventions import Base
from models.tables.copies import StoryCopy
from models.tables.corrections import CorrectionRow
from models.tables.keys import reserve_keys, table_of
from models.tables.labels import ClassificationRow
from models.tables.stories import Sighting, Story, StoryKey, StoryVersion
from tests.benchmarks.large.drafts import AUTHORS, TAGS, Draft

CLASSIFIER: Final = "large-1"
RUN_TAKES: Final = timedelta(minutes=20)  # of a run


class Runs(Struct, frozen=True, kw_only=True):
    """The two runs of a night: the one that brings the stories, and a later one that finds some revised."""

    first: int
    first_at: datetime
    second: int
    second_at: datetime


class Kept(Struct, frozen=True, kw_only=True):
    """A story with the keys of its rows."""

    id: int
    versions: tuple[int, ...]
    labels: tuple[int, ...]
    draft: Draft
    seen_at: datetime
    cluster_id: int

    @property
    def sort_at(self) -> datetime:
        """Return by which moment it is sorted."""
        return min(self.draft.published_at or self.seen_at, self.seen_at)


def write_night(connection: Connection, drafts: Sequence[Draft], runs: Runs, positions: Mapping[str, int]) -> None:
    """Write the stories of a night with all that is kept of them; positions are those of the feeds."""
    stories = _placed(connection, drafts, runs, positions)
    ids = [one.id for one in stories]
    admitted = [one for one in stories if one.draft.is_relevant]
    _insert(connection, Story, (_story(one, runs) for one in stories))
    _insert(connection, StoryKey, (row for one in stories for row in _keys(one)))
    _insert(connection, Sighting, (row for one in stories for row in _sightings(one, runs)))
    _insert(connection, StoryVersion, (row for one in stories for row in _versions(one, runs)))
    write_judgements(connection, [row for one in stories for row in _judgements(one)], runs.first_at)
    tally = Tally()
    count_on(connection, tally, ids)
    _insert(connection, ChangeRow, _changes(admitted, runs))
    _insert(connection, CorrectionRow, (row for one in stories for row in _corrections(one, runs)))
    _insert(connection, StoryCopy, (_copy(one, stories) for one in admitted))
    add_bands(connection, (pair for one in admitted for pair in _bands(one)))
    search_index(connection).index(connection, [_searched(one) for one in admitted])


def _insert(connection: Connection, model: type[Base], rows: Iterable[dict[str, Any]]) -> None:
    insert_rows(connection, table_of(model), rows)


def _placed(connection: Connection, drafts: Sequence[Draft], runs: Runs, positions: Mapping[str, int]) -> list[Kept]:
    texts = sum(len(one.texts) for one in drafts)
    ids = reserve_keys(connection, table_of(Story), len(drafts))
    versions = iter(reserve_keys(connection, table_of(StoryVersion), texts))
    labels = iter(reserve_keys(connection, table_of(ClassificationRow), texts))
    return [
        Kept(
            id=story_id,
            versions=tuple(islice(versions, len(draft.texts))),
            labels=tuple(islice(labels, len(draft.texts))),
            draft=draft,
            seen_at=runs.first_at + timedelta(seconds=positions[draft.feeds[0]]),
            cluster_id=story_id if draft.original is None else ids[draft.original],
        )
        for story_id, draft in zip(ids, drafts, strict=True)
    ]


def _story(story: Kept, runs: Runs) -> dict[str, Any]:
    draft, text = story.draft, story.draft.texts[-1]
    nothing = dict.fromkeys(
        ("published_raw", "merged_into", "withdrawn_at", "withdrawn_reason", "page_reason", "page_due_at", "page_etag")
    )
    return nothing | {
        "id": story.id,
        "uid": story_uid(_names(draft)),
        "url": draft.url,
        "title": text.title,
        "language": draft.language,
        "authors": list(AUTHORS),
        "tags": list(TAGS),
        "published_at": draft.published_at,
        "is_zone_assumed": False,
        "first_seen_at": story.seen_at,
        "sort_at": story.sort_at,
        "relevant_at": story.seen_at if draft.is_relevant else None,
        "first_run_id": runs.first,
        "relevant_run_id": runs.first if draft.is_relevant else None,
        "version_id": story.versions[-1],
        "classification_id": story.labels[-1],
        "text_source": draft.feeds[0],
        "content_hash": text.content_hash,
        "revisions": len(draft.texts) - 1,
        "flapping": False,
        "cluster_id": story.cluster_id,
        "page_state": PageState.NONE.value,
        "page_attempts": 0,
        "page_checks": 0,
        "page_digest": None,
        "page_pending_hash": None,
    }


def _names(draft: Draft) -> tuple[KeyName, ...]:
    guid = KeyName.of(KeyKind.GUID, draft.feeds[0], draft.guid)
    return guid, KeyName.of(KeyKind.URL, "", draft.url_key)


def _keys(story: Kept) -> Iterator[dict[str, Any]]:
    for name in _names(story.draft):
        yield {
            "kind": name.kind.value,
            "scope": name.scope,
            "key": name.key,
            "story_id": story.id,
            "feed_id": story.draft.feeds[0],
            "is_ambiguous": False,
            "key_version": CODE.key,
            "added_at": story.seen_at,
        }


def _sightings(story: Kept, runs: Runs) -> Iterator[dict[str, Any]]:
    draft = story.draft
    for at, feed in enumerate(draft.feeds):
        text = draft.texts[-1 if at == 0 else 0]
        yield {
            "feed_id": feed,
            "story_id": story.id,
            "guid": draft.guid if at == 0 else draft.url,
            "url": draft.url,
            "url_key": draft.url_key,
            "entry_digest": text.digest,
            "content_hash": text.content_hash,
            "length_class": length_class(text.length),
            "title": text.title,
            "text_hash": text.text_hash,
            "published_at": draft.published_at,
            "first_seen_at": story.seen_at,
            "first_run_id": runs.first,
            "changed_at": story.seen_at if len(draft.texts) == 1 else runs.second_at,
        }


def _versions(story: Kept, runs: Runs) -> Iterator[dict[str, Any]]:
    nothing = dict.fromkeys(("raw_digest", "replaced_hash", "replaced_extractor_version"))
    for number, (version_id, text) in enumerate(zip(story.versions, story.draft.texts, strict=True), start=1):
        yield nothing | {
            "id": version_id,
            "story_id": story.id,
            "number": number,
            "reason": (VersionReason.FIRST if number == 1 else VersionReason.REVISED).value,
            "source": Source.FEED.value,
            "feed_id": story.draft.feeds[0],
            "run_id": runs.first if number == 1 else runs.second,
            "created_at": story.seen_at if number == 1 else runs.second_at,
            "title": text.title,
            "text": text.text,
            "html": text.html,
            "content_hash": text.content_hash,
            "method": Source.FEED.value,
            "confidence": 1.0,
            "extractor_version": CODE.extractor,
            "raw_entry": text.raw_entry,
        }


def _judgements(story: Kept) -> Iterator[KeptJudgement]:
    draft = story.draft
    evidence = (Evidence(term="climate", field="lead", weight=3.0, start=0, end=7),)
    topics = tuple(
        TopicScore(id=topic, score=0.9 - at / 5, primary=at == 0, evidence=evidence)
        for at, topic in enumerate(draft.topics)
    )
    found = Classification(
        relevance=0.97 if draft.is_relevant else 0.01,
        is_relevant=draft.is_relevant,
        needs_review=draft.needs_review,
        topics=topics,
        evidence=evidence if draft.is_relevant else (),
        classifier_version=CLASSIFIER,
    )
    for label_id, version_id in zip(story.labels, story.versions, strict=True):
        yield KeptJudgement(id=label_id, story_id=story.id, version_id=version_id, classification=found)


def _changes(admitted: Sequence[Kept], runs: Runs) -> Iterator[dict[str, Any]]:
    """Tell what happened: what came in, what turned out to be a copy, and later what was revised."""
    copies = [one for one in admitted if one.cluster_id != one.id]
    revised = [one for one in admitted if len(one.versions) > 1]
    told = [(ChangeKind.ADMITTED, one, runs.first, one.seen_at) for one in admitted]
    told += [(ChangeKind.COPIES, one, runs.first, runs.first_at + RUN_TAKES) for one in copies]
    told += [(ChangeKind.TEXT, one, runs.second, runs.second_at) for one in revised]
    for kind, story, run_id, moment in told:
        yield {"story_id": story.id, "kind": kind.value, "run_id": run_id, "changed_at": moment}


def _corrections(story: Kept, runs: Runs) -> Iterator[dict[str, Any]]:
    for one in story.draft.corrections:
        yield asdict(one) | {
            "kind": one.kind.value,
            "story_id": story.id,
            "version_id": story.versions[-1],
            "corrected_at": runs.second_at,
            "run_id": runs.second,
        }


def _copy(story: Kept, stories: Sequence[Kept]) -> dict[str, Any]:
    draft = story.draft
    pointer = dict.fromkeys(("copied_from", *Likeness.__struct_fields__))
    if draft.original is not None and draft.likeness is not None:
        pointer = {"copied_from": stories[draft.original].id} | asdict(draft.likeness)
    told = {"story_id": story.id, "version_id": story.versions[-1], "agency": draft.marks.agency}
    bands = _own_bands(draft)
    return told | {"bands": bands, "era": era_of(story.sort_at) if bands else None} | pointer


def _own_bands(draft: Draft) -> bytes:
    """Return by which bands a story is found: one that is all but equal to its original is found by that."""
    return b"" if draft.likeness and draft.likeness.jaccard >= ALL_BUT_EQUAL else draft.marks.bands


def _bands(story: Kept) -> Iterator[tuple[int, int]]:
    for band in bands_in((era_of(story.sort_at),), _own_bands(story.draft)):
        yield band, story.id


def _searched(story: Kept) -> SearchRow:
    text = story.draft.texts[-1]
    return SearchRow(
        story_id=story.id, title=text.title, text=text.text, language=story.draft.language, words=story.draft.words
    )
