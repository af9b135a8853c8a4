"""What happened to a story that readers see is logged by whoever does it, in one word, and nothing else is."""

import pytest
from msgspec.structs import replace
from sqlalchemy import select

from models.archive.known import load_story
from models.archive.labels import Choice, NewLabels, label_by_hand, show_or_hide, switch, write_labels
from models.archive.ledger.feeds import sync_feeds
from models.archive.merges import merge_stories
from models.archive.pages import PageChange, record_visit
from models.archive.withdrawals import withdraw_story
from models.identity import Merger, NewVersion, PageQueueState, VersionReason
from models.queries.changes import last_change
from models.stages import Relevance
from models.tables.changes import ChangeRow
from tests.builders import CODE, NOON, Archive, Piece

SEA = Piece(guid="1")
WIND = replace(SEA, guid="2", url=None, title="Wind", text="The wind turns a wheel on the hill.", topics=("energy",))
BALL = replace(SEA, guid="3", url="https://one.example/ball", title="Ball", text="A goal.", is_relevant=False)


def logged(archive: Archive, after: int = 0) -> list[tuple[int, str, int | None]]:
    """Return what the log says behind a change: story, kind, run."""
    columns = (ChangeRow.story_id, ChangeRow.kind, ChangeRow.run_id)
    rows = archive.connection.execute(select(*columns).where(ChangeRow.id > after).order_by(ChangeRow.id))
    return list(rows.tuples())


def test_a_story_that_was_turned_away_comes_in_once(archive: Archive) -> None:
    """By a feed that vouches for it; revised by the same night's next document, it has changed."""
    gate, vouched = archive.feed("gate", relevance=Relevance.GATE), archive.feed("two")
    archive.night(gate, BALL)
    assert logged(archive) == []
    run_id = archive.begin()
    archive.show(run_id, vouched, BALL)
    archive.show(run_id, gate, replace(BALL, text="A goal in the rain.", is_relevant=True))
    assert logged(archive) == [(1, "admitted", run_id), (1, "text", run_id)]


def test_a_page_admits_the_story_that_came_near(archive: Archive) -> None:
    """It came in: nobody knew it before."""
    archive.night(archive.feed("gate", relevance=Relevance.GATE), BALL)
    run_id = archive.begin()
    state = replace(load_story(archive.connection, 1).state, is_relevant=True, tags=("weather",))
    change = PageChange(story_id=1, entry=PageQueueState(), state=state)
    context = archive.context(run_id, archive.specs[0])
    for _ in range(2):
        record_visit(archive.connection, change, context, CODE)
    assert logged(archive) == [(1, "admitted", run_id), (1, "facts", run_id)]


def test_a_page_that_changed_nothing_but_its_text_is_told(archive: Archive) -> None:
    """Once, as a new text."""
    archive.night(archive.feed("one"), SEA)
    run_id = archive.begin()
    revised = replace(SEA, text="The sea rises faster than it did.").classified()
    version = NewVersion(reason=VersionReason.REVISED, number=2)
    change = PageChange(story_id=1, entry=PageQueueState(), version=version, classified=revised)
    record_visit(archive.connection, change, archive.context(run_id, archive.specs[0]), CODE)
    assert logged(archive, 1) == [(1, "text", run_id)]


def test_another_feed_that_shows_a_story_is_told(archive: Archive) -> None:
    """It stands among the story's feeds; that the same feed shows it again is nothing."""
    archive.night(archive.feed("one"), SEA)
    run_id = archive.night(archive.feed("two"), SEA)
    archive.night(archive.specs[1], SEA)
    assert logged(archive, 1) == [(1, "facts", run_id)]


def test_another_name_of_a_feed_is_told_of_its_stories(archive: Archive) -> None:
    """A person wrote it into feeds.yaml; without an edit nothing is logged."""
    archive.night(archive.feed("one"), SEA, WIND)
    archive.night(archive.feed("two"), replace(SEA, url="https://two.example/x", guid="x", title="X", text="X."))
    start = last_change(archive.connection)
    for _ in range(2):
        sync_feeds(archive.connection, [replace(archive.specs[0], name="The First"), archive.specs[1]], NOON)
    assert logged(archive, start) == [(1, "facts", None), (2, "facts", None)]


def test_what_happens_behind_the_gate_is_not_told(archive: Archive) -> None:
    """A revision, a merger, a person's no and a takedown of what was turned away: no reader ever had it."""
    gate = archive.feed("gate", relevance=Relevance.GATE)
    archive.night(gate, BALL, replace(BALL, guid="4", url="https://one.example/4", title="Net"))
    archive.night(gate, replace(BALL, text="Another goal."))
    merge_stories(archive.connection, Merger(into=1, story_ids=(2,)), NOON)
    label_by_hand(archive.connection, 1, [], "by hand", NOON)
    show_or_hide(archive.connection, 1, archive.begin(), NOON, is_shown=False)
    withdraw_story(archive.connection, 1, "asked", NOON)
    assert logged(archive) == []


def test_a_story_that_is_hidden_and_revised_is_told_as_hidden_alone(archive: Archive) -> None:
    """Shown again it comes in again; a takedown is told of a hidden story too, whose words somebody may hold."""
    spec, connection = archive.feed(), archive.connection
    archive.night(spec, SEA)
    show_or_hide(connection, 1, None, NOON, is_shown=False)
    archive.night(spec, replace(SEA, text="The sea level falls."))
    assert logged(archive, 1) == [(1, "hidden", None)]
    show_or_hide(connection, 1, None, NOON, is_shown=True)
    show_or_hide(connection, 1, None, NOON, is_shown=False)
    withdraw_story(connection, 1, "asked", NOON)
    assert [kind for _, kind, _ in logged(archive, 2)] == ["admitted", "hidden", "withdrawn"]


def test_a_merger_is_told_of_all_that_it_moves(archive: Archive) -> None:
    """Of the one that stays, of those that go, and of those that went into them before."""
    spec, connection = archive.feed(), archive.connection
    pieces = [replace(SEA, guid=str(n), url=f"https://one.example/{n}", title=f"Sea {n}") for n in range(3)]
    archive.night(spec, *pieces)
    start, run_id = last_change(connection), archive.begin()
    merge_stories(connection, Merger(into=2, story_ids=(3,)), NOON, run_id)
    merge_stories(connection, Merger(into=1, story_ids=(2,)), NOON, run_id)
    assert logged(archive, start) == [(one, "merged", run_id) for one in (2, 3, 1, 2, 3)]


def test_a_merger_brings_in_the_older_story(archive: Archive) -> None:
    """Which the gate had turned away: it takes the younger one's place."""
    archive.night(archive.feed("gate", relevance=Relevance.GATE), replace(SEA, is_relevant=False))
    archive.night(archive.feed("two"), replace(SEA, url="https://two.example/2", guid="2", title="Sea again"))
    start, run_id = last_change(archive.connection), archive.begin()
    merge_stories(archive.connection, Merger(into=1, story_ids=(2,)), NOON, run_id)
    assert logged(archive, start) == [(1, "admitted", run_id), (2, "merged", run_id)]


def relabelled(archive: Archive, choice: Choice, *labels: tuple[int, Piece]) -> tuple[int, int]:
    """Write labels of another version for stories and switch to them; return the run, and how many moved."""
    judged = [replace(piece.classified().classification, classifier_version="test-2") for _, piece in labels]
    found = [
        NewLabels(story_id=story_id, version_id=story_id, classification=one)
        for (story_id, _), one in zip(labels, judged, strict=True)
    ]
    write_labels(archive.connection, found, archive.now)
    run_id = archive.begin("reclassify")
    return run_id, switch(archive.connection, choice, "test-2", run_id, archive.now)


def test_stories_that_lose_the_topic_by_which_they_were_chosen_are_told(archive: Archive) -> None:
    """As those that keep it, once each; done again it moves and tells nothing."""
    archive.night(archive.feed(), SEA, WIND, replace(WIND, guid="5", title="Sun", text="The sun shines."))
    choice, start = Choice(topic="energy"), last_change(archive.connection)
    run_id, moved = relabelled(archive, choice, (2, replace(WIND, topics=("policy",))), (3, WIND))
    assert (moved, logged(archive, start)) == (2, [(2, "labels", run_id), (3, "labels", run_id)])
    start = last_change(archive.connection)
    again = archive.begin("reclassify")
    assert switch(archive.connection, choice, "test-2", again, archive.now) == 0
    assert logged(archive, start) == []


def test_a_story_that_newer_labels_admit_came_in(archive: Archive) -> None:
    """Those that were read before have other labels."""
    archive.night(archive.feed("gate", relevance=Relevance.GATE), SEA, BALL)
    start = last_change(archive.connection)
    run_id, _ = relabelled(archive, Choice(), (1, SEA), (2, replace(BALL, is_relevant=True)))
    assert logged(archive, start) == [(1, "labels", run_id), (2, "admitted", run_id)]


@pytest.mark.parametrize("is_shown", [True, False])
def test_a_persons_label_is_one_change(archive: Archive, is_shown: bool) -> None:
    """Other topics, or a story that leaves."""
    archive.night(archive.feed(), SEA)
    label_by_hand(archive.connection, 1, ["policy"] if is_shown else [], "by hand", NOON)
    show_or_hide(archive.connection, 1, None, NOON, is_shown=is_shown)
    assert logged(archive, 1) == [(1, "labels" if is_shown else "hidden", None)]
