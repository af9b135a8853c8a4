"""Documents are named while something rests on them; what was not understood is tried again by newer code alone."""

import pytest
from msgspec.structs import replace
from sqlalchemy import func, select

from models.archive.ledger.documents import (
    Document,
    Quarantined,
    document_of,
    feeds_with_untried_failures,
    forget_document,
    quarantine,
    record_document,
    tried_digests,
    unnamed,
)
from models.archive.ledger.feeds import load_memories, remember
from models.archive.ledger.runs import FeedOutcome, RequestOwner, record_feed
from models.reports import Counts, FeedReport, FeedStatus
from models.stages import EntryFailure, Problem
from models.tables.documents import Quarantine, RawBlob
from tests.builders import NOON, Archive

ONE = Document(digest="a" * 64, kind="feed", content_type="application/rss+xml", size_bytes=7)
FAILURE = EntryFailure(
    position=0, stage="clean", digest="e" * 64, problem=Problem(error="WorkerKilled", message="too slow")
)


def _feed_run(archive: Archive, outcome: FeedOutcome) -> None:
    record_feed(archive.connection, archive.begin(), outcome, NOON)


def _outcome(**changes: object) -> FeedOutcome:
    report = FeedReport(feed="one", status=FeedStatus.OK)
    return replace(FeedOutcome(report=report, document_digest=ONE.digest), **changes)


def test_a_document_named_twice_is_one(archive: Archive) -> None:
    """How it was announced first is kept."""
    record_document(archive.connection, ONE, NOON)
    record_document(archive.connection, replace(ONE, content_type="text/plain"), NOON)
    assert archive.connection.scalar(select(func.count()).select_from(RawBlob)) == 1
    assert document_of(archive.connection, ONE.digest) == ONE
    assert document_of(archive.connection, "b" * 64).content_type == ""


def test_a_document_that_gave_nothing_is_forgotten(archive: Archive) -> None:
    """Its bytes may go then."""
    archive.feed()
    record_document(archive.connection, ONE, NOON)
    _feed_run(archive, _outcome())
    assert unnamed(archive.connection, [ONE.digest]) == []
    assert forget_document(archive.connection, ONE.digest)
    assert unnamed(archive.connection, [ONE.digest]) == [ONE.digest]


@pytest.mark.parametrize(
    "outcome",
    [
        pytest.param(_outcome(versions=1), id="gave a version"),
        pytest.param(
            _outcome(report=FeedReport(feed="one", status=FeedStatus.OK, counts=Counts(seen=1, failed=1))),
            id="held an entry that failed",
        ),
    ],
)
def test_a_document_is_kept_that(archive: Archive, outcome: FeedOutcome) -> None:
    """What rests on it can be read again."""
    archive.feed()
    record_document(archive.connection, ONE, NOON)
    _feed_run(archive, outcome)
    assert not forget_document(archive.connection, ONE.digest)


def test_the_latest_document_of_a_feed_is_kept(archive: Archive) -> None:
    """A 304 points to it."""
    archive.feed()
    record_document(archive.connection, ONE, NOON)
    memory = load_memories(archive.connection)["one"]
    remember(archive.connection, replace(memory, document_digest=ONE.digest))
    assert not forget_document(archive.connection, ONE.digest)


def test_what_was_not_understood_is_tried_by_newer_code_alone(archive: Archive) -> None:
    """One row for each code version that tried."""
    archive.feed()
    where = Quarantined(
        owner=RequestOwner(run_id=archive.begin(), feed_id="one"), document_digest=ONE.digest, code_version="1"
    )
    for code in ("1", "1", "2"):
        quarantine(archive.connection, replace(where, code_version=code), [FAILURE], NOON)
    assert archive.connection.scalar(select(func.count()).select_from(Quarantine)) == 2
    assert tried_digests(archive.connection, "one", [FAILURE.digest, "f" * 64], "1") == {
        FAILURE.digest: FAILURE.problem
    }
    assert tried_digests(archive.connection, "one", [FAILURE.digest], "3") == {}
    assert feeds_with_untried_failures(archive.connection, "3") == frozenset()  # it showed another document since
    remember(archive.connection, replace(load_memories(archive.connection)["one"], document_digest=ONE.digest))
    assert feeds_with_untried_failures(archive.connection, "3") == {"one"}
    assert feeds_with_untried_failures(archive.connection, "2") == frozenset()
