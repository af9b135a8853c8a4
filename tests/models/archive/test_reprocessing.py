"""A text that newer code has read again is written as the archive is by then."""

import pytest
from msgspec.structs import replace
from sqlalchemy import select

from models.archive.reprocessing import Remade, Selection, rewrite, stored_texts
from models.archive.withdrawals import withdraw_story
from models.identity import Outcome
from models.queries.stories import load_stories
from models.tables.changes import ChangeRow
from models.tables.queues import VectorQueue
from models.tables.stories import StoryVersion
from models.tables.vectors import StoryVector
from tests.builders import CODE, NOON, Archive, Piece
from tests.models.archive.test_meaning import column, found, read

SEA = Piece(guid="1")
BETTER = replace(SEA, text="The sea level rises, and all of the coast must move.")


def read_again(archive: Archive) -> Remade:
    """Read the first text of the archive again."""
    stored = stored_texts(archive.connection, Selection(), 0)[0]
    return Remade(stored=stored, classified=BETTER.classified(), title=SEA.title)


def write(archive: Archive, remade: Remade) -> Outcome:
    """Write it."""
    context = archive.context(archive.begin("reprocess"), archive.specs[0])
    return rewrite(archive.connection, remade, context, CODE)


@pytest.fixture
def remade(archive: Archive) -> Remade:
    """Give a text that was read again, and is not written yet."""
    archive.night(archive.feed(), SEA)
    return read_again(archive)


def shown(archive: Archive) -> str:
    """Return the text that readers see."""
    (story,) = load_stories(archive.connection, [1])
    return story.text


def test_a_better_text_is_shown_and_told(archive: Archive, remade: Remade) -> None:
    """In its version's place."""
    assert write(archive, remade) is Outcome.UPDATED
    assert shown(archive) == BETTER.text
    assert archive.connection.scalars(select(ChangeRow.kind)).all() == ["admitted", "text"]


def test_a_text_in_anothers_place_takes_its_vector_with_it(archive: Archive, remade: Remade) -> None:
    """Which meant the old words: another waits to be made, with an encoder or without."""
    run_id = archive.begin()
    read(archive, run_id, found())
    assert column(archive, StoryVector.story_id) == [1]
    archive.end(run_id)
    assert write(archive, remade) is Outcome.UPDATED
    assert column(archive, StoryVector.story_id) == []
    assert column(archive, VectorQueue.story_id) == [1]


def test_a_newer_version_that_came_meanwhile_stays_the_current_one(archive: Archive, remade: Remade) -> None:
    """An import works beside; the older version is the better one all the same."""
    newer = replace(SEA, text="The sea level falls, and the coast with its towns may stay.")
    archive.night(archive.specs[0], newer)
    assert write(archive, remade) is Outcome.UPDATED
    assert shown(archive) == newer.text
    texts = archive.connection.scalars(select(StoryVersion.text).order_by(StoryVersion.number)).all()
    assert texts == [BETTER.text, newer.text]


def test_a_story_withdrawn_meanwhile_gets_no_text(archive: Archive, remade: Remade) -> None:
    """Nothing of it returns."""
    withdraw_story(archive.connection, 1, "asked", NOON)
    assert write(archive, remade) is Outcome.UNCHANGED
    assert archive.connection.scalars(select(StoryVersion.text)).all() == []


def test_a_text_rewritten_meanwhile_is_left_alone(archive: Archive, remade: Remade) -> None:
    """It is another one than was read."""
    assert write(archive, read_again(archive)) is Outcome.UPDATED
    again = replace(remade, classified=replace(SEA, text="Older.").classified())
    assert write(archive, again) is Outcome.UNCHANGED
    assert shown(archive) == BETTER.text
