"""Stories found to be one: what the oldest gains, and what stays where it was."""

from msgspec.structs import replace
from sqlalchemy import func, select

from flows.steps.dedupe import Inquiry
from models.archive.known import load_known, load_story
from models.archive.merges import merge_stories
from models.archive.pages import due_pages
from models.identity import Merger, PageState
from models.queries.ledger.checks import audit
from models.queries.one_story import find_story
from models.queries.searching.search import SearchRequest, search
from models.stages import Relevance
from models.tables.stories import Sighting, Story, StoryKey, StoryVersion
from tests.builders import NOON, Archive, Piece

OLD = Piece()
YOUNG = replace(OLD, url="https://one.example/sea/amp", guid="amp")


def _count(archive: Archive, model: type[StoryKey | StoryVersion]) -> int:
    return archive.connection.scalar(select(func.count()).select_from(model)) or 0


def _feeds_of(archive: Archive, story_id: int) -> list[str]:
    query = select(Sighting.feed_id).where(Sighting.story_id == story_id).order_by(Sighting.feed_id)
    return list(archive.connection.scalars(query))


def _merge(archive: Archive, into: int, *story_ids: int) -> None:
    merge_stories(archive.connection, Merger(into=into, story_ids=story_ids), NOON)


def test_the_oldest_is_read_and_the_younger_leads_to_it(archive: Archive) -> None:
    """No key and no version goes or comes."""
    one, two = archive.feed("one"), archive.feed("two")
    run_id = archive.begin()
    archive.show(run_id, one, OLD)
    archive.show(run_id, two, YOUNG)
    before = _count(archive, StoryKey), _count(archive, StoryVersion)
    _merge(archive, 1, 2)
    archive.end(run_id)
    assert (_count(archive, StoryKey), _count(archive, StoryVersion)) == before
    assert _feeds_of(archive, 1) == ["one", "two"]
    assert find_story(archive.connection, "2") == 1
    assert [found.id for found in search(archive.connection, SearchRequest(query="sea"))] == [1]
    assert audit(archive.connection).findings == ()


def test_a_feed_that_showed_both_keeps_a_sighting_of_each(archive: Archive) -> None:
    """Both of its entries are known as they are, and mean the oldest."""
    spec = archive.feed()
    archive.night(spec, OLD, YOUNG)
    _merge(archive, 1, 2)
    assert (_feeds_of(archive, 1), _feeds_of(archive, 2)) == (["one"], ["one"])
    items = [replace(piece.item(), text=None) for piece in (OLD, YOUNG)]
    known = load_known(archive.connection, Inquiry(items, "one"))
    assert known.by_digest == dict.fromkeys([item.entry.digest for item in items], 1)


def test_a_chain_leads_straight_to_the_oldest(archive: Archive) -> None:
    """What became part of a story follows it."""
    spec = archive.feed()
    archive.night(spec, OLD, YOUNG, replace(YOUNG, url="https://one.example/sea/3", guid="3"))
    _merge(archive, 2, 3)
    _merge(archive, 1, 2)
    merged = archive.connection.scalars(select(Story.merged_into).order_by(Story.id)).all()
    assert merged == [None, 1, 1]
    assert load_story(archive.connection, 3).is_closed


def test_an_admission_moves_to_the_oldest(archive: Archive) -> None:
    """Nothing admitted is turned out, and the run's growth stays what it was."""
    gate, vouched = archive.feed("gate", relevance=Relevance.GATE), archive.feed("two")
    archive.night(gate, replace(OLD, is_relevant=False))
    run_id = archive.night(vouched, YOUNG)
    _merge(archive, 1, 2)
    rows = archive.connection.execute(select(Story.relevant_at, Story.relevant_run_id).order_by(Story.id)).tuples()
    assert rows.all() == [(NOON, run_id), (None, None)]
    assert audit(archive.connection).findings == ()


def test_what_was_never_admitted_admits_nothing(archive: Archive) -> None:
    """Two stories that were turned away stay so."""
    gate = archive.feed("gate", relevance=Relevance.GATE)
    archive.night(gate, replace(OLD, is_relevant=False), replace(YOUNG, is_relevant=False))
    _merge(archive, 1, 2)
    assert archive.connection.scalars(select(Story.relevant_at)).all() == [None, None]


def test_the_page_of_the_oldest_is_asked_for_where_a_younger_one_was(archive: Archive) -> None:
    """The younger one's is not any more."""
    archive.night(archive.feed("one"), OLD)
    archive.night(archive.feed("two", full_text=True), YOUNG)
    _merge(archive, 1, 2)
    assert [page.story_id for page in due_pages(archive.connection, NOON)] == [1]
    states = archive.connection.scalars(select(Story.page_state).order_by(Story.id)).all()
    assert states == [PageState.DUE, PageState.DUE]


def test_no_page_is_asked_for_where_none_was_followed(archive: Archive) -> None:
    """Its feeds are not followed to their pages."""
    archive.night(archive.feed("one"), OLD, YOUNG)
    _merge(archive, 1, 2)
    assert due_pages(archive.connection, NOON) == []
