"""Stories wait for the second reader in a queue of their own; what it finds takes the place of what the first said."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import select, update

from models.archive.labels import label_by_hand, show_or_hide
from models.archive.meaning import MeaningReading, keep_readings, load_waiting, next_waiting, oldest_waiting
from models.archive.withdrawals import withdraw_story
from models.learnt import UNREAD
from models.queries.ledger.checks import audit
from models.reports import MeaningCounts, RunStatus
from models.stages import Classification, Relevance, TopicScore
from models.tables.changes import ChangeRow
from models.tables.labels import ClassificationRow, StoryTopic
from models.tables.queues import SearchQueue, VectorQueue
from models.tables.runs import Run
from models.tables.stories import Story, StoryVersion
from models.tables.vectors import StoryVector
from models.waiting import count_waiting
from tests.builders import NOON, Archive, Piece

ENCODER = "one"
UNREAD_PIECE = Piece(guid="1", classifier_version=f"test-1{UNREAD}")
PLAIN = Piece(guid="2", url=None, title="Plain")
OFF = Piece(guid="3", url="https://one.example/off", title="Off", is_relevant=False)
DOUBTED = replace(OFF, classifier_version=f"test-1{UNREAD}")


def found(*, is_relevant: bool = True, encoder: str = ENCODER, topic: str = "energy") -> Classification:
    """Make what both readers say of a story."""
    return Classification(
        relevance=0.8 if is_relevant else 0.2,
        is_relevant=is_relevant,
        needs_review=False,
        topics=(TopicScore(id=topic, score=0.7, primary=True),),
        evidence=(),
        classifier_version="test-1",
        vector=b"meant",
        encoder=encoder,
    )


def titles(archive: Archive, most: int = 10, encoder: str = ENCODER) -> list[str]:
    """Return the titles of the stories that are read next."""
    ids = next_waiting(archive.connection, encoder, most)
    return [one.heading.title for one in load_waiting(archive.connection, ids)]


def read(archive: Archive, run_id: int, what: Classification | None, encoder: str = ENCODER) -> MeaningCounts:
    """Read all that waits, with this result."""
    waiting = load_waiting(archive.connection, next_waiting(archive.connection, encoder, 10))
    return keep_readings(archive.connection, [MeaningReading(story=one, found=what) for one in waiting], run_id, NOON)


def column(archive: Archive, wanted: Any) -> list[Any]:
    """Return a column, in the order of its table's key."""
    return list(archive.connection.scalars(select(wanted).order_by(*wanted.table.primary_key)))


def current_topics(archive: Archive) -> dict[str, list[str]]:
    """Return the topics of every story's current labels, by title."""
    rows: Iterable[tuple[str, str]] = archive.connection.execute(
        select(Story.title, StoryTopic.topic_id).join(
            StoryTopic, StoryTopic.classification_id == Story.classification_id
        )
    ).tuples()
    kept: dict[str, list[str]] = {}
    for title, topic in rows:
        kept.setdefault(title, []).append(topic)
    return kept


def test_what_hangs_on_the_reading_comes_first(archive: Archive) -> None:
    """Doubts of the gate, other languages, stories about climate with the newest before, then vectors alone."""
    spec = archive.feed(relevance=Relevance.GATE)
    sure = [
        replace(UNREAD_PIECE, guid=f"s{at}", url=None, title=f"Sure {at}", published_at=NOON - timedelta(days=at))
        for at in (2, 1)
    ]
    german = replace(UNREAD_PIECE, guid="g", url=None, title="Meer", language="de")
    archive.take(archive.begin(), spec, PLAIN, *sure, german, DOUBTED)
    assert titles(archive) == ["Off", "Meer", "Sure 1", "Sure 2", "Plain"]
    assert titles(archive, most=2) == ["Off", "Meer"]
    assert count_waiting(archive.connection) == 5
    assert oldest_waiting(archive.connection) == NOON


def test_labels_by_both_readers_take_the_place_of_the_first_ones(archive: Archive) -> None:
    """They are current, the provisional ones are gone, readers are told, and nothing waits."""
    spec = archive.feed()
    run_id = archive.night(spec, UNREAD_PIECE)
    assert current_topics(archive) == {UNREAD_PIECE.title: ["science"]}
    assert read(archive, run_id, found()) == MeaningCounts(read=1)
    assert current_topics(archive) == {UNREAD_PIECE.title: ["energy"]}
    assert column(archive, ClassificationRow.classifier_version) == ["test-1"]
    assert column(archive, ChangeRow.kind) == ["admitted", "labels"]
    assert column(archive, StoryVector.vector) == [b"meant"]
    assert column(archive, VectorQueue.story_id) == []
    assert audit(archive.connection).findings == ()


def test_a_story_turned_away_wrongly_is_admitted(archive: Archive) -> None:
    """Its page is asked for, it is indexed, and the ledger adds up: no feed's row counts it as new."""
    spec = archive.feed(relevance=Relevance.GATE, full_text=True)
    run_id = archive.begin()
    archive.show(run_id, spec, DOUBTED)
    assert column(archive, Story.relevant_at) == [None]
    assert read(archive, run_id, found()) == MeaningCounts(read=1, admitted=1)
    archive_row = archive.connection.execute(select(Story.relevant_run_id, Story.page_state, Story.page_due_at)).one()
    assert tuple(archive_row) == (run_id, "due", NOON)
    assert column(archive, SearchQueue.story_id) == [1]
    assert column(archive, ChangeRow.kind) == ["admitted"]
    archive.end(run_id)
    assert audit(archive.connection).findings == ()
    assert column(archive, Run.parameters)[0]["meaning"] == {"read": 1, "admitted": 1, "failed": 0, "waiting": 0}


def test_no_story_is_turned_out(archive: Archive) -> None:
    """What the first reader admitted stays, with the labels of both; what both turn away gets no vector."""
    spec = archive.feed(relevance=Relevance.GATE)
    run_id = archive.begin()
    archive.show(run_id, spec, UNREAD_PIECE, DOUBTED)
    assert read(archive, run_id, found(is_relevant=False)) == MeaningCounts(read=2)
    assert column(archive, Story.relevant_at) == [NOON, None]
    assert column(archive, ClassificationRow.is_relevant) == [False, False]
    assert column(archive, StoryVector.story_id) == [1]
    archive.end(run_id)
    assert audit(archive.connection).findings == ()


def test_a_story_that_cannot_be_read_waits_no_more(archive: Archive) -> None:
    """It keeps the labels of the first reader; the ledger counts it."""
    run_id = archive.night(archive.feed(), UNREAD_PIECE)
    assert read(archive, run_id, None) == MeaningCounts(failed=1)
    assert current_topics(archive) == {UNREAD_PIECE.title: ["science"]}
    assert titles(archive) == []


def test_the_ledger_sums_what_batches_did(archive: Archive) -> None:
    """Each adds to the run's sums in its own transaction."""
    spec = archive.feed()
    run_id = archive.begin()
    archive.take(run_id, spec, UNREAD_PIECE)
    read(archive, run_id, found())
    archive.take(run_id, spec, replace(UNREAD_PIECE, guid="9", url=None, title="Nine"))
    read(archive, run_id, None)
    assert column(archive, Run.parameters)[0]["meaning"] == {"read": 1, "admitted": 0, "failed": 1, "waiting": 0}


@pytest.mark.parametrize("change", ["text", "hand", "hidden", "withdrawn"])
def test_what_changed_while_it_was_read_is_left_alone(archive: Archive, change: str) -> None:
    """A reading of other words, or against a person's, is dropped; a new text waits on."""
    spec = archive.feed()
    run_id = archive.night(spec, UNREAD_PIECE)
    (waiting,) = load_waiting(archive.connection, next_waiting(archive.connection, ENCODER, 10))
    if change == "text":
        archive.night(spec, replace(UNREAD_PIECE, text="The sea level falls, and the coast with its towns may stay."))
    elif change == "withdrawn":
        withdraw_story(archive.connection, 1, "asked", NOON)
    else:
        label_by_hand(archive.connection, 1, ["policy"] if change == "hand" else [], "hand-1", NOON)
    if change == "hidden":
        show_or_hide(archive.connection, 1, run_id, NOON, is_shown=False)
    before = column(archive, Story.classification_id)
    assert (
        keep_readings(archive.connection, [MeaningReading(story=waiting, found=found())], run_id, NOON)
        == MeaningCounts()
    )
    assert column(archive, Story.classification_id) == before
    assert column(archive, StoryVector.story_id) == []
    assert bool(titles(archive)) == (change in {"text", "hand"})


def test_words_that_took_the_place_of_others_meanwhile_wait_on(archive: Archive) -> None:
    """In their version, whose labels a person gave and which stay: a vector of the old words is none of theirs."""
    run_id = archive.night(archive.feed(), UNREAD_PIECE)
    label_by_hand(archive.connection, 1, ["policy"], "hand-1", NOON)
    (waiting,) = load_waiting(archive.connection, next_waiting(archive.connection, ENCODER, 10))
    for other in ({"content_hash": "other"}, {"title": "Another"}):
        archive.connection.execute(update(StoryVersion).values(other))
        reading = MeaningReading(story=waiting, found=found())
        assert keep_readings(archive.connection, [reading], run_id, NOON) == MeaningCounts()
        archive.connection.execute(
            update(StoryVersion).values(content_hash=waiting.content_hash, title=waiting.heading.title)
        )
    assert column(archive, StoryVector.story_id) == []
    assert column(archive, VectorQueue.story_id) == [1]


def test_labels_by_hand_stay_when_their_story_gets_its_vector(archive: Archive) -> None:
    """A person's labels are nobody's to read again."""
    run_id = archive.night(archive.feed(), UNREAD_PIECE)
    label_by_hand(archive.connection, 1, ["policy"], "hand-1", NOON)
    assert read(archive, run_id, found()) == MeaningCounts(read=1)
    assert current_topics(archive) == {UNREAD_PIECE.title: ["policy"]}
    assert column(archive, StoryVector.vector) == [b"meant"]


def test_another_encoder_makes_all_vectors_anew(archive: Archive) -> None:
    """Those in the queue come first, and no vector is missing meanwhile; one that cannot be made goes."""
    spec = archive.feed()
    run_id = archive.night(spec, UNREAD_PIECE)
    read(archive, run_id, found())
    archive.night(spec, UNREAD_PIECE, PLAIN)
    assert titles(archive, encoder="two") == ["Plain", UNREAD_PIECE.title]
    assert column(archive, StoryVector.encoder) == ["one"]
    read(archive, run_id, found(encoder="two"), "two")
    assert column(archive, StoryVector.encoder) == ["two", "two"]
    assert titles(archive, encoder="two") == []
    read(archive, run_id, None, "three")
    assert column(archive, StoryVector.encoder) == []
    assert titles(archive, encoder="three") == []


def test_a_withdrawn_story_leaves_no_vector(archive: Archive) -> None:
    """Its meaning goes with its words, from the queue too."""
    spec = archive.feed()
    run_id = archive.night(spec, UNREAD_PIECE)
    read(archive, run_id, found())
    archive.take(archive.begin(), spec, PLAIN)
    for story_id in (1, 2):
        withdraw_story(archive.connection, story_id, "asked", NOON)
    assert column(archive, StoryVector.story_id) == []
    assert column(archive, VectorQueue.story_id) == []


def test_what_is_surely_not_about_climate_waits_for_nothing(archive: Archive) -> None:
    """Turned away, and read by all who would read it."""
    archive.show(run_id := archive.begin(), archive.feed(relevance=Relevance.GATE), OFF)
    archive.end(run_id, RunStatus.COMPLETED)
    assert (column(archive, VectorQueue.story_id), titles(archive)) == ([], [])
