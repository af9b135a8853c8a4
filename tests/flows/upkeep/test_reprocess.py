"""The stored bytes, worked again by newer code: texts in their versions' places, and nothing else moved."""

import os
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, Row, delete, func, select, update

from config.settings import FetchSettings, Secret, Settings
from flows.ingest.direct import run_directly
from flows.runs.opening import RunRequest
from flows.steps.vectors import encoder_version
from flows.upkeep.reclassify import read_waiting
from flows.upkeep.reprocess import request_for, run_reprocess
from models.archive.reprocessing import Selection
from models.errors import ConfigError
from models.queries.ledger.checks import audit
from models.reports import Counts, MeaningCounts, RunReport
from models.storage.database import read_transaction, write_transaction
from models.storage.packing import TextPacker
from models.tables.documents import RawBlob
from models.tables.feeds import Feed
from models.tables.labels import ClassificationRow
from models.tables.runs import Run
from models.tables.stories import Sighting, Story, StoryKey, StoryVersion
from tests.builders import Archive
from tests.site.behaviours import XML, answer
from tests.site.server import Site

OLD = "0" * 64
ITEM = """<item><guid>{name}</guid><title>Sea wall of {name} &amp; more</title><link>{link}</link>
<description>&lt;p&gt;The sea level at {name} rises, and the climate warms.&lt;/p&gt;</description></item>"""
PAGE = (
    "<html><head><title>Sea wall of ada &amp; more</title></head>"
    "<body><article><h1>Sea wall of ada &amp; more</h1>{}</article></body></html>"
)
PARAGRAPHS = "".join(
    f"<p>The sea level rises at ada, and in {year} the council voted to raise the wall before the winter storms.</p>"
    for year in range(2019, 2027)
)


class Shelf:
    """An archive after one night over one feed of two entries, one of them followed to its page."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        self.settings = settings
        self.engine = engine

    async def night(self) -> RunReport:
        """Run a night."""
        return await run_directly(self.settings, RunRequest())

    async def again(self, **selection: Any) -> RunReport:
        """Work the stored bytes again."""
        chosen = Selection(**selection)
        return await run_reprocess(self.settings, request_for(chosen, started_by="hand"), chosen)

    def age(self, text: str = "An older text.") -> None:
        """Let every text look as older code had made it, wherever its hash stands."""
        with write_transaction(self.engine) as connection:
            kept = (StoryVersion.id, StoryVersion.text, StoryVersion.html, StoryVersion.raw_entry)
            for version_id, now, *beside in connection.execute(select(*kept)).all():
                packed = TextPacker(text).pack(*(TextPacker(now).unpack(one or b"") for one in beside))
                old = {"text": text, "html": packed[0], "raw_entry": packed[1] or None, "content_hash": OLD}
                mine = update(StoryVersion).where(StoryVersion.id == version_id)
                connection.execute(mine.values(**old, extractor_version="0.0"))
            connection.execute(update(Story).values(content_hash=OLD))
            connection.execute(update(Sighting).values(content_hash=OLD))

    def rows(self, *columns: Any) -> list[Row[Any]]:
        """Read columns, in the order of the first."""
        with read_transaction(self.engine) as connection:
            return list(connection.execute(select(*columns).order_by(columns[0])))


@pytest.fixture(autouse=True)
def _one_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a run start one worker process: they read little, and starting one is most of it."""
    monkeypatch.setattr(os, "cpu_count", lambda: 1)


@pytest.fixture
async def shelf(site: Site, engine: Engine, tmp_path: Path) -> Shelf:
    """Give an archive with one night in it."""
    items = "".join(ITEM.format(name=name, link=site.url(f"/{name}")) for name in ("ada", "bea"))
    rss = f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{items}</channel></rss>'
    site.serve("/feed", answer(200, rss.encode(), XML))
    site.serve("/ada", answer(200, PAGE.format(PARAGRAPHS).encode(), {"Content-Type": "text/html"}))
    file = tmp_path / "feeds.yaml"
    feed = f'{{id: tide, name: Tide, url: "{site.url("/feed")}", relevance: assume, full_text: true}}'
    file.write_text(f"feeds:\n  - {feed}\n")
    settings = Settings(
        home=tmp_path / "home",
        database_url=Secret(engine.url.render_as_string(hide_password=False)),
        feeds_file=file,
        fetch=FetchSettings(host_interval_s=0, second_pass_delay_s=0, allow_private=frozenset({site.address})),
    )
    archive = Shelf(settings, engine)
    await archive.night()
    assert len(archive.rows(StoryVersion.id)) == 3  # two entries, and the page of one
    return archive


async def test_a_better_text_takes_its_version_place(shelf: Shelf, site: Site) -> None:
    """Texts, hashes and labels are today's, the old hash is on record; no version, no revision, no request more."""
    before = shelf.rows(StoryVersion.id, StoryVersion.title, StoryVersion.text, StoryVersion.content_hash)
    stories = shelf.rows(Story.id, Story.title, Story.content_hash, Story.version_id, Story.revisions)
    seen = shelf.rows(Sighting.id, Sighting.content_hash)
    shelf.age()
    asked = len(site.log)
    report = await shelf.again()
    assert (report.totals, report.pages.completed, report.pages.due) == (Counts(seen=2, updated=2), 1, 1)
    assert shelf.rows(StoryVersion.id, StoryVersion.title, StoryVersion.text, StoryVersion.content_hash) == before
    assert {row[1:] for row in shelf.rows(StoryVersion.id, StoryVersion.replaced_hash)} == {(OLD,)}
    assert {row[1] for row in shelf.rows(StoryVersion.id, StoryVersion.replaced_extractor_version)} == {"0.0"}
    assert shelf.rows(Story.id, Story.title, Story.content_hash, Story.version_id, Story.revisions) == stories
    assert shelf.rows(Sighting.id, Sighting.content_hash)[1] == seen[1]
    assert len(site.log) == asked
    with read_transaction(shelf.engine) as connection:
        assert not audit(connection).findings
        pointed = connection.scalar(
            select(func.count())
            .join(Story, Story.classification_id == ClassificationRow.id)
            .select_from(ClassificationRow)
        )
    assert pointed == 2
    assert (await shelf.night()).totals.updated == 0


async def test_no_feed_state_is_touched_and_imports_are_listed(shelf: Shelf) -> None:
    """Neither what feeds.yaml says today nor the work itself changes what is known of a feed."""
    with write_transaction(shelf.engine) as connection:
        connection.execute(update(Feed).values(state="dormant", failing_nights=12, etag='"1"'))
        Archive(connection, now=report_moment(shelf)).import_source("report")
        connection.execute(update(StoryVersion).where(StoryVersion.source == "feed").values(feed_id="report"))
    file = shelf.settings.feeds_file
    assert file is not None
    file.write_text(file.read_text().replace("/feed", "/elsewhere"))
    before = shelf.rows(*Feed.__table__.columns)
    report = await shelf.again()
    assert shelf.rows(*Feed.__table__.columns) == before
    assert [(row.feed, row.counts.seen) for row in report.feeds] == [("tide", 0), ("report", 2)]
    assert [row.feed for row in (await shelf.again(feeds=("report",))).feeds if row.counts.seen] == ["report"]
    with pytest.raises(ConfigError, match="There is no feed 'reprot': did you mean report"):
        await shelf.again(feeds=("reprot",))


@pytest.mark.skipif(encoder_version() is None, reason="the extra [meaning] is not installed")
async def test_what_both_readers_have_labelled_is_left_alone(shelf: Shelf) -> None:
    """Though a run asks the first reader alone: what the second would say stands there."""
    assert (await read_waiting(shelf.settings)).read == 2
    before = shelf.rows(ClassificationRow.id, ClassificationRow.classifier_version)
    report = await shelf.again()
    assert (report.totals.unchanged, report.pages.unchanged) == (2, 1)
    assert shelf.rows(ClassificationRow.id, ClassificationRow.classifier_version) == before
    assert report.meaning == MeaningCounts()


async def test_done_twice_it_changes_nothing(shelf: Shelf) -> None:
    """What today's code has made is left alone; the run is in the ledger with what it was asked."""
    before = shelf.rows(StoryVersion.id, StoryVersion.text, StoryVersion.replaced_hash, StoryVersion.extractor_version)
    labels = shelf.rows(ClassificationRow.id)
    report = await shelf.again(feeds=("tide",), run_id=1)
    assert (report.totals, report.pages.unchanged) == (Counts(seen=2, unchanged=2), 1)
    again = shelf.rows(StoryVersion.id, StoryVersion.text, StoryVersion.replaced_hash, StoryVersion.extractor_version)
    assert again == before
    assert shelf.rows(ClassificationRow.id) == labels
    _, mode, started_by, parameters = shelf.rows(Run.id, Run.mode, Run.started_by, Run.parameters)[-1]
    assert (mode, started_by, parameters["feeds"], parameters["run"]) == ("reprocess", "hand", ["tide"], 1)


async def test_what_no_run_brought_is_not_touched(shelf: Shelf) -> None:
    """A selection that holds nothing does nothing."""
    shelf.age()
    report = await shelf.again(since=report_moment(shelf))
    assert report.totals == Counts()
    assert {row[1] for row in shelf.rows(StoryVersion.id, StoryVersion.text)} == {"An older text."}


def report_moment(shelf: Shelf) -> Any:
    """Return a moment after everything in the archive."""
    return max(row[0] for row in shelf.rows(Run.finished_at))


async def test_an_entry_that_older_code_missed_becomes_a_story(shelf: Shelf) -> None:
    """It is counted as new by the run that found it; the others stay the stories they are."""
    with write_transaction(shelf.engine) as connection:
        connection.execute(update(Story).where(Story.id == 2).values(version_id=None, classification_id=None))
        for table in (StoryKey, Sighting, ClassificationRow, StoryVersion):
            connection.execute(delete(table).where(table.story_id == 2))
        connection.execute(delete(Story).where(Story.id == 2))
    report = await shelf.again()
    assert (report.totals.new, report.totals.failed) == (1, 0)
    titles = {row[1] for row in shelf.rows(Story.id, Story.title)}
    assert titles == {"Sea wall of ada & more", "Sea wall of bea & more"}


async def test_without_its_source_a_text_stays(shelf: Shelf) -> None:
    """A page whose bytes are lost and an entry that nobody kept are failures with their reasons."""
    shelf.age()
    with write_transaction(shelf.engine) as connection:
        connection.execute(update(StoryVersion).where(StoryVersion.source == "feed").values(raw_entry=None))
        page = connection.scalars(select(RawBlob.digest).where(RawBlob.kind == "page")).one()
    (shelf.settings.home / "raw" / page[:2] / f"{page}.zst").unlink()
    report = await shelf.again()
    assert (report.totals.failed, report.pages.failed) == (2, 1)
    assert "has no source of its own" in (report.feeds[0].reason or "")
    assert {row[1] for row in shelf.rows(StoryVersion.id, StoryVersion.text)} == {"An older text."}


async def test_the_same_text_is_labelled_again_by_newer_topics(shelf: Shelf) -> None:
    """A judgement of other topics is joined by today's, which the story then shows; nothing counts as replaced."""
    with write_transaction(shelf.engine) as connection:
        connection.execute(update(ClassificationRow).values(classifier_version="older"))
    before = {row[1] for row in shelf.rows(Story.id, Story.classification_id)}
    report = await shelf.again()
    assert (report.totals.updated, report.pages.completed) == (2, 1)
    assert not before & {row[1] for row in shelf.rows(Story.id, Story.classification_id)}
    assert {row[1] for row in shelf.rows(StoryVersion.id, StoryVersion.replaced_hash)} == {None}
