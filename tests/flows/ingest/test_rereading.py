"""Better code makes no revision of its own: old sources are read again before two texts are compared."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection, Engine, insert, select, update

from flows.ingest.feed import _load as load_feed
from flows.ingest.loading import FeedVisit
from flows.ingest.pages import PageCall, process_page
from flows.ingest.pages import _load as load_page
from flows.ingest.reading import SourceDocument, read_document
from flows.ingest.rereading import read_again
from flows.runs.context import RunContext
from flows.runs.plan import PageLimits, RunPlan
from flows.runs.session import ArchiveSession
from flows.steps.clean import content_hash
from flows.steps.fetch import Fetcher, FetchLimits
from flows.workers.jobs import prepare, read_page
from flows.workers.pool import JobPool
from models.archive.ledger.feeds import load_memories, sync_topics
from models.archive.pages import due_pages
from models.reports import FeedReport
from models.stages import FetchResult, Gate, Heading, Taxonomy, Topic
from models.storage.database import read_transaction, write_transaction
from models.storage.raw_store import RawStore
from models.tables.keys import table_of
from models.tables.stories import Sighting, Story, StoryVersion
from tests.builders import NOON, Archive
from tests.processes import end_at_once
from tests.site.behaviours import answer
from tests.site.server import Site
from tests.worker_processes import SharedPools

LINK = "https://one.example/sea"
ITEM = "<item><title>Sea rises</title><link>{link}</link><description>{text}</description>{more}</item>"
FEED = '<rss version="2.0"><channel><title>One</title>{items}</channel></rss>'
TEXT = "The sea level rises, and the coast with its towns must move."
PAGE = (
    "<html><head><title>Sea rises</title></head><body><article><h1>Sea rises</h1>{paragraphs}</article></body></html>"
)
TAXONOMY = Taxonomy(
    version=1,
    digest="x",
    topics=(Topic(id="general", name="General", definition="", terms=()),),
    gate=Gate(threshold=1.0, terms=(), negatives=()),
)


@pytest.fixture
async def run(engine: Engine, tmp_path: Path, worker_processes: SharedPools) -> AsyncIterator[RunContext]:
    """Give a night in which one feed is read and its entries' pages are followed."""
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        sync_topics(connection, TAXONOMY)
        spec = archive.feed(full_text=True)
        run_id = archive.begin()
        memories = load_memories(connection)
    plan = RunPlan(
        run_id=run_id,
        mode="run",
        started_at=NOON,
        run_ids=frozenset({run_id}),
        specs=(spec,),
        memories=memories,
        is_whole=True,
        pages=PageLimits(per_night=10, per_host=10),
        second_pass_delay_s=0.0,
    )
    session = ArchiveSession(engine, RawStore(tmp_path / "raw", tmp_path / "tmp"), lambda: NOON)
    async with (
        worker_processes.lend(prepare, TAXONOMY) as workers,
        Fetcher(FetchLimits(), clock=lambda: NOON) as fetcher,
    ):
        yield RunContext(session, fetcher, workers, plan)
    session.close()


async def _show(run: RunContext, text: str, more: str = "", link: str = LINK) -> FeedReport:
    """Let the feed show one entry, in a run of its own."""
    await _next_run(run)
    spec = run.plan.specs[0]
    body = FEED.format(items=ITEM.format(link=link, text=text, more=more)).encode()
    document = SourceDocument(body=body, content_type="application/rss+xml", url=spec.url)
    result = FetchResult(url=spec.url, final_url=spec.url, status=200, body=body)
    visit = FeedVisit(spec=spec, memory=run.plan.memories[spec.id], result=result, is_conditional=False)
    return await load_feed(run, visit, await read_document(run, spec, document))


async def _open_page(run: RunContext, paragraphs: str) -> str:
    """Let the story's page answer, in a run of its own; return the outcome."""
    await _next_run(run)
    body = PAGE.format(paragraphs=paragraphs).encode()
    digest = run.session.raw.put(body)
    with write_transaction(run.session.engine) as connection:
        connection.execute(update(table_of(Story)).values(page_due_at=NOON))
        page = due_pages(connection, NOON)[0]
    text = await run.workers.call(read_page, body, LINK, "text/html", Heading(title="Sea rises"), timeout_s=10.0)
    result = FetchResult(url=LINK, final_url=LINK, status=200, body=body, digest=digest, content_type="text/html")
    return await load_page(run, PageCall(page=page, result=result, text=text))


async def _next_run(run: RunContext) -> None:
    with write_transaction(run.session.engine) as connection:
        run_id = Archive(connection).begin()
    run.plan = replace(run.plan, run_id=run_id, run_ids=frozenset({run_id}))


def _grow_old(run: RunContext) -> None:
    """Make what is there the work of older code, which found another text."""
    with write_transaction(run.session.engine) as connection:
        connection.execute(update(table_of(StoryVersion)).values(extractor_version="0.1", content_hash="old"))
        connection.execute(update(table_of(Story)).values(content_hash="old"))
        connection.execute(update(table_of(Sighting)).values(content_hash="old"))


def _reasons(run: RunContext) -> list[str]:
    with read_transaction(run.session.engine) as connection:
        return list(connection.scalars(select(StoryVersion.reason).order_by(StoryVersion.number)))


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        pytest.param(TEXT, ["first"], id="the same text is no revision"),
        pytest.param(TEXT + " By 2050.", ["first", "revised"], id="another text is"),
    ],
)
async def test_an_entry_is_compared_with_what_today_code_finds(run: RunContext, text: str, reasons: list[str]) -> None:
    """Its old source was kept with its version."""
    await _show(run, TEXT)
    _grow_old(run)
    report = await _show(run, text, more="<category>sea</category>")
    assert _reasons(run) == reasons
    assert report.counts.updated == len(reasons) - 1


@pytest.mark.parametrize(
    ("more", "outcome"),
    [
        pytest.param("<!-- served by 7 -->", "unchanged", id="the same text is no revision"),
        pytest.param(f"<p>{TEXT} By 2050.</p>", "revised", id="another text is"),
    ],
)
async def test_a_page_is_compared_with_what_today_code_finds(run: RunContext, more: str, outcome: str) -> None:
    """Its old bytes were kept as they made a version."""
    paragraphs = "".join(f"<p>{TEXT} It has been seen {times} times.</p>" for times in range(9))
    await _show(run, TEXT)
    assert await _open_page(run, paragraphs) == "completed"
    _grow_old(run)
    assert await _open_page(run, paragraphs + more) == outcome


async def test_a_page_story_may_get_another_title_while_the_page_is_read(run: RunContext) -> None:
    """Its text is kept under the title that the story has by then, so that no later check finds a revision."""
    paragraphs = "".join(f"<p>{TEXT} It has been seen {times} times.</p>" for times in range(9))
    await _show(run, TEXT)
    with write_transaction(run.session.engine) as connection:
        Archive(connection).alter(1, title="The sea rises faster")
    assert await _open_page(run, paragraphs) == "completed"
    with read_transaction(run.session.engine) as connection:
        kept = connection.execute(select(StoryVersion).where(StoryVersion.source == "page")).one()
    assert kept.content_hash == content_hash("The sea rises faster", kept.text)
    assert await _open_page(run, paragraphs + "<!-- served by 7 -->") == "unchanged"


class Renaming(JobPool):
    """Processes of which the first reading sees the story get another title, and the next ones end."""

    engine: Engine
    has_read = False

    async def call(self, function: Callable[..., Any], *arguments: object, timeout_s: float) -> Any:
        """Call as any workers do."""
        if self.has_read:
            return await super().call(end_at_once, 1, timeout_s=timeout_s)
        self.has_read = True
        read = await super().call(function, *arguments, timeout_s=timeout_s)
        with write_transaction(self.engine) as connection:
            Archive(connection).alter(1, title="The sea rises faster")
        return read


async def test_a_page_that_cannot_be_read_again_is_a_failure_of_its_own(run: RunContext, site: Site) -> None:
    """Where the second reading, under the new title, ends its process, that is recorded, and the night goes on."""
    body = PAGE.format(paragraphs=f"<p>{TEXT}</p>" * 9).encode()
    link = site.serve("/sea", answer(200, body, {"Content-Type": "text/html"}))
    await _show(run, TEXT, link=link)
    with write_transaction(run.session.engine) as connection:
        connection.execute(update(table_of(Story)).values(page_due_at=NOON, url=link))
        page = due_pages(connection, NOON)[0]
    limits = FetchLimits(allow_private=frozenset({site.address}))
    async with (
        Renaming(prepare, TAXONOMY, processes=1) as run.workers,
        Fetcher(limits, clock=lambda: NOON) as run.fetcher,
    ):
        run.workers.engine = run.session.engine
        assert await process_page(run, page) == "failed"
    with read_transaction(run.session.engine) as connection:
        told = connection.execute(select(table_of(Story).c.page_reason)).scalar_one()
    assert told == "end_at_once ended its process (1)"


class Overtaken(RawStore):
    """A store during whose first reading another run keeps one more version, by older code too."""

    engine: Engine
    is_quiet = False

    def get(self, digest: str) -> bytes:
        """Return a body as any store does."""
        if not self.is_quiet:
            self.is_quiet = True
            with write_transaction(self.engine) as connection:
                _add_old_version(connection)
        return super().get(digest)


def _add_old_version(connection: Connection) -> None:
    """Copy the story's present version as one of another run, and make it the present one."""
    versions = table_of(StoryVersion)
    present = connection.execute(select(versions).order_by(versions.c.number.desc()).limit(1)).one()
    other = {"id": present.id + 1, "number": present.number + 1, "run_id": Archive(connection).begin()}
    connection.execute(insert(versions).values(present._asdict() | other | {"reason": "revised", "content_hash": "x"}))
    connection.execute(update(table_of(Story)).values(version_id=present.id + 1, content_hash="x", revisions=1))


async def test_a_page_story_may_be_overtaken_while_its_source_is_read_again(run: RunContext, tmp_path: Path) -> None:
    """Where the version that is compared is another one by now, that one is read again too."""
    paragraphs = "".join(f"<p>{TEXT} It has been seen {times} times.</p>" for times in range(9))
    await _show(run, TEXT)
    await _open_page(run, paragraphs)
    _grow_old(run)
    run.session.raw = store = Overtaken(tmp_path / "raw", tmp_path / "tmp")
    store.engine = run.session.engine
    assert await _open_page(run, paragraphs + "<!-- served by 7 -->") == "unchanged"
    assert _reasons(run) == ["first", "completed", "revised"]


async def test_what_cannot_be_read_again_is_compared_as_it_was(run: RunContext) -> None:
    """A source that is lost, or never was kept, makes no error."""
    await _show(run, TEXT)
    paragraphs = "".join(f"<p>{TEXT} It has been seen {times} times.</p>" for times in range(9))
    await _open_page(run, paragraphs)
    with write_transaction(run.session.engine) as connection:
        digest = connection.execute(select(StoryVersion.raw_digest).where(StoryVersion.source == "page")).scalar_one()
        connection.execute(update(table_of(StoryVersion)).values(raw_entry=None))
    assert digest is not None  # its bytes were kept
    run.session.raw.delete(digest)
    assert await read_again(run, [1, 2, 99]) == {1: None, 2: None, 99: None}


async def test_a_feed_of_titles_alone_is_read(run: RunContext) -> None:
    """An entry without a text is an entry."""
    report = await _show(run, "")
    assert (report.counts.seen, report.counts.new) == (1, 1)
