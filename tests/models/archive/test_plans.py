"""How the database finds what it is asked for: by its indexes, however large an archive has grown."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection, Engine, event

from models.archive.ledger.changes import log_changes
from models.archive.ledger.documents import Document, forget_document, record_document
from models.archive.ledger.feeds import sync_feeds
from models.archive.ledger.runs import RequestOwner, record_requests
from models.archive.meaning import MeaningReading, keep_readings, load_waiting, next_waiting
from models.archive.merges import merge_stories
from models.archive.pages import near_miss_pages
from models.archive.texts.copies import keep_copies
from models.archive.texts.copy_queue import next_uncompared, queue_kept
from models.archive.texts.corrections import forget_corrections, keep_corrections, next_untold, pass_on
from models.archive.withdrawals import withdraw_story
from models.changes import ChangeKind
from models.copies import CopyMarks
from models.identity import Merger
from models.stages import Request
from models.storage.database import write_transaction
from tests.builders import NOON, Archive, Piece, feed_spec
from tests.databases import about_sqlite
from tests.models.archive.test_meaning import found

DIGEST = "a" * 64
# The tables that grow with every night; the others have a row a feed.
LARGE = frozenset(
    {"stories", "story_versions", "story_keys", "sightings", "fetches", "classifications", "raw_blobs"}
    | {"story_changes", "corrections", "story_copies", "copy_bands", "story_vectors"}
    | {"before", "behind", "changed"}  # what queries call versions
)


def _forget(connection: Connection) -> None:
    assert forget_document(connection, DIGEST)


def _merge(connection: Connection) -> None:
    merge_stories(connection, Merger(into=1, story_ids=(2,)), NOON)


def _withdraw(connection: Connection) -> None:
    withdraw_story(connection, 1, "asked for", NOON)


def _near_misses(connection: Connection) -> None:
    near_miss_pages(connection, [1], 10)


def _meanings(connection: Connection) -> None:
    for encoder in ("one", "two"):
        waiting = load_waiting(connection, next_waiting(connection, encoder, 10))
        assert len(waiting) == 2
        keep_readings(connection, [MeaningReading(story=one, found=found(encoder=encoder)) for one in waiting], 1, NOON)


def _corrections(connection: Connection) -> None:
    for rules in ("1", "2"):
        while batch := next_untold(connection, rules, 10):
            keep_corrections(connection, rules, batch.revisions, [[] for _ in batch.revisions])
            pass_on(connection, rules, batch)
        log_changes(connection, [(1, ChangeKind.TEXT)], {1}, NOON)
    forget_corrections(connection, [1])


def _copies(connection: Connection) -> None:
    for rules in ("1", "2"):
        while wanted := next_uncompared(connection, rules, 10, NOON):
            keep_copies(connection, [(one, CopyMarks(bands=bytes(8), agency=None)) for one in wanted], [], NOON)
        queue_kept(connection, rules, 10, NOON)
        log_changes(connection, [(1, ChangeKind.TEXT)], {1}, NOON)


def _rename(connection: Connection) -> None:
    sync_feeds(connection, [replace(feed_spec("one"), name="Another")], NOON)


WORKS = (_forget, _merge, _withdraw, _near_misses, _meanings, _corrections, _copies, _rename)


@pytest.mark.parametrize("work", WORKS)
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
