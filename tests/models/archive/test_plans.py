"""How the database finds what it is asked for: by its indexes, however large an archive has grown."""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, Engine, event

from models.archive.documents import Document, forget_document, record_document
from models.archive.ledger import RequestOwner, record_requests
from models.archive.merges import merge_stories
from models.archive.withdrawals import withdraw_story
from models.database import write_transaction
from models.identity import Merger
from models.stages import Request
from tests.builders import NOON, Archive, Piece
from tests.databases import about_sqlite

DIGEST = "a" * 64
# The tables that grow with every night; the others have a row a feed.
LARGE = frozenset({"stories", "story_versions", "story_keys", "sightings", "fetches", "classifications", "raw_blobs"})


def _forget(connection: Connection) -> None:
    assert forget_document(connection, DIGEST)


def _merge(connection: Connection) -> None:
    merge_stories(connection, Merger(into=1, story_ids=(2,)), NOON)


def _withdraw(connection: Connection) -> None:
    withdraw_story(connection, 1, "asked for", NOON)


@pytest.mark.parametrize("work", [_forget, _merge, _withdraw])
@about_sqlite
def test_no_large_table_is_read_from_end_to_end(engine: Engine, work: Callable[[Connection], None]) -> None:
    """Every statement finds its rows by an index, and so do the foreign keys that it touches."""
    asked: list[tuple[str, object]] = []
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        run_id = archive.night(archive.feed(), Piece(), Piece(title="Ice", url="https://one.example/ice"))
        record_document(connection, Document(digest=DIGEST, kind="feed", content_type="", size_bytes=1), NOON)
        request = Request(url="https://one.example/", attempt=1, started_at=NOON, elapsed_ms=1, digest="b" * 64)
        record_requests(connection, RequestOwner(run_id=run_id, story_id=1), [request])
        event.listen(engine, "before_cursor_execute", lambda *seen: asked.append((seen[2], seen[3])))
        work(connection)
        plans = {line for statement, values in list(asked) for line in _plan(connection, statement, values)}
    assert asked
    assert {line for line in plans if line.startswith("SCAN") and line.split()[1] in LARGE} == set()


def _plan(connection: Connection, statement: str, values: object) -> list[str]:
    one = values[0] if isinstance(values, list) else values
    driver = connection.connection.driver_connection
    assert driver is not None
    return [row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {statement}", one)]
