"""A takedown, on both databases."""

from datetime import timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection, Engine, func, insert, select, text

from models.archive.ledger.documents import Document, record_document
from models.archive.ledger.runs import RequestOwner, record_requests
from models.archive.texts.search_queue import index_batch, made_ready
from models.archive.withdrawals import withdraw_story
from models.identity import Outcome
from models.queries.ledger.checks import audit
from models.queries.searching.search import SearchRequest, search
from models.search.factory import search_index
from models.search.interface import SearchRow
from models.stages import Request
from models.storage.database import write_transaction
from models.tables.documents import Quarantine, RawBlob
from models.tables.keys import table_of
from models.tables.labels import StoryTopic
from models.tables.stories import Story, StoryKey, StoryVersion
from tests.builders import NOON, Archive, Piece
from tests.databases import about_sqlite

PAGE, SHARED_PAGE, DOCUMENT = "a" * 64, "b" * 64, "c" * 64
OTHER = Piece(title="Wind", text="The wind turns a wheel.", url="https://one.example/wind")


def _archive(connection: Connection) -> Archive:
    """Make two stories; the first was fetched twice, one of those pages for the other story too."""
    archive = Archive(connection)
    feed = archive.feed()
    run_id = archive.begin()
    archive.show(run_id, feed, Piece(), OTHER, document_digest=DOCUMENT)
    for digest, kind in ((PAGE, "page"), (SHARED_PAGE, "page"), (DOCUMENT, "feed")):
        record_document(connection, Document(digest=digest, kind=kind, content_type="", size_bytes=1), NOON)
    for story_id, digest in ((1, PAGE), (1, SHARED_PAGE), (2, SHARED_PAGE)):
        request = Request(url="https://one.example/", attempt=1, started_at=NOON, elapsed_ms=1, digest=digest)
        record_requests(connection, RequestOwner(run_id=run_id, story_id=story_id), [request])
    archive.end(run_id)
    return archive


def _count(connection: Connection, model: type[StoryVersion | StoryTopic | StoryKey | Quarantine]) -> int:
    return connection.scalar(select(func.count()).select_from(model)) or 0


def test_the_words_go_and_a_tombstone_stays(engine: Engine) -> None:
    """Title, text, labels, authors and search row are gone; keys, address, day and reason are there."""
    with write_transaction(engine) as connection:
        archive = _archive(connection)
        keys = _count(connection, StoryKey)
        done = withdraw_story(connection, 1, "asked for", NOON)
        story = connection.execute(select(Story.__table__).where(Story.id == 1)).one()
        assert search(connection, SearchRequest(query="sea")) == []
        assert [found.id for found in search(connection, SearchRequest())] == [2]
        assert (_count(connection, StoryVersion), _count(connection, StoryTopic)) == (1, 1)
        assert _count(connection, StoryKey) == keys
        assert audit(archive.connection).findings == ()
    assert (story.title, story.authors, story.version_id, story.classification_id) == ("", [], None, None)
    assert (story.withdrawn_at, story.withdrawn_reason, story.url) == (NOON, "asked for", "https://one.example/sea")
    assert (done.story_ids, done.versions) == ((1,), 1)


@about_sqlite
def test_the_index_is_not_made_anew_for_a_takedown(engine: Engine) -> None:
    """Every wording of a story is taken out of it: the first one, a revised one, one under another headline."""
    sea = Piece()
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        feed = archive.feed()
        for piece in (
            sea,
            replace(sea, text="The sea rises slowly."),
            replace(sea, title="The tide", text="It rises."),
        ):
            archive.night(feed, piece, OTHER)
            index_batch(connection)
        withdraw_story(connection, 1, "asked for", NOON)
        search_index(connection).forget(connection, iter(()))
        assert [found.id for found in search(connection, SearchRequest(query="wheel"))] == [2]
        connection.execute(text("CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, story_search, instance)"))
        assert set(connection.scalars(text("SELECT DISTINCT doc FROM temp.words"))) == {2}


def test_a_story_without_words_keeps_none_from_the_index(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    """It is told in the log."""
    broken = SearchRow(story_id=1, title=None, text="Sea.")  # type: ignore[arg-type]
    with write_transaction(engine) as connection:
        ready = list(made_ready(connection, [broken, SearchRow(story_id=2, title="Wind", text="A wheel.")]))
    assert [(row.story_id, bool(row.words)) for row in ready] == [(2, True)]
    assert "story 1 cannot be indexed" in caplog.text


def test_only_pages_of_the_story_alone_go(engine: Engine) -> None:
    """A page that another story rests on and the feed's document stay; the latter is named."""
    with write_transaction(engine) as connection:
        _archive(connection)
        done = withdraw_story(connection, 1, "asked for", NOON)
        kept = set(connection.scalars(select(RawBlob.digest)))
    assert done.pages == (PAGE,)
    assert done.documents == (DOCUMENT,)
    assert kept == {SHARED_PAGE, DOCUMENT}


def test_a_page_that_was_not_understood_goes_with_its_row(engine: Engine) -> None:
    """A quarantined page is the story's too."""
    with write_transaction(engine) as connection:
        _archive(connection)
        row = {
            "feed_id": "one",
            "digest": PAGE,
            "document_digest": PAGE,
            "stage": "extract",
            "code_version": "1",
            "error": "Bug",
            "message": "x",
            "run_id": 1,
            "first_seen_at": NOON,
        }
        connection.execute(insert(table_of(Quarantine)), row)
        assert withdraw_story(connection, 1, "asked for", NOON).pages == (PAGE,)
        assert _count(connection, Quarantine) == 0


def test_a_story_merged_into_it_goes_along(engine: Engine) -> None:
    """The words of a story that became part of another are that story's words."""
    with write_transaction(engine) as connection:
        archive = _archive(connection)
        archive.alter(2, merged_into=1)
        done = withdraw_story(connection, 1, "asked for", NOON)
        assert _count(connection, StoryVersion) == 0
    assert (done.story_ids, done.versions) == ((1, 2), 2)
    assert done.pages == (PAGE, SHARED_PAGE)


def test_a_second_withdrawal_finishes_the_first(engine: Engine) -> None:
    """Day and reason of the first stay, and the pages whose bytes may be left are named again."""
    with write_transaction(engine) as connection:
        _archive(connection)
        withdraw_story(connection, 1, "asked for", NOON)
        again = withdraw_story(connection, 1, "another", NOON + timedelta(days=1))
        story = connection.execute(select(Story.__table__).where(Story.id == 1)).one()
    assert (again.versions, again.pages) == (0, (PAGE,))
    assert (story.withdrawn_at, story.withdrawn_reason) == (NOON, "asked for")


@pytest.mark.parametrize(
    "piece",
    [
        pytest.param(Piece(), id="as it was"),
        pytest.param(
            Piece(text="The sea level rises still, and the coast with all its towns has moved by now."),
            id="with another text",
        ),
    ],
)
def test_it_never_returns(engine: Engine, piece: Piece) -> None:
    """The feed that shows it again makes no story and no text of it."""
    with write_transaction(engine) as connection:
        archive = _archive(connection)
        withdraw_story(connection, 1, "asked for", NOON)
        outcomes = archive.show(archive.begin(), archive.specs[0], piece, OTHER)
        assert _count(connection, StoryVersion) == 1
        assert connection.scalar(select(func.count()).select_from(Story)) == 2
    assert outcomes == (Outcome.UNCHANGED,) * 2
