"""Copies of one text are found, told as a tree and follow what happens to their stories, on both databases."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, func, select, update

from flows.steps.copies import copy_marks, likeness_of
from models.archive.merges import merge_stories
from models.archive.texts.copies import Suspect, keep_copies, suspects
from models.archive.texts.copy_queue import follow, next_settled, next_uncompared, queue_kept
from models.archive.texts.copy_texts import Uncompared
from models.archive.withdrawals import withdraw_story
from models.changes import ChangeKind
from models.copies import CopyMarks, Likeness
from models.identity import Merger
from models.queries.changes import changed_stories, last_change
from models.queries.copies import copies_of
from models.queries.filters import StoryFilter
from models.storage.database import write_transaction
from models.tables.copies import CopyBand, CopyQueue, StoryCopy
from models.tables.stories import Story, StoryVersion
from tests.builders import NOON, Archive, Piece
from tests.flows.steps.test_copies import article

Compared = list[tuple[Uncompared, CopyMarks]]
Pairs = list[tuple[Suspect, Likeness]]
HOUR = timedelta(hours=1)
ORIGINAL = article(1)


def piece(name: str, sentences: list[str], hours: int) -> Piece:
    """Make a story of an outlet, published so many hours before noon."""
    return Piece(guid=name, url=None, title=name, text=" ".join(sentences), published_at=NOON - hours * HOUR)


FIRST = piece("first", ORIGINAL, 9)
SAME = piece("same", ORIGINAL, 5)
SHORTER = piece("shorter", ORIGINAL[:20], 4)
OTHER = piece("other", article(2), 3)


@pytest.fixture
def archive(engine: Engine) -> Iterator[Archive]:
    """Give an archive inside its writer's transaction."""
    with write_transaction(engine) as connection:
        yield Archive(connection)


def show(archive: Archive, *pieces: Piece) -> None:
    """Have each story shown by an outlet of its own, in the order in which they are given."""
    for one in pieces:
        name = f"of-{one.guid}"
        spec = next((spec for spec in archive.specs if spec.id == name), None) or archive.feed(name)
        archive.night(spec, one)


def find(archive: Archive, rules: str = "1", most: int = 10) -> int:
    """Find copies among all that wait; return how many stories were compared."""
    connection, compared = archive.connection, 0
    while True:
        wanted = next_uncompared(connection, rules, most, archive.now)
        if not wanted and queue_kept(connection, rules, most, archive.now) is None:
            return compared
        marks = [copy_marks(one.text, one.authors) for one in wanted]
        pairs = suspects(connection, wanted, marks)
        found = [(pair, likeness) for pair in pairs if (likeness := likeness_of(pair.original, pair.copy))]
        keep_copies(connection, list(zip(wanted, marks, strict=True)), found, archive.now)
        compared += len(wanted)


def clusters(archive: Archive) -> dict[str, int]:
    """Return the cluster of each story."""
    rows = archive.connection.execute(select(Story.title, Story.cluster_id).where(Story.merged_into.is_(None)))
    return dict(rows.tuples().all())


def count(archive: Archive, table: type) -> int:
    """Count the rows of a table."""
    return archive.connection.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize("most", [1, 2, 10])
@pytest.mark.parametrize("order", [(0, 1, 2, 3), (2, 3, 1, 0)], ids=["in order", "the first one last"])
def test_a_cluster_has_its_first_publisher(archive: Archive, order: tuple[int, ...], most: int) -> None:
    """Whatever came first into the archive, and however many are compared at once."""
    pieces = (FIRST, SAME, SHORTER, OTHER)
    show(archive, *(pieces[at] for at in order))
    find(archive, most=most)
    first = order.index(0) + 1
    assert clusters(archive) == {"first": first, "same": first, "shorter": first, "other": order.index(3) + 1}
    tree = [(one.title, one.depth, one.feeds) for one in copies_of(archive.connection, order.index(2) + 1)]
    assert tree[0] == ("first", 0, ("of-first",))
    assert {title for title, depth, _ in tree[1:] if depth > 0} == {"same", "shorter"}
    assert find(archive) == 0


def test_a_copy_says_what_it_kept(archive: Archive) -> None:
    """Of the earlier story that it is most like."""
    show(archive, FIRST, SHORTER)
    find(archive)
    first, copy = copies_of(archive.connection, 1)
    assert first.likeness is None
    assert (copy.copied_from, copy.sort_at) == (1, NOON - 4 * HOUR)
    assert copy.likeness is not None
    assert copy.likeness.jaccard == pytest.approx(0.8, abs=0.06)
    assert copy.likeness.kept + copy.likeness.cut == pytest.approx(1)
    assert (copy.likeness.changed, copy.likeness.added) == (0, 0)


def test_of_several_originals_the_one_that_is_most_like_counts(archive: Archive) -> None:
    """Be it before or behind the others."""
    half = piece("half", ORIGINAL[:22], 8)
    show(archive, FIRST, half, SAME)
    find(archive)
    assert [one.copied_from for one in copies_of(archive.connection, 3) if one.title == "same"] == [1]
    show(archive, SHORTER)
    find(archive)
    assert [one.copied_from for one in copies_of(archive.connection, 4) if one.title == "shorter"] == [2]


def test_copies_stand_within_thirty_days(archive: Archive) -> None:
    """What is printed again after two months is no copy."""
    show(archive, piece("old", ORIGINAL, 60 * 24), FIRST)
    find(archive)
    assert clusters(archive) == {"old": 1, "first": 2}


@pytest.mark.parametrize("days", [0, 29, 59, 89])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["the earlier one first", "the later one first"])
def test_copies_are_found_whatever_the_day(archive: Archive, order: tuple[int, ...], days: int) -> None:
    """Up to thirty days apart, wherever in their index these days lie; alone and in one batch."""
    spans = [piece(name, ORIGINAL, 24 * (days + apart)) for name, apart in (("later", 0), ("earlier", 30))]
    for most in (1, 2):
        show(archive, *(replace(spans[at], guid=f"{spans[at].guid}-{most}") for at in order))
        find(archive, most=most)
    titled = dict(archive.connection.execute(select(Story.id, Story.title)).tuples().all())
    roots = archive.connection.execute(select(Story.id, Story.cluster_id)).tuples().all()
    assert len(roots) == 4
    assert {titled[root] for _, root in roots} == {"earlier"}


@pytest.mark.parametrize("days", [30, 40, 60, 90])
def test_a_story_that_is_dated_late_is_found_among_its_new_neighbours(archive: Archive, days: int) -> None:
    """And where it was found until then it leaves nothing."""
    show(archive, replace(FIRST, published_at=None))
    find(archive)
    dated = replace(piece("first", ORIGINAL, 24 * days), authors=("Bo Lind",))
    show(archive, dated, piece("near", ORIGINAL, 24 * days - 24))
    find(archive)
    assert clusters(archive) == {"first": 1, "near": 1}
    for story_id in (1, 2):
        withdraw_story(archive.connection, story_id, "asked", archive.now)
    find(archive)
    assert count(archive, CopyBand) == 0


def test_a_copy_that_is_rewritten_leaves(archive: Archive) -> None:
    """And so does an original, whose copies are compared anew: of them the earliest is first now."""
    show(archive, FIRST, SAME, SHORTER)
    find(archive)
    show(archive, replace(SHORTER, text=" ".join(article(7))))
    find(archive)
    assert clusters(archive) == {"first": 1, "same": 1, "shorter": 3}
    show(archive, replace(SHORTER, text=SHORTER.text), replace(FIRST, text=" ".join(article(8))))
    find(archive)
    assert clusters(archive) == {"first": 1, "same": 2, "shorter": 2}


def test_a_withdrawn_story_leaves_nothing_and_its_copies_stay_together(archive: Archive) -> None:
    """Its marks go with its words."""
    show(archive, FIRST, SAME, SHORTER)
    find(archive)
    for story_id in (1, 2, 3):
        withdraw_story(archive.connection, story_id, "asked", archive.now)
        find(archive)
        if story_id == 1:
            assert clusters(archive) == {"": 1, "same": 2, "shorter": 2}
    assert [count(archive, table) for table in (StoryCopy, CopyBand, CopyQueue)] == [0, 0, 0]


def test_a_merged_story_is_no_copy(archive: Archive) -> None:
    """It is the story itself."""
    show(archive, FIRST, SAME, SHORTER)
    find(archive)
    merge_stories(archive.connection, Merger(into=1, story_ids=(2,), url=None), archive.now)
    find(archive)
    assert clusters(archive) == {"first": 1, "shorter": 1}
    assert [one.id for one in copies_of(archive.connection, 1)] == [1, 3]


@pytest.mark.parametrize("most", [1, 2, 10])
def test_other_rules_begin_anew(archive: Archive, most: int) -> None:
    """With every story, and to the same end; what was found before stays until then."""
    show(archive, FIRST, SAME, OTHER)
    find(archive)
    before = clusters(archive)
    assert next_uncompared(archive.connection, "2", most, archive.now) == []
    assert (clusters(archive), count(archive, StoryCopy)) == (before, 3)
    assert find(archive, "2", most) >= 3
    assert (clusters(archive), count(archive, StoryCopy)) == (before, 3)


def compared(archive: Archive, wanted: list[Uncompared]) -> tuple[Compared, Pairs]:
    """Compare stories with what is known now."""
    marks = [copy_marks(one.text, one.authors) for one in wanted]
    pairs = suspects(archive.connection, wanted, marks)
    found = [(pair, likeness) for pair in pairs if (likeness := likeness_of(pair.original, pair.copy))]
    return list(zip(wanted, marks, strict=True)), found


def test_a_batch_is_whole_and_awaits_no_page(archive: Archive) -> None:
    """One with a story that is about to have another text waits; so do fewer stories than were asked for."""
    follow(archive.connection, "1")
    show(archive, FIRST, SAME, SHORTER, OTHER)
    due = update(Story).where(Story.id == 2)
    archive.connection.execute(due.values(page_due_at=archive.now))
    assert next_settled(archive.connection, "1", 2, archive.now) == []
    assert [one.story_id for one in next_settled(archive.connection, "1", 1, archive.now)] == [1]
    assert next_settled(archive.connection, "1", 5, archive.now) == []
    archive.connection.execute(due.values(page_due_at=archive.now + HOUR))
    assert len(next_settled(archive.connection, "1", 4, archive.now)) == 4


def test_a_story_that_moves_to_another_day_meanwhile_is_compared_again(archive: Archive) -> None:
    """Its bands would stand where its neighbours do not look for them."""
    follow(archive.connection, "1")
    show(archive, FIRST, OTHER)
    wanted, pairs = compared(archive, next_uncompared(archive.connection, "1", 2, archive.now))
    moved = archive.now - timedelta(days=90)
    archive.connection.execute(update(Story).where(Story.id == 1).values(sort_at=moved))
    keep_copies(archive.connection, wanted, pairs, archive.now)
    [again] = next_uncompared(archive.connection, "1", 2, archive.now)
    assert (again.story_id, again.sort_at) == (1, moved)


def test_the_log_is_read_on_where_too_few_wait(archive: Archive) -> None:
    """What a batch left over and what came since make the next one."""
    follow(archive.connection, "1")
    show(archive, FIRST, SAME, SHORTER)
    assert len(next_settled(archive.connection, "1", 2, archive.now)) == 2
    show(archive, OTHER)
    assert [one.story_id for one in next_uncompared(archive.connection, "1", 4, archive.now)] == [1, 2, 3, 4]


def test_two_runs_that_end_at_once_lose_no_copy(archive: Archive) -> None:
    """A night compares a story with what it knows; an import, beside it, with the original that it has just brought."""
    find(archive)
    show(archive, SAME)
    night = compared(archive, next_uncompared(archive.connection, "1", 10, archive.now))
    show(archive, FIRST)
    find(archive)
    keep_copies(archive.connection, *night, archive.now)
    assert clusters(archive) == {"same": 2, "first": 2}
    assert find(archive) == 0


def test_a_text_that_newer_code_reads_otherwise_meanwhile_is_compared_anew(archive: Archive) -> None:
    """In the place of its version: what was found of the old one is not kept."""
    find(archive)
    show(archive, FIRST, SAME)
    old = compared(archive, next_uncompared(archive.connection, "1", 10, archive.now))
    archive.connection.execute(update(StoryVersion).where(StoryVersion.id == 2).values(content_hash="other"))
    keep_copies(archive.connection, *old, archive.now)
    assert count(archive, StoryCopy) == 1
    assert [one.story_id for one in next_uncompared(archive.connection, "1", 10, archive.now)] == [2]


def test_who_holds_a_story_is_told_of_its_cluster(archive: Archive) -> None:
    """It is a change of the story, once."""
    show(archive, FIRST, SAME)
    start = last_change(archive.connection)
    find(archive)
    upto = last_change(archive.connection)
    (changed,) = changed_stories(archive.connection, start, upto, StoryFilter())
    assert (changed.id, changed.kinds) == (2, (ChangeKind.COPIES,))
    assert changed.story is not None
    assert changed.story.cluster_id == 1
