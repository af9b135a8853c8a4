"""Stories, versions and their search rows, as they are written."""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import select

from models.archive.stories import add_keys
from models.archive.texts.search_queue import index_batch
from models.archive.texts.versions import sources_of, unpack_entry
from models.identity import KeyKind, KeyName, Outcome
from models.stages import Relevance, Source
from models.tables.labels import ClassificationRow
from models.tables.queues import SearchQueue
from models.tables.stories import Sighting, Story, StoryKey, StoryVersion
from tests.builders import CODE, NOON, Archive, Piece

PIECE = Piece(guid="1")
CHANGED = replace(PIECE, text="The sea level rises, and the coast with its towns must move now.")


@pytest.mark.parametrize(
    ("published", "sort"),
    [
        pytest.param(NOON - timedelta(days=3), NOON - timedelta(days=3), id="published before"),
        pytest.param(NOON + timedelta(days=3), NOON, id="published after it was seen"),
        pytest.param(None, NOON, id="not known when"),
    ],
)
def test_a_story_is_sorted_by_its_first_date(archive: Archive, published: datetime | None, sort: datetime) -> None:
    """At birth, and when the date is learnt later."""
    spec = archive.feed()
    archive.night(spec, replace(PIECE, published_at=published))
    archive.night(spec, replace(PIECE, url="https://one.example/2", published_at=None))
    archive.night(spec, replace(PIECE, url="https://one.example/2", published_at=published, tags=("sea",)))
    assert archive.connection.scalars(select(Story.sort_at)).all() == [sort]
    later = replace(PIECE, title="Later", guid="2", url="https://one.example/3", published_at=None)
    archive.night(spec, later)
    archive.night(spec, replace(later, published_at=published, tags=("sea",)))
    assert archive.connection.scalars(select(Story.sort_at).order_by(Story.id)).all() == [sort, sort]


def test_the_first_known_date_stays_with_its_string(archive: Archive) -> None:
    """A later one changes nothing."""
    spec = archive.feed()
    for published in (NOON, NOON - timedelta(days=9)):
        archive.night(spec, replace(PIECE, published_at=published, tags=(str(published),)))
    assert archive.connection.scalar(select(Story.published_at)) == NOON


def test_a_sighting_keeps_when_it_was_first_and_says_when_it_changed(archive: Archive) -> None:
    """One row for a feed and story."""
    spec = archive.feed()
    first = archive.night(spec, PIECE)
    archive.now += timedelta(days=1)
    archive.night(spec, CHANGED)
    row = archive.connection.execute(select(Sighting.__table__)).one()
    assert (row.first_run_id, row.first_seen_at, row.changed_at) == (first, NOON, NOON + timedelta(days=1))


def test_a_version_rewritten_in_its_night_keeps_what_it_replaced(archive: Archive) -> None:
    """Hash and extractor of the text before stand on the row."""
    short, long = archive.feed("one"), archive.feed("two")
    run_id = archive.begin()
    archive.show(run_id, short, PIECE)
    replaced = archive.connection.scalar(select(StoryVersion.content_hash))
    archive.show(run_id, long, replace(PIECE, text="The sea level rises. " * 50))
    version = archive.connection.execute(select(StoryVersion.__table__)).one()
    assert (version.reason, version.feed_id, version.run_id) == ("first", "two", run_id)
    assert (version.replaced_hash, version.replaced_extractor_version) == (replaced, CODE.extractor)


def test_two_imports_of_one_run_that_tell_a_story_differently_are_one_version(archive: Archive) -> None:
    """A run and source kind write at most one."""
    spec = archive.import_source()
    run_id = archive.begin("import")
    told = replace(PIECE, source=Source.IMPORT)
    assert archive.take(run_id, spec, told) == (Outcome.NEW,)
    assert archive.take(run_id, spec, replace(told, text=CHANGED.text)) == (Outcome.UPDATED,)
    assert archive.connection.scalars(select(StoryVersion.text)).all() == [CHANGED.text]
    assert archive.connection.scalar(select(Story.revisions)) == 0


def test_a_label_given_by_hand_stays_when_the_text_changes(archive: Archive) -> None:
    """The new judgement is written beside it."""
    spec = archive.feed()
    archive.night(spec, PIECE)
    archive.connection.execute(ClassificationRow.__table__.update().values(origin="hand"))
    archive.night(spec, CHANGED)
    current = select(ClassificationRow.origin).join(Story, Story.classification_id == ClassificationRow.id)
    assert archive.connection.scalars(current).all() == ["hand"]
    assert len(archive.connection.scalars(select(ClassificationRow.id)).all()) == 2


def test_a_version_keeps_the_source_that_it_was_made_of(archive: Archive) -> None:
    """Newer code can read it again."""
    archive.night(archive.feed(), PIECE)
    [source] = sources_of(archive.connection, [1, 99])
    assert source.raw_entry is not None
    assert unpack_entry(source.raw_entry, source.text) == {
        "title_html": PIECE.title,
        "html": PIECE.text,
        "base_url": PIECE.url,
    }
    assert (source.version_id, source.title, source.url, source.raw_digest) == (1, PIECE.title, PIECE.url, None)


def test_a_name_that_is_taken_stays_its_owner_s(archive: Archive) -> None:
    """Keys are only ever added."""
    spec = archive.feed()
    run_id = archive.night(spec, PIECE, replace(PIECE, guid="2", url="https://one.example/2", title="Two"))
    taken = KeyName(kind=KeyKind.GUID, scope="one", key="1")
    names = (taken, replace(taken, key="new"))
    add_keys(archive.connection, names, 2, archive.context(run_id, spec), CODE)
    owners = select(StoryKey.key, StoryKey.story_id).where(StoryKey.kind == "guid").order_by(StoryKey.key)
    assert archive.connection.execute(owners).tuples().all() == [("1", 1), ("2", 2), ("new", 2)]


def test_only_admitted_stories_wait_for_the_search_index(archive: Archive) -> None:
    """The queue is emptied batch by batch."""
    spec = archive.feed(relevance=Relevance.GATE)
    run_id = archive.begin()
    archive.take(run_id, spec, PIECE, replace(PIECE, guid="2", url=None, title="Off", is_relevant=False))
    archive.take(run_id, spec, replace(PIECE, guid="3", url=None, title="Three"))
    assert archive.connection.scalars(select(SearchQueue.story_id).order_by(SearchQueue.story_id)).all() == [1, 3]
    assert [index_batch(archive.connection, 1) for _ in range(3)] == [1, 1, 0]


def test_a_document_that_is_handed_in_under_two_sources_is_one_story(archive: Archive) -> None:
    """By what it holds, with and without a name; each source has its sighting of it."""
    named = replace(PIECE, url=None, guid="sha256:1")
    bare = replace(PIECE, url=None, guid=None, title="Two", text="Ice melts.")
    for source in ("import", "import:a", "import:b"):
        archive.night(archive.import_source(source), named, bare)
    shown = archive.connection.execute(select(Sighting.feed_id, Sighting.story_id).order_by(Sighting.id)).tuples()
    assert shown.all() == [(source, story) for source in ("import", "import:a", "import:b") for story in (1, 2)]
