"""At a night's end one story that does harm hides no other, and the night says so."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select, update

from flows.ingest.direct import DIRECT_RUNNER
from flows.ingest.passes import work_run
from flows.runs.derived import copies, corrections
from flows.runs.opening import RunRequest, open_run
from models.queries.ledger.runs import run_report
from models.reports import RunReport, RunStatus
from models.storage.database import write_transaction
from models.tables.changes import ChangeMark
from models.tables.copies import CopyBand, StoryCopy
from models.tables.corrections import CorrectionRow
from models.tables.stories import Story, StoryVersion
from tests.databases import about_sqlite, on_both
from tests.flows.ingest.one_feed import Feed
from tests.flows.steps.test_copies import article
from tests.nights import rows
from tests.site.behaviours import XML, answer

ITEM = "<item><guid>{0}</guid><title>The sea at {0}</title><description>{1}</description></item>"
TOWNS = ("ada", "bea", "cleo", "dora")
Damage = Callable[[Any], object]


def serve(feed: Feed, *texts: str) -> None:
    """Have the feed show these texts."""
    items = "".join(ITEM.format(town, text) for town, text in zip(TOWNS, texts, strict=False))
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{items}</channel></rss>'
    feed.serve(answer(200, body.encode(), XML))


async def night(feed: Feed, engine: Engine, damage: Damage | None = None) -> RunReport:
    """Run a night; before its end something damages what it has kept."""
    feed.nights.clock.advance(days=1)
    async with open_run(feed.nights.settings, RunRequest(), feed.nights.world) as run:
        await work_run(run, DIRECT_RUNNER)
        if damage is not None:
            with write_transaction(engine) as connection:
                damage(connection)
    assert run.report is not None
    return run.report


def sea(*amounts: float) -> list[str]:
    """Return texts of which each tells an amount."""
    towns = zip(TOWNS, amounts, strict=False)
    return [f"The sea rose by {amount} mm in the year. The coast with {town} must move." for town, amount in towns]


@about_sqlite
async def test_a_revision_that_cannot_be_compared_hides_no_other(feed: Feed, engine: Engine) -> None:
    """It is told as wording, and found by no search; in SQLite's file a damaged text may be no text at all."""
    serve(feed, *sea(1.1, 2.1, 3.1))
    await night(feed, engine)
    serve(feed, *sea(1.2, 2.2, 3.2))
    broken = update(StoryVersion).where(StoryVersion.story_id == 2, StoryVersion.number == 2).values(text=b"\xff")
    report = await night(feed, engine, lambda connection: connection.execute(broken))
    told = [(row["story_id"], row["kind"]) for row in rows(engine, "corrections")]
    assert sorted(told) == [(1, "number"), (2, "wording"), (3, "number")]
    assert report.status is RunStatus.COMPLETED_WITH_ERRORS
    assert "at its end story 2 could not be indexed for the search: bug: " in (report.reason or "")
    assert rows(engine, "search_queue") == []
    assert "version 5 was not compared with the one before: bug: " in (report.reason or "")
    again = await night(feed, engine)
    assert (again.status, len(rows(engine, "corrections"))) == (RunStatus.COMPLETED, 3)


@on_both
async def test_a_story_that_cannot_be_compared_hides_no_copy(feed: Feed, engine: Engine) -> None:
    """It is kept as one without copies, and is not tried again every night."""
    text = " ".join(article(1))
    serve(feed, text, f"{text} More.", f"{text} Still more.")
    broken = update(Story).where(Story.id == 2).values(authors=[[1]])
    report = await night(feed, engine, lambda connection: connection.execute(broken))
    kept = {row["story_id"]: row["copied_from"] for row in rows(engine, "story_copies")}
    assert kept == {1: None, 2: None, 3: 1}
    assert "story 2 was not compared with others: bug: " in (report.reason or "")
    assert rows(engine, "copy_queue") == []
    assert (await night(feed, engine)).status is RunStatus.COMPLETED


@on_both
async def test_a_work_that_fails_as_a_whole_leaves_the_others(feed: Feed, engine: Engine) -> None:
    """The night is what its feeds were, the ledger says what was not done, and the next night does it."""
    serve(feed, *sea(1.1, 2.1))
    await night(feed, engine)
    serve(feed, *sea(1.2, 2.2))

    def spoil(connection: Any) -> None:
        connection.exec_driver_sql(f"ALTER TABLE {CorrectionRow.__tablename__} RENAME TO elsewhere")

    report = await night(feed, engine, spoil)
    assert report.status is RunStatus.COMPLETED_WITH_ERRORS
    assert "telling corrections did not come to its end, and the next run goes on: bug: " in (report.reason or "")
    assert len(rows(engine, "story_copies")) == 2
    with write_transaction(engine) as connection:
        assert run_report(connection, str(report.run_id)).reason == report.reason
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO corrections")
    assert (await night(feed, engine)).status is RunStatus.COMPLETED
    assert len(rows(engine, "corrections")) == 2


@on_both
async def test_what_was_there_before_is_read_in_parts(
    feed: Feed, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An archive of older code: what a night brings is read at once, of the rest so much as a run may."""
    text = " ".join(article(1))
    serve(feed, text, f"{text} More.", *sea(1.1, 2.1))
    await night(feed, engine)
    serve(feed, text, f"{text} More.", *sea(1.2, 2.2))
    await night(feed, engine)
    with write_transaction(engine) as connection:
        for table in (ChangeMark, CorrectionRow, StoryCopy, CopyBand):
            connection.execute(delete(table))
    for module, most, at_once in ((corrections, 3, 50), (copies, 2, 2)):
        monkeypatch.setattr(module, "MOST_KEPT", most)
        monkeypatch.setattr(module, "BATCH", at_once)
    monkeypatch.setattr("models.archive.texts.corrections._KEPT_AT_ONCE", 3)
    found = []
    for _ in range(3):
        await night(feed, engine)
        told = sorted(row["story_id"] for row in rows(engine, "corrections"))
        found.append((told, [row["story_id"] for row in rows(engine, "story_copies")]))
    assert found == [([3, 4], [3, 4]), ([3, 4], [1, 2, 3, 4]), ([3, 4], [1, 2, 3, 4])]
    with write_transaction(engine) as connection:
        assert max(connection.scalars(select(ChangeMark.kept_before))) <= 1
