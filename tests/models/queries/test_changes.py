"""What came in and what changed since, on both databases."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine

from models.archive.labels import label_by_hand, show_or_hide
from models.archive.merges import merge_stories
from models.archive.withdrawals import withdraw_story
from models.changes import ChangeKind, DateMeaning, Standing
from models.errors import NotFound
from models.identity import Merger
from models.queries.arrivals import ArrivalRequest, arrivals, bringing_run, count_arrivals
from models.queries.changes import (
    ChangedStory,
    after_cursor,
    after_moment,
    after_run,
    changed_stories,
    cursor_at,
    is_cursor,
    last_change,
)
from models.queries.filters import StoryFilter
from models.stages import Relevance
from models.storage.database import BATCH_ROWS, write_transaction
from tests.builders import NOON, Archive, Piece

SEA = Piece(guid="1")
WIND = replace(SEA, guid="2", url=None, title="Wind", text="The wind turns a wheel on the hill.", topics=("energy",))
BALL = replace(SEA, guid="3", url=None, title="Ball", text="A goal.", is_relevant=False)
DAY = timedelta(days=1)


@pytest.fixture
def archive(engine: Engine) -> Iterator[Archive]:
    """Give an archive inside its writer's transaction."""
    with write_transaction(engine) as connection:
        yield Archive(connection)


def changed(archive: Archive, after: int, wanted: StoryFilter | None = None) -> list[ChangedStory]:
    """Return what changed behind a change."""
    upto = last_change(archive.connection)
    return list(changed_stories(archive.connection, after, upto, wanted or StoryFilter()))


def told(found: list[ChangedStory]) -> list[tuple[int, str]]:
    """Return each story with its standing."""
    return [(one.id, one.standing.value) for one in found]


def test_a_run_is_asked_what_it_brought(archive: Archive) -> None:
    """Those it admitted, the latest first; what it turned away and what was there before are not among them."""
    gate = archive.feed(relevance=Relevance.GATE)
    first = archive.night(gate, SEA, BALL)
    archive.now += DAY
    second = archive.night(gate, SEA, WIND)
    of_run = [arrivals(archive.connection, ArrivalRequest(run_id=run)) for run in (first, second)]
    assert [[one.title for one in found] for found in of_run] == [["Sea level rises"], ["Wind"]]
    (wind,) = of_run[1]
    assert (wind.run_id, wind.relevant_at, wind.feeds, wind.topics[0].id) == (second, archive.now, ("one",), "energy")
    assert bringing_run(archive.connection, "latest") == second


@pytest.mark.parametrize("at_first", [1, 2, 4])
def test_however_few_are_read_at_first_every_change_comes_once(archive: Archive, at_first: int) -> None:
    """In the same order, also behind those that the filter passes over."""
    pieces = [replace(WIND, guid=str(n), title=f"Wind {n}", text=f"Wind {n} blows over the hill.") for n in range(9)]
    archive.night(
        archive.feed(), *(replace(one, topics=(("energy",), ("science",))[n > 6]) for n, one in enumerate(pieces))
    )
    upto, wanted = last_change(archive.connection), StoryFilter(topics=("science",))
    found = list(changed_stories(archive.connection, 0, upto, wanted, at_first=at_first))
    assert found == changed(archive, 0, wanted)
    assert [one.story.title for one in found if one.story] == ["Wind 7", "Wind 8"]


def test_arrivals_come_page_by_page(archive: Archive) -> None:
    """Each once, the latest first; the count is of all."""
    pieces = [replace(WIND, guid=str(n), title=f"Wind {n}", text=f"Wind {n} blows over the hill.") for n in range(5)]
    archive.night(archive.feed(), *pieces)
    wanted = ArrivalRequest(since=NOON, limit=2)
    pages = [arrivals(archive.connection, wanted)]
    while pages[-1]:
        last = pages[-1][-1]
        pages.append(arrivals(archive.connection, replace(wanted, before=(last.relevant_at, last.id))))
    assert [[one.id for one in page] for page in pages] == [[5, 4], [3, 2], [1], []]
    assert count_arrivals(archive.connection, wanted) == 5
    assert arrivals(archive.connection, ArrivalRequest(since=NOON + DAY)) == []


def test_dates_mean_published_or_seen(archive: Archive) -> None:
    """A story of last week that came today is of last week or of today."""
    archive.night(archive.feed(), replace(SEA, published_at=NOON - 7 * DAY))
    for by, count in ((DateMeaning.PUBLISHED, 0), (DateMeaning.SEEN, 1)):
        wanted = ArrivalRequest(since=NOON, filter=StoryFilter(since=NOON, by=by))
        assert len(arrivals(archive.connection, wanted)) == count


def test_each_kind_of_change_is_told_once(archive: Archive) -> None:
    """New, changed, labelled otherwise, hidden, merged, withdrawn: each story once, as it stands now."""
    spec, connection = archive.feed(), archive.connection
    pieces = [
        replace(WIND, guid=str(n), title=f"Wind {n}", text=f"Wind {n} blows over hill and sea.") for n in range(7)
    ]
    archive.night(spec, *pieces)
    start = last_change(connection)
    assert told(changed(archive, 0)) == [(n, "new") for n in range(1, 8)]
    archive.now += DAY
    run_id = archive.night(
        spec, replace(pieces[0], text="Wind 0 blows no more over hill and sea."), replace(SEA, guid="sea")
    )
    label_by_hand(connection, 2, ["policy"], "by hand", archive.now)
    show_or_hide(connection, 3, None, archive.now, is_shown=False)
    withdraw_story(connection, 4, "its author asked", archive.now)
    merged = archive.begin()
    merge_stories(connection, Merger(into=5, story_ids=(6,), url=None), archive.now, merged)
    found = {one.id: one for one in changed(archive, start)}
    standing = {story_id: one.standing for story_id, one in found.items()}
    assert standing == {
        1: Standing.CHANGED,
        2: Standing.CHANGED,
        3: Standing.HIDDEN,
        4: Standing.WITHDRAWN,
        5: Standing.CHANGED,
        6: Standing.MERGED,
        8: Standing.NEW,
    }
    assert [story_id for story_id, one in found.items() if one.story is None] == [3, 4, 6]
    assert (found[1].kinds, found[1].run_id) == ((ChangeKind.TEXT,), run_id)
    assert (found[2].kinds, found[2].run_id) == ((ChangeKind.LABELS,), None)
    assert (found[4].reason, found[6].merged_into) == ("its author asked", found[5].uid)


def test_what_leaves_a_filter_is_told(archive: Archive) -> None:
    """A story that was about energy and no longer is; one that never was is left out."""
    archive.night(archive.feed(), SEA, WIND)
    start = last_change(archive.connection)
    wanted = StoryFilter(topics=("energy",))
    assert told(changed(archive, 0, wanted)) == [(2, "new")]
    label_by_hand(archive.connection, 2, ["policy"], "by hand", archive.now)
    assert told(changed(archive, start, wanted)) == [(2, "left")]


def test_a_cursor_goes_on_where_it_stands(archive: Archive) -> None:
    """Every line has its own, so that whoever was cut off goes on behind the last line read."""
    spec, connection = archive.feed(), archive.connection
    pieces = [
        replace(WIND, guid=str(n), title=f"Wind {n}", text=f"Wind {n} blows over hill and sea.")
        for n in range(BATCH_ROWS + 2)
    ]
    archive.night(spec, *pieces)
    found = changed(archive, 0)
    assert [one.id for one in found] == list(range(1, BATCH_ROWS + 3))
    assert all(is_cursor(one.cursor) for one in found)
    middle = after_cursor(connection, found[1].cursor)
    assert [one.id for one in changed(archive, middle)] == list(range(3, BATCH_ROWS + 3))
    assert found[-1].cursor == cursor_at(connection, last_change(connection))
    assert changed(archive, after_cursor(connection, found[-1].cursor)) == []


@pytest.mark.parametrize("cursor", ["c1", "c1-00000000", "c99-01234567", "c", "1", "latest", "c" + "9" * 30])
def test_a_cursor_of_another_archive_is_refused(archive: Archive, cursor: str) -> None:
    """Instead of leaving something out."""
    archive.night(archive.feed(), SEA)
    with pytest.raises(NotFound):
        after_cursor(archive.connection, cursor)


def test_the_beginning_has_a_cursor(archive: Archive) -> None:
    """Of an archive in which nothing has happened yet."""
    assert after_cursor(archive.connection, cursor_at(archive.connection, 0)) == 0


def test_runs_and_moments_say_since_when(archive: Archive) -> None:
    """Behind a run comes what the next one brought; a moment is included; a run that brought nothing is no gap."""
    spec, connection = archive.feed(), archive.connection
    first = archive.night(spec, SEA)
    archive.now += DAY
    nothing = archive.night(spec, SEA)
    archive.now += DAY
    second = archive.night(spec, SEA, WIND)
    assert told(changed(archive, after_run(connection, str(first)))) == [(2, "new")]
    assert told(changed(archive, after_run(connection, str(nothing)))) == [(2, "new")]
    assert changed(archive, after_run(connection, str(second))) == []
    assert told(changed(archive, after_moment(connection, NOON))) == [(1, "new"), (2, "new")]
    assert told(changed(archive, after_moment(connection, archive.now))) == [(2, "new")]
    assert changed(archive, after_moment(connection, archive.now + DAY)) == []


def test_what_was_written_first_and_begun_last_is_not_passed_over(archive: Archive) -> None:
    """Two writers that wait for each other: the numbers of the log are not in the order of its moments."""
    spec, connection = archive.feed(), archive.connection
    empty = archive.begin()
    archive.end(empty)
    for piece, minutes in ((SEA, 5), (WIND, 1)):
        archive.now = NOON + timedelta(minutes=minutes)
        archive.night(spec, piece)
    assert told(changed(archive, after_moment(connection, NOON + timedelta(minutes=1)))) == [(1, "new"), (2, "new")]
    assert told(changed(archive, after_run(connection, str(empty)))) == [(1, "new"), (2, "new")]


def test_an_unchanged_story_is_no_change(archive: Archive) -> None:
    """A night that shows the same again logs nothing."""
    spec = archive.feed()
    archive.night(spec, SEA)
    start = last_change(archive.connection)
    archive.night(spec, SEA)
    assert last_change(archive.connection) == start
