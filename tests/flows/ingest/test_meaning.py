"""In the load the first reader labels alone; at its end a run has the second read what waits, as long as it may."""

import asyncio
import math
import pickle
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine

from config.settings import MeaningSettings
from config.topics import load_topics, read_topics
from flows.ingest.direct import DIRECT_RUNNER
from flows.ingest.passes import work_run
from flows.runs.context import RunContext
from flows.runs.derived import meaning
from flows.runs.derived.meaning import LEAST, PATIENCE
from flows.runs.opening import RunRequest, open_run
from flows.steps._labelling.encoder import DIMENSIONS, encoder_version
from flows.steps.classify import Classifier
from flows.workers.meaning import prepare_to_read
from flows.workers.pool import JobPool
from models.learnt import UNREAD
from models.queries.ledger.checks import audit
from models.reports import MeaningCounts, RunStatus
from models.storage.database import read_transaction
from models.waiting import count_waiting
from tests.databases import on_both
from tests.nights import Clock, Nights, rows
from tests.processes import end_at_once
from tests.site.behaviours import XML, answer
from tests.site.server import Site

TITLES = ("Der Fluss überschwemmte das Dorf", "Ice on the pole is thinner than ever", "La sequía vacía los embalses")
ALL = MeaningSettings(share=math.inf)
FEED = '<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{}</channel></rss>'
ITEM = "<item><guid>{0}</guid><title>{1}</title><description>{1}.</description></item>"
needs_meaning = pytest.mark.skipif(encoder_version() is None, reason="the extra [meaning] is not installed")


@pytest.fixture
def news(nights: Nights, site: Site) -> Nights:
    """Give nights over a feed of three stories, in three languages."""
    items = "".join(ITEM.format(at, title) for at, title in enumerate(TITLES))
    site.serve("/feed", answer(200, FEED.format(items).encode(), XML))
    nights.feeds = [{"id": "one", "name": "one", "url": site.url("/feed"), "relevance": "gate", "full_text": False}]
    nights.meaning = MeaningSettings()
    return nights


def waiting(engine: Engine) -> int:
    """Count the stories that wait."""
    with read_transaction(engine) as connection:
        return count_waiting(connection)


def current(engine: Engine) -> dict[str, dict[str, Any]]:
    """Return the current labels of every story, by title."""
    labels = {row["id"]: row for row in rows(engine, "classifications")}
    return {row["title"]: labels[row["classification_id"]] for row in rows(engine, "stories")}


def versions(engine: Engine) -> set[bool]:
    """Tell of which kinds the current labels are: unread or not."""
    return {row["classifier_version"].endswith(UNREAD) for row in current(engine).values()}


@needs_meaning
@on_both
async def test_a_night_with_time_reads_all_that_waits(news: Nights, engine: Engine) -> None:
    """Its labels are to the last digit what `classify` says, its vectors are there, and the ledger adds up."""
    news.meaning = ALL
    report = await news.run()
    assert report.meaning.read == len(TITLES)
    classifier = Classifier(load_topics())
    vectors = {row["story_id"]: row for row in rows(engine, "story_vectors")}
    for story in rows(engine, "stories"):
        (version,) = (row for row in rows(engine, "story_versions") if row["id"] == story["version_id"])
        found = classifier.classify(story["title"], version["text"], feed_topics=story["tags"], url=story["url"])
        kept = current(engine)[story["title"]]
        names = ("relevance", "is_relevant", "needs_review", "classifier_version")
        assert {name: kept[name] for name in names} == {name: getattr(found, name) for name in names}
        topics = [row for row in rows(engine, "story_topics") if row["classification_id"] == kept["id"]]
        assert sorted((row["topic_id"], row["score"]) for row in topics) == sorted(
            (one.id, one.score) for one in found.topics
        )
        assert any(one["kind"] == "meaning" for one in kept["evidence"])
        if story["relevant_at"] is not None:
            assert (vectors[story["id"]]["vector"], vectors[story["id"]]["encoder"]) == (found.vector, found.encoder)
    assert {len(row["vector"]) for row in vectors.values()} == {2 * DIMENSIONS}
    assert (waiting(engine), rows(engine, "vector_queue"), rows(engine, "search_queue")) == (0, [], [])
    assert len(rows(engine, "classifications")) == len(TITLES)
    with read_transaction(engine) as connection:
        assert audit(connection).findings == ()


async def test_the_load_reads_no_meaning(news: Nights, engine: Engine) -> None:
    """A quick night begins no reading: what waits says so in its labels, and the report how many."""
    report = await news.run()
    if encoder_version() is None:
        assert (report.meaning, versions(engine)) == (MeaningCounts(), {False})
    else:
        assert (report.meaning, versions(engine)) == (MeaningCounts(waiting=len(TITLES)), {True})
        assert waiting(engine) == len(TITLES)
    assert rows(engine, "story_vectors") == []


@needs_meaning
async def test_what_has_waited_for_half_a_day_is_read_by_a_quick_night_too(news: Nights, engine: Engine) -> None:
    """A night that brings nothing and is over at once; what it admits is in that night's news."""
    await news.run()
    report = await news.after(days=PATIENCE.total_seconds() / 86_400)
    assert (report.meaning.read, waiting(engine), versions(engine)) == (len(TITLES), 0, {False})
    assert report.meaning.admitted == sum(row["relevant_run_id"] == 2 for row in rows(engine, "stories")) > 0
    with read_transaction(engine) as connection:
        assert audit(connection).findings == ()


async def test_without_the_second_reader_vectors_are_made_all_the_same(news: Nights, engine: Engine) -> None:
    """The first stands alone, whose labels say so."""
    news.feeds[0]["relevance"] = "assume"
    news.meaning = MeaningSettings(second_reader=False, share=math.inf)
    await news.run()
    assert all("alone" in row["classifier_version"] for row in current(engine).values())
    if encoder_version() is not None:
        assert (len(rows(engine, "story_vectors")), waiting(engine)) == (len(TITLES), 0)


async def test_without_the_encoder_stories_wait_for_it(
    news: Nights, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is lost by it."""
    news.feeds[0]["relevance"] = "assume"
    news.meaning = ALL
    monkeypatch.setattr(meaning, "encoder_version", lambda: None)
    report = await news.run()
    assert (report.meaning, rows(engine, "story_vectors"), waiting(engine)) == (MeaningCounts(), [], len(TITLES))
    assert report.status is RunStatus.COMPLETED


@needs_meaning
async def test_a_rehearsal_reads_nothing(news: Nights, engine: Engine) -> None:
    """What it would have kept is not there to be read."""
    news.meaning = ALL
    report = await news.run(is_rehearsal=True)
    assert (report.meaning, rows(engine, "stories")) == (MeaningCounts(), [])
    news.meaning = MeaningSettings()
    await news.run()
    before = rows(engine, "classifications")
    news.clock.advance(days=1)
    await news.run(is_rehearsal=True)
    assert rows(engine, "classifications") == before


class Fragile(JobPool):
    """Processes that end when they are to read a certain story, be it among others."""

    async def call(self, function: Callable[..., Any], *arguments: Any, timeout_s: float) -> Any:
        """Call as any workers do."""
        if TITLES[1].encode() in pickle.dumps(arguments):
            return await super().call(end_at_once, 1, timeout_s=timeout_s)
        return await super().call(function, *arguments, timeout_s=timeout_s)


@asynccontextmanager
async def night_with(news: Nights, pool: type[JobPool], given: MeaningSettings = ALL) -> AsyncIterator[RunContext]:
    """Open a night with other workers for the second reader."""
    news.meaning = given
    async with open_run(news.settings, RunRequest(), news.world) as run:
        run.readers = partial(pool, prepare_to_read, read_topics(), ALL.readers, processes=1)
        yield run


@needs_meaning
async def test_a_story_that_takes_its_process_down_costs_itself_alone(
    news: Nights, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    """It keeps the first reader's labels and waits no more; the reason is said, the others are read."""
    async with night_with(news, Fragile) as run:
        await work_run(run, DIRECT_RUNNER)
    assert run.report is not None
    assert (run.report.meaning.read, run.report.meaning.failed) == (2, 1)
    assert run.report.status is RunStatus.COMPLETED
    unread = [title for title, row in current(engine).items() if row["classifier_version"].endswith(UNREAD)]
    assert unread == [TITLES[1]]
    assert waiting(engine) == 0
    assert "keeps its labels: end_at_once ended its process (1)" in caplog.text


class Slow(JobPool):
    """Processes that take more than half of the least time for each call."""

    clock = Clock()

    async def call(self, function: Callable[..., Any], *arguments: Any, timeout_s: float) -> Any:
        """Call as any workers do, and let time pass."""
        self.clock.advance(seconds=0.6 * LEAST.total_seconds())
        return await super().call(function, *arguments, timeout_s=timeout_s)


@needs_meaning
async def test_reading_ends_when_its_time_is_over(
    news: Nights, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest waits for another night, and the ledger says how many."""
    monkeypatch.setattr(meaning, "_ROUND", 1)
    monkeypatch.setattr(Slow, "clock", news.clock)
    monkeypatch.setattr(meaning, "FOR_THE_PATIENT", LEAST)
    async with night_with(news, Slow, MeaningSettings()) as run:
        await work_run(run, DIRECT_RUNNER)
        news.clock.advance(hours=12)
    assert run.report is not None
    assert run.report.meaning.read == 2
    assert run.report.meaning.waiting == waiting(engine) == len(TITLES) - 2
    assert run.report.status is RunStatus.COMPLETED
    told = rows(engine, "runs")[-1]["parameters"]["meaning"]
    assert MeaningCounts(**told) == run.report.meaning


class Stuck(JobPool):
    """Processes that read for ever, but for the first call."""

    calls = 0
    has_begun = asyncio.Event()

    async def call(self, function: Callable[..., Any], *arguments: Any, timeout_s: float) -> Any:
        """Call as any workers do, once."""
        type(self).calls += 1
        if self.calls == 1:
            return await super().call(function, *arguments, timeout_s=timeout_s)
        self.has_begun.set()
        return await asyncio.Event().wait()


@needs_meaning
@on_both
async def test_an_interrupted_reading_goes_on_in_the_next_run(
    news: Nights, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read is kept, with what came of it; the rest waits."""
    monkeypatch.setattr(meaning, "_ROUND", 1)

    async def night() -> None:
        async with night_with(news, Stuck) as run:
            await work_run(run, DIRECT_RUNNER)

    task = asyncio.create_task(night())
    await Stuck.has_begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    Stuck.calls, Stuck.has_begun = 0, asyncio.Event()
    assert [row["status"] for row in rows(engine, "runs")] == ["interrupted"]
    assert (waiting(engine), len(rows(engine, "classifications"))) == (len(TITLES) - 1, len(TITLES))
    report = await news.run()
    assert (report.meaning.read, waiting(engine), versions(engine)) == (len(TITLES) - 1, 0, {False})
    assert len(rows(engine, "classifications")) == len(TITLES)
    with read_transaction(engine) as connection:
        assert audit(connection).findings == ()
