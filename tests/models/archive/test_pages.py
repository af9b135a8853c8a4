"""The page queue: who is due, in which order, and what a visit leaves."""

from datetime import timedelta

from msgspec.structs import replace
from sqlalchemy import select

from models.archive.pages import due_pages
from models.archive.texts.search_queue import index_batch
from models.archive.withdrawals import withdraw_story
from models.identity import PageState
from models.queries.searching.search import SearchRequest, search
from models.tables.stories import Story, StoryVersion
from tests.builders import NOON, Archive, Piece
from tests.page_builders import SEA, Page, visit_page

PIECE = Piece()
WIND = Piece(title="Wind", text="The wind.", url="https://one.example/wind", published_at=NOON - timedelta(days=1))
NO_URL = Piece(title="Ice", text="The ice.", url=None)


def _followed(archive: Archive) -> int:
    spec = archive.feed(full_text=True)
    run_id = archive.begin()
    archive.show(run_id, spec, WIND, PIECE, NO_URL)
    return run_id


def test_first_fetches_go_before_checks_and_the_newest_stories_first(archive: Archive) -> None:
    """A story without an address has no page."""
    run_id = _followed(archive)
    assert [page.story_id for page in due_pages(archive.connection, NOON)] == [2, 1]
    visit_page(archive, run_id, 2)
    assert [page.story_id for page in due_pages(archive.connection, NOON)] == [1]
    assert [page.story_id for page in due_pages(archive.connection, NOON + timedelta(days=1))] == [1, 2]


def test_no_page_waits_for_a_clock_that_was_ahead(archive: Archive) -> None:
    """A night in a far year by mistake: once the clock is set back, its pages are due, not in that year."""
    _followed(archive)
    for story_id, days in ((1, 20_000), (2, 7)):
        archive.alter(story_id, page_due_at=NOON + timedelta(days=days))
    assert [page.story_id for page in due_pages(archive.connection, NOON)] == [1]


def test_pages_of_some_feeds_are_those_that_these_showed(archive: Archive) -> None:
    """A run of one feed leaves the others' pages alone."""
    _followed(archive)
    archive.feed("two")
    assert due_pages(archive.connection, NOON, ["two"]) == []
    assert len(due_pages(archive.connection, NOON, ["one", "two"])) == 2


def test_a_story_that_is_hidden_has_no_page_due(archive: Archive) -> None:
    """Withdrawn, or part of another."""
    _followed(archive)
    withdraw_story(archive.connection, 2, "asked for", NOON)
    archive.alter(1, merged_into=3)
    assert due_pages(archive.connection, NOON) == []


def test_a_visit_writes_the_page_text(archive: Archive) -> None:
    """It is shown, found and kept beside the feed's, whose title it bears."""
    run_id = _followed(archive)
    visit_page(archive, run_id, 2)
    story = archive.connection.execute(select(Story.__table__).where(Story.id == 2)).one()
    version = archive.connection.execute(
        select(StoryVersion.__table__).where(StoryVersion.id == story.version_id)
    ).one()
    assert (version.number, version.source, version.feed_id, version.text) == (2, "page", None, SEA)
    assert (version.title, story.text_source, story.page_state) == (PIECE.title, "page", PageState.ACCEPTED)
    assert (story.page_checks, story.page_etag, story.page_digest) == (1, '"e"', "d")
    assert index_batch(archive.connection) == 3
    assert [found.id for found in search(archive.connection, SearchRequest(query="towns"))] == [2]


def test_a_change_asks_for_the_page_whole_and_anew(archive: Archive) -> None:
    """Its validators and attempts are of a page that was judged against other words."""
    run_id = _followed(archive)
    visit_page(archive, run_id, 2)
    archive.alter(2, page_attempts=4)
    archive.show(archive.begin(), archive.specs[0], replace(PIECE, text="The sea rises more."))
    [page] = [page for page in due_pages(archive.connection, NOON) if page.story_id == 2]
    assert (page.entry.attempts, page.entry.checks, page.entry.etag, page.entry.digest) == (0, 1, None, None)
    assert archive.connection.scalar(select(Story.page_state).where(Story.id == 2)) == PageState.ACCEPTED


def test_a_feed_that_is_followed_from_now_on_asks_for_the_pages_of_what_it_shows(archive: Archive) -> None:
    """Its entries need not change for that."""
    spec = archive.feed()
    archive.night(spec, PIECE)
    assert due_pages(archive.connection, NOON) == []
    archive.night(replace(spec, full_text=True), PIECE)
    assert [page.story_id for page in due_pages(archive.connection, NOON)] == [1]


def test_a_refusal_leaves_its_reason(archive: Archive) -> None:
    """It stands in the queue's columns, and the next visit knows it."""
    run_id = _followed(archive)
    visit_page(archive, run_id, 2, Page(is_paywalled=True))
    [page] = [page for page in due_pages(archive.connection, NOON + timedelta(days=1)) if page.story_id == 2]
    assert page.entry.reason == "it is behind a paywall"
