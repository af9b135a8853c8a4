"""Copies are found within a night and at its end, by marks that were made where the texts were read."""

import asyncio
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

import pytest
from sqlalchemy import Engine

from flows.ingest.direct import DIRECT_RUNNER
from flows.ingest.passes import work_run
from flows.runs.context import RunContext
from flows.runs.derived import copies
from flows.runs.derived.copies import BATCH, compare_in_step
from flows.runs.opening import RunRequest, open_run
from models.copies import MarkedText
from models.reports import RunStatus
from models.storage.database import write_transaction
from tests.databases import on_both
from tests.flows.ingest.one_feed import Feed
from tests.flows.steps.test_copies import article, chinese, edited
from tests.nights import rows
from tests.site.behaviours import XML, answer

WRITTEN = [" ".join(article(1)), edited(article(1), 3), "".join(chinese(2)), " ".join(article(4)), "Too short to tell."]


@on_both
async def test_a_night_finds_the_same_copies_with_and_without_what_it_remembers(feed: Feed, engine: Engine) -> None:
    """Texts, authors and agencies as they come: the marks of the readers are those that the archive's texts have."""
    _serve(feed, 1, WRITTEN)
    async with open_run(feed.nights.settings, RunRequest(), feed.nights.world) as run:
        await work_run(run, DIRECT_RUNNER)
        assert run.marks.keys() == set(_marked(run, engine))
    remembered = _copies(engine)
    _serve(feed, 2, [f"Again: {text}" for text in WRITTEN])
    async with open_run(feed.nights.settings, RunRequest(), feed.nights.world) as run:
        await work_run(run, DIRECT_RUNNER)
        run.marks.clear()
    made = _copies(engine)[len(WRITTEN) :]
    assert (
        [row["agency"] for row in made] == [row["agency"] for row in remembered] == ["AP", "Reuters", "AP", "AP", "AP"]
    )
    assert [row["copied_from"] for row in remembered] == [None, 1, None, None, None]
    assert [row["copied_from"] for row in made] == [1, 2, 3, 4, None]


@on_both
async def test_stories_are_compared_before_their_night_is_over(feed: Feed, engine: Engine) -> None:
    """A batch is compared while feeds are read, what is left over at the end: with what came before it, too."""
    count = BATCH + 2
    texts = [*(" ".join(article(seed)) for seed in range(3)), *(f"Part {at} of the sea." for at in range(3, count - 1))]
    _serve(feed, 1, [*texts, edited(article(1), 3)])
    async with open_run(feed.nights.settings, RunRequest(), feed.nights.world) as run:
        await work_run(run, DIRECT_RUNNER)
        assert [row["story_id"] for row in _copies(engine)] == list(range(1, BATCH + 1))
    assert {row["story_id"]: row["copied_from"] for row in _copies(engine) if row["copied_from"]} == {count: 2}
    assert len(_copies(engine)) == count


async def test_what_waits_is_compared_once(feed: Feed, engine: Engine) -> None:
    """Though two feeds find at the same time that enough waits."""
    _serve(feed, 1, WRITTEN)
    async with open_run(feed.nights.settings, RunRequest(), feed.nights.world) as run:
        await work_run(run, DIRECT_RUNNER)
        run.uncompared = 2 * BATCH
        await asyncio.gather(compare_in_step(run), compare_in_step(run))
        assert run.uncompared == BATCH


@on_both
async def test_what_fails_beside_a_night_is_made_good_at_its_end(
    feed: Feed, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log tells of it, and the run has no trouble to report."""
    _serve(feed, 1, WRITTEN)
    async with open_run(feed.nights.settings, RunRequest(), feed.nights.world) as run:
        await work_run(run, DIRECT_RUNNER)
        _rename(engine, "story_copies", "elsewhere")
        monkeypatch.setattr(copies, "BATCH", 2)
        run.uncompared = 2
        await compare_in_step(run)
        assert (run.uncompared, run.is_comparing) == (0, False)
        _rename(engine, "elsewhere", "story_copies")
    assert run.report is not None
    assert (run.report.status, run.report.reason) == (RunStatus.COMPLETED, None)
    assert len(_copies(engine)) == len(WRITTEN)


def _rename(engine: Engine, name: str, other: str) -> None:
    with write_transaction(engine) as connection:
        connection.exec_driver_sql(f"ALTER TABLE {name} RENAME TO {other}")


def _serve(feed: Feed, night: int, texts: Sequence[str]) -> None:
    items = "".join(
        f"<item><title>Climate change and the sea, {night}.{at}</title><link>{feed.site.url(f'/{night}/{at}')}</link>"
        f"<author>desk@example.org (Ada Lind, Associated Press)</author>"
        f"<pubDate>Thu, 19 Nov 2026 0{night}:{at // 60:02}:{at % 60:02} GMT</pubDate>"
        f"<description>{escape(text)}</description></item>"
        for at, text in enumerate(texts)
    )
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{items}</channel></rss>'
    feed.serve(answer(200, body.encode(), XML))


def _marked(run: RunContext, engine: Engine) -> Sequence[MarkedText]:
    texts = {row["story_id"]: row["text"] for row in rows(engine, "story_versions")}
    return [MarkedText.of(texts[row["id"]], tuple(row["authors"])) for row in rows(engine, "stories")]


def _copies(engine: Engine) -> list[dict[str, Any]]:
    return rows(engine, "story_copies")
