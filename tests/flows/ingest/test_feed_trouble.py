"""A feed that holds what nobody foresaw: no characters, no wishes and no bug may cost more than that feed."""

import json
import pickle
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine

from config.topics import read_topics
from flows.ingest.direct import DIRECT_RUNNER
from flows.ingest.passes import work_run
from flows.runs.context import RunContext
from flows.runs.opening import RunRequest, fetch_limits, open_run
from flows.steps.fetch import Fetcher
from flows.workers.jobs import parse_document, prepare_for_archive
from flows.workers.pool import JobPool
from models.reports import FeedStatus, RunStatus
from models.stages import FetchResult
from tests.databases import on_one
from tests.flows.ingest.one_feed import Feed
from tests.nights import Nights, row_of, rows
from tests.processes import end_at_once
from tests.site.behaviours import (
    XML,
    answer,
    raw,
)


@pytest.mark.parametrize(
    "wish",
    ["Fri, 31 Dec 9999 23:59:59 -1200", "Mon, 01 Jan 0001 00:00:00 +1400", "9" * 40, "soon", "\x80\xff"],
    ids=["beyond the calendar", "before the calendar", "an age", "a word", "no text at all"],
)
@on_one
async def test_no_wish_is_a_bug(feed: Feed, wish: str) -> None:
    """Whatever Retry-After says, the feed failed by its own fault and is asked again within a week."""
    feed.serve(raw(f"HTTP/1.1 503 No\r\nRetry-After: {wish}\r\nContent-Length: 0\r\n\r\n".encode("latin-1")))
    row = await feed.night()
    assert (row.status, row.error) == (FeedStatus.FAILED, "TryLater")
    wait_until = feed.row["next_attempt_at"]
    assert wait_until is None or wait_until <= feed.nights.clock.now + timedelta(days=7)


async def test_hostile_characters_are_no_bug(feed: Feed) -> None:
    """What no database can hold is taken out on the way: NUL, half characters, bytes that are no text."""
    item = {
        "id": "a\0b",
        "url": feed.site.url("/a\ud800"),
        "title": "Climate\0 \ud800 change",
        "content_html": "<p>The sea \0\ud800 rises</p>",
        "tags": ["\udfff", "sea\0"],
        "authors": [{"name": "Ada\0\ud800"}],
        "date_published": "9999-12-31T23:59:59-23:00",
    }
    body = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "\0", "items": [item]}).encode()
    head = b'HTTP/1.1 200 \xff\r\nContent-Type: application/json; x=\xff\r\nETag: "\xff"\r\nX-Odd: \x80\r\n'
    feed.serve(raw(head + b"Content-Length: %d\r\n\r\n" % len(body) + body))
    row = await feed.night()
    assert (row.status, row.counts.new) == (FeedStatus.OK, 1)


class Stumbling(Fetcher):
    """A fetcher with bugs that show at two addresses: in the code itself, and when a request is written down."""

    async def fetch_feed(self, url: str, **options: Any) -> FetchResult:
        """Fail as code fails that did not foresee something."""
        if url.endswith("/feed"):
            raise ZeroDivisionError("nobody thought of this")
        result = await super().fetch_feed(url, **options)
        if url.endswith("/odd"):
            odd = replace(result.requests[0], url=object(), headers=((object(), ""),))
            return replace(result, content_type=object(), requests=(odd,))
        return result


async def test_a_bug_costs_one_feed(feed: Feed, engine: Engine) -> None:
    """It is `failed`, with its traceback in the ledger; the others are loaded, and the run says so."""
    feed.serve(answer())
    fine = feed.site.serve("/fine", answer())
    odd = feed.site.serve("/odd", answer())
    for name, url in (("odd", odd), ("fine", fine)):
        feed.nights.feeds.append({"id": name, "name": name, "url": url, "relevance": "assume"})
    async with stumbling(feed.nights) as run:
        await work_run(run, DIRECT_RUNNER)
    assert run.report is not None
    row = row_of(run.report, "feed")
    assert (row.status, row.error) == (FeedStatus.FAILED, "Bug")
    assert row.reason == "bug: ZeroDivisionError: nobody thought of this"
    assert row_of(run.report, "fine").counts.new == 1
    odd_row = row_of(run.report, "odd")
    assert (odd_row.status, odd_row.error, odd_row.attempts) == (FeedStatus.FAILED, "Bug", 1)
    assert [one["status"] for one in rows(engine, "fetches") if one["feed_id"] == "odd"] == [200]
    assert run.report.status is RunStatus.COMPLETED_WITH_ERRORS
    ledger = {one["feed_id"]: one["traceback"] for one in rows(engine, "feed_runs")}
    assert ledger["fine"] is None
    assert 'raise ZeroDivisionError("nobody thought of this")' in ledger["feed"]


class Fragile(JobPool):
    """Processes that end whenever they are to read a certain entry, be it among others."""

    async def call(self, function: Callable[..., Any], *arguments: Any, timeout_s: float) -> Any:
        """Call as any workers do."""
        if function is not parse_document and b"doomed" in pickle.dumps(arguments):
            return await super().call(end_at_once, 1, timeout_s=timeout_s)
        return await super().call(function, *arguments, timeout_s=timeout_s)


async def test_an_entry_that_takes_its_process_down_costs_itself_alone(feed: Feed, engine: Engine) -> None:
    """The first document of a feed is read in one call; where that falls, the guilty entry is found and named."""
    items = "".join(
        f"<item><title>{title}</title><link>{feed.site.url(f'/{title}')}</link><description>Sea.</description></item>"
        for title in ("one", "doomed", "three")
    )
    document = f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{items}</channel></rss>'
    feed.serve(answer(200, document.encode(), XML))
    told = (read_topics(), feed.nights.settings.meaning.readers, engine.dialect.name)
    async with open_run(feed.nights.settings, RunRequest(), feed.nights.world) as run:
        usual = run.workers
        async with Fragile(prepare_for_archive, *told, processes=1) as run.workers:
            await work_run(run, DIRECT_RUNNER)
        run.workers = usual
    assert run.report is not None
    counts = row_of(run.report, "feed").counts
    assert (counts.new, counts.failed) == (2, 1)
    (kept,) = rows(engine, "quarantine")
    assert (kept["stage"], kept["error"]) == ("clean", "WorkerKilled")
    assert kept["message"] == "end_at_once ended its process (1)"


@asynccontextmanager
async def stumbling(nights: Nights) -> AsyncIterator[RunContext]:
    """Open a night whose fetcher has a bug."""
    limits = fetch_limits(nights.settings.fetch)
    async with (
        open_run(nights.settings, RunRequest(), nights.world) as run,
        Stumbling(limits, clock=nights.clock, sleep=nights.clock.sleep) as fetcher,
    ):
        run.fetcher = fetcher
        yield run
