"""Old requests go, unless a version cites their bytes."""

from datetime import timedelta

from sqlalchemy import Engine, select

from models.archive.ledger.documents import Document, record_document
from models.archive.ledger.pruning import count_old_fetches, delete_old_fetches
from models.archive.ledger.runs import RequestOwner, record_requests
from models.archive.withdrawals import withdraw_story
from models.stages import Request
from models.storage.database import write_transaction
from models.tables.keys import table_of
from models.tables.runs import Fetch
from models.tables.stories import StoryVersion
from tests.builders import NOON, Archive, Piece


def test_the_page_of_a_withdrawn_story_goes_however_old_its_request(engine: Engine) -> None:
    """No version cites a page that was refused: the request alone tells whose it is, and stays as long as the page."""
    page = Document(digest="a" * 64, kind="page", content_type="", size_bytes=1)
    old = NOON - timedelta(days=100)
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        run_id = archive.night(archive.feed(), Piece())
        record_document(connection, page, old)
        request = Request(
            url="https://one.example/", attempt=1, started_at=old, elapsed_ms=1, status=200, digest=page.digest
        )
        record_requests(connection, RequestOwner(run_id=run_id, story_id=1), [request])
        assert delete_old_fetches(connection, NOON - timedelta(days=90)) == 0
        assert withdraw_story(connection, 1, "asked for", NOON).pages == (page.digest,)
        assert delete_old_fetches(connection, NOON - timedelta(days=90)) == 1


def test_old_requests_go_and_cited_ones_stay(engine: Engine) -> None:
    """Of an old cited, an old uncited, an old failed and a young request, the second and third go."""
    old = NOON - timedelta(days=100)
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        run_id = archive.night(archive.feed(), Piece())
        cited = Document(digest="a" * 64, kind="page", content_type="", size_bytes=1)
        record_document(connection, cited, NOON)
        connection.execute(table_of(StoryVersion).update().values(raw_digest=cited.digest))
        made = [("cited", old, "a" * 64), ("uncited", old, "b" * 64), ("failed", old, None), ("young", NOON, None)]
        requests = [
            Request(url=f"https://one.example/{name}", attempt=1, started_at=at, elapsed_ms=1, digest=digest)
            for name, at, digest in made
        ]
        record_requests(connection, RequestOwner(run_id=run_id), requests)
        before = NOON - timedelta(days=90)
        assert count_old_fetches(connection, before) == 2
        assert delete_old_fetches(connection, before) == 2
        assert delete_old_fetches(connection, before) == 0
        left = connection.scalars(select(table_of(Fetch).c.url).order_by(table_of(Fetch).c.id)).all()
    assert [url.rpartition("/")[2] for url in left] == ["cited", "young"]
