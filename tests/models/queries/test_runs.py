"""Reading and checking the ledger, on both databases."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, delete, update

from models.archive.ledger.runs import FeedOutcome, NewRun, record_feed, record_pages, start_run
from models.errors import NotFound
from models.queries.ledger.checks import audit, check_runs
from models.queries.ledger.feeds import feed_ids, list_feeds, topic_ids
from models.queries.ledger.runs import find_fetching_run, list_runs, run_report
from models.reports import Counts, FeedReport, FeedStatus, PageCounts, RunStatus
from models.stages import Relevance
from models.storage.database import write_transaction
from models.tables.keys import table_of
from models.tables.runs import FeedRun, Run
from models.tables.stories import StoryVersion
from tests.builders import NOON, TOPICS, Archive, Piece

OTHER = Piece(title="Wind", text="The wind turns a wheel.", url="https://one.example/wind")


def _two_nights(archive: Archive) -> None:
    one, two = archive.feed("one"), archive.feed("two", relevance=Relevance.GATE)
    run_id = archive.begin()
    archive.show(run_id, one, Piece(), OTHER)
    archive.show(run_id, two, Piece(), replace(OTHER, title="Ball", url="https://two.example/ball", is_relevant=False))
    archive.end(run_id)
    run_id = archive.begin()
    archive.show(run_id, one, Piece())
    report = FeedReport(feed="two", status=FeedStatus.FAILED, reason="refused", error="ConnectFailed", attempts=3)
    record_feed(archive.connection, run_id, FeedOutcome(report=report), archive.now)
    archive.end(run_id, RunStatus.COMPLETED_WITH_ERRORS)


def test_a_run_is_read_feed_by_feed(engine: Engine) -> None:
    """A report has a row a feed in the list's order, and the latest run is found by that word."""
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        _two_nights(archive)
        record_pages(connection, 1, PageCounts(due=2, completed=1, left=1))
        first, latest = run_report(connection, 1), run_report(connection, "latest")
    assert [feed.feed for feed in first.feeds] == ["one", "two"]
    assert first.totals == Counts(seen=4, new=2, duplicate=1, off_topic=1)
    assert first.pages == PageCounts(due=2, completed=1, left=1)
    assert (latest.run_id, latest.status, latest.mode) == (2, RunStatus.COMPLETED_WITH_ERRORS, "run")
    assert latest.feeds[1].reason == "refused"
    assert latest.feeds[1].attempts == 3


@pytest.mark.parametrize("reference", ["7", "x", "", "9" * 30, "-1"])
def test_a_run_that_is_none_is_not_found(engine: Engine, reference: str) -> None:
    """A number without a run, or no number, is NotFound."""
    with write_transaction(engine) as connection, pytest.raises(NotFound, match="There is no run"):
        run_report(connection, reference)


def test_an_archive_without_runs_has_no_latest(engine: Engine) -> None:
    """The latest of no runs is NotFound."""
    with write_transaction(engine) as connection, pytest.raises(NotFound, match="no run in this archive yet"):
        run_report(connection, "latest")


def test_what_can_be_fetched_again_is_the_latest_run_that_asked(engine: Engine) -> None:
    """A start that was skipped and an import stand after the night, and hide it not."""
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        with pytest.raises(NotFound, match="has asked its feeds yet"):
            find_fetching_run(connection, "latest")
        _two_nights(archive)
        archive.end(archive.begin("import"))
        archive.end(archive.begin(), RunStatus.SKIPPED)
        assert find_fetching_run(connection, "latest") == 2
        assert find_fetching_run(connection, 4) == 4


def test_runs_are_listed_newest_first(engine: Engine) -> None:
    """A list has each run's sums, also of a run that no feed had a part in."""
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        _two_nights(archive)
        archive.end(archive.begin(), RunStatus.SKIPPED)
        rows = list_runs(connection, 10)
        assert [row.run_id for row in list_runs(connection, 1)] == [3]
    assert [(row.run_id, row.status, row.feeds, row.feeds_failed, row.totals.new) for row in rows] == [
        (3, "skipped", 0, 0, 0),
        (2, "completed_with_errors", 2, 1, 0),
        (1, "completed", 2, 0, 2),
    ]


def test_a_ledger_that_adds_up_has_no_findings(engine: Engine) -> None:
    """Nights, an import, withdrawn and merged stories, a running run: all is accounted for."""
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        _two_nights(archive)
        archive.show(
            archive.begin("import"), archive.import_source(), replace(OTHER, title="Deed", text="A deed.", url=None)
        )
        archive.end(3)
        archive.alter(2, merged_into=1)
        archive.alter(1, withdrawn_at=NOON, version_id=None, classification_id=None)
        connection.execute(delete(table_of(StoryVersion)).where(table_of(StoryVersion).c.story_id == 1))
        running = archive.begin()
        result = audit(connection)
    assert result.findings == ()
    assert (result.runs, result.rows, result.stories, result.running) == (3, 5, 3, (running,))


def _miscount(archive: Archive) -> None:
    rows = table_of(FeedRun)
    archive.connection.execute(update(rows).where(rows.c.run_id == 1, rows.c.feed_id == "one").values(seen=9))


def _lose_a_page(archive: Archive) -> None:
    record_pages(archive.connection, 1, PageCounts(due=3, completed=2))


def _add_a_story(archive: Archive) -> None:
    archive.alter(3, relevant_at=NOON, relevant_run_id=2)


def _lose_a_version(archive: Archive) -> None:
    archive.alter(1, version_id=99)


def _cross_judgements(archive: Archive) -> None:
    archive.alter(1, classification_id=2)


def _keep_a_withdrawn_text(archive: Archive) -> None:
    archive.alter(1, withdrawn_at=NOON)


def _forget_a_feed(archive: Archive) -> None:
    runs = table_of(Run)
    archive.connection.execute(update(runs).where(runs.c.id == 1).values(parameters={"asked": ["one", "two", "three"]}))


@pytest.mark.parametrize(
    ("damage", "run_id", "message"),
    [
        pytest.param(_miscount, 1, "seen 9, but", id="a feed's sum"),
        pytest.param(_lose_a_page, 1, "3 pages due, but 2", id="the pages' sum"),
        pytest.param(_add_a_story, 2, "0 new stories by its feeds, but it admitted 1", id="a story no feed counted"),
        pytest.param(_lose_a_version, None, "story 1: its version is not there", id="a lost version"),
        pytest.param(_cross_judgements, None, "story 1: its judgement is not there", id="another story's judgement"),
        pytest.param(
            _keep_a_withdrawn_text, None, "story 1: it was withdrawn and still has a text", id="a takedown half done"
        ),
        pytest.param(_forget_a_feed, 1, "the run has ended without a row for this feed", id="a feed without a row"),
    ],
)
def test_what_does_not_add_up_is_found(
    engine: Engine, damage: Callable[[Archive], None], run_id: int | None, message: str
) -> None:
    """Each kind of damage is one finding that names its place, of a run also where only some runs are checked."""
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        _two_nights(archive)
        damage(archive)
        (finding,) = audit(connection).findings
        found = {of_run: check_runs(connection, [of_run, archive.begin()]) for of_run in (1, 2)}
    assert finding.run_id == run_id
    assert message in finding.message
    assert found == {of_run: [finding] if of_run == run_id else [] for of_run in (1, 2)}


def test_a_run_that_admits_without_feeds_is_no_finding(engine: Engine) -> None:
    """Reclassifying admits stories that no feed counts."""
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        _two_nights(archive)
        run_id = start_run(connection, NewRun(mode="reclassify", started_by="hand", code_version="t"), NOON)
        archive.end(run_id)
        archive.alter(3, relevant_at=NOON, relevant_run_id=run_id)
        assert audit(connection).findings == ()


def test_feeds_are_listed_with_what_they_gave(engine: Engine) -> None:
    """A feed has its stories about climate, its last outcome and its place; a source of imports is listed too."""
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        _two_nights(archive)
        archive.import_source("import-x")
        archive.specs.pop()
        archive.feed("three")
        rows = {row.id: row for row in list_feeds(connection)}
        assert set(feed_ids(connection)) == {"one", "two", "three", "import-x"}
        assert topic_ids(connection) == sorted(TOPICS)
    assert (rows["one"].stories, rows["one"].last_status, rows["one"].last_run_id) == (2, "ok", 2)
    assert (rows["two"].stories, rows["two"].last_status, rows["two"].last_reason) == (1, "failed", "refused")
    assert not rows["two"].is_active
    assert (rows["three"].stories, rows["three"].last_status) == (0, None)
    assert rows["import-x"].kind == "import"
    assert [row.is_active for row in rows.values()] == sorted((row.is_active for row in rows.values()), reverse=True)
