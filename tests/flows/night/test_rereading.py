"""Better code makes no revision of its own: old sources are read again before two texts are compared."""

import os
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, select, update

from flows.night.desk import Desk
from flows.night.feed import _load as load_feed
from flows.night.loading import Visit
from flows.night.night import Night
from flows.night.pages import PageCall, process_page
from flows.night.pages import _load as load_page
from flows.night.plan import PageLimits, Plan
from flows.night.reading import Document, read_document
from flows.night.rereading import read_again
from flows.night.work import prepare, read_page
from flows.night.workers import Workers
from flows.steps.clean import content_hash
from flows.steps.fetch import Fetcher, FetchLimits
from models._keys import table_of
from models.archive.feeds import load_memories, sync_topics
from models.archive.pages import due_pages
from models.database import reading, writing
from models.raw_store import RawStore
from models.reports import FeedReport
from models.stages import FetchResult, Gate, Heading, Taxonomy, Topic
from models.tables import Sighting, Story, StoryVersion
from tests.builders import NOON, Archive
from tests.site.behaviours import answer
from tests.site.server import Site

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
async def night(engine: Engine, tmp_path: Path) -> AsyncIterator[Night]:
    """Give a night in which one feed is read and its entries' pages are followed."""
    with writing(engine) as connection:
        archive = Archive(connection)
        sync_topics(connection, TAXONOMY)
        spec = archive.feed(full_text=True)
        run_id = archive.begin()
        memories = load_memories(connection)
    plan = Plan(
        run_id=run_id,
        mode="run",
        started_at=NOON,
        night=frozenset({run_id}),
        specs=(spec,),
        memories=memories,
        is_whole=True,
        pages=PageLimits(per_night=10, per_host=10),
        second_pass_delay_s=0.0,
    )
    desk = Desk(engine, RawStore(tmp_path / "raw", tmp_path / "tmp"), lambda: NOON)
    async with (
        Workers(prepare, TAXONOMY, processes=1) as workers,
        Fetcher(FetchLimits(), clock=lambda: NOON) as fetcher,
    ):
        yield Night(desk, fetcher, workers, plan)
    desk.close()


async def _show(night: Night, text: str, more: str = "", link: str = LINK) -> FeedReport:
    """Let the feed show one entry, in a run of its own."""
    await _next_run(night)
    spec = night.plan.specs[0]
    body = FEED.format(items=ITEM.format(link=link, text=text, more=more)).encode()
    document = Document(body=body, content_type="application/rss+xml", url=spec.url)
    result = FetchResult(url=spec.url, final_url=spec.url, status=200, body=body)
    visit = Visit(spec=spec, memory=night.plan.memories[spec.id], result=result, is_conditional=False)
    return await load_feed(night, visit, await read_document(night, spec, document))


async def _open_page(night: Night, paragraphs: str) -> str:
    """Let the story's page answer, in a run of its own; return the outcome."""
    await _next_run(night)
    body = PAGE.format(paragraphs=paragraphs).encode()
    digest = night.desk.raw.put(body)
    with writing(night.desk.engine) as connection:
        connection.execute(update(table_of(Story)).values(page_due_at=NOON))
        page = due_pages(connection, NOON)[0]
    text = await night.workers.call(read_page, body, LINK, "text/html", Heading(title="Sea rises"), timeout_s=10.0)
    result = FetchResult(url=LINK, final_url=LINK, status=200, body=body, digest=digest, content_type="text/html")
    return await load_page(night, PageCall(page=page, result=result, text=text))


async def _next_run(night: Night) -> None:
    with writing(night.desk.engine) as connection:
        run_id = Archive(connection).begin()
    night.plan = replace(night.plan, run_id=run_id, night=frozenset({run_id}))


def _grow_old(night: Night) -> None:
    """Make what is there the work of older code, which found another text."""
    with writing(night.desk.engine) as connection:
        connection.execute(update(table_of(StoryVersion)).values(extractor_version="0.1", content_hash="old"))
        connection.execute(update(table_of(Story)).values(content_hash="old"))
        connection.execute(update(table_of(Sighting)).values(content_hash="old"))


def _reasons(night: Night) -> list[str]:
    with reading(night.desk.engine) as connection:
        return list(connection.scalars(select(StoryVersion.reason).order_by(StoryVersion.number)))


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        pytest.param(TEXT, ["first"], id="the same text is no revision"),
        pytest.param(TEXT + " By 2050.", ["first", "revised"], id="another text is"),
    ],
)
async def test_an_entry_is_compared_with_what_today_s_code_finds(night: Night, text: str, reasons: list[str]) -> None:
    """Its old source was kept with its version."""
    await _show(night, TEXT)
    _grow_old(night)
    report = await _show(night, text, more="<category>sea</category>")
    assert _reasons(night) == reasons
    assert report.counts.updated == len(reasons) - 1


@pytest.mark.parametrize(
    ("more", "outcome"),
    [
        pytest.param("<!-- served by 7 -->", "unchanged", id="the same text is no revision"),
        pytest.param(f"<p>{TEXT} By 2050.</p>", "revised", id="another text is"),
    ],
)
async def test_a_page_is_compared_with_what_today_s_code_finds(night: Night, more: str, outcome: str) -> None:
    """Its old bytes were kept as they made a version."""
    paragraphs = "".join(f"<p>{TEXT} It has been seen {times} times.</p>" for times in range(9))
    await _show(night, TEXT)
    assert await _open_page(night, paragraphs) == "completed"
    _grow_old(night)
    assert await _open_page(night, paragraphs + more) == outcome


async def test_a_page_s_story_may_get_another_title_while_the_page_is_read(night: Night) -> None:
    """Its text is kept under the title that the story has by then, so that no later check finds a revision."""
    paragraphs = "".join(f"<p>{TEXT} It has been seen {times} times.</p>" for times in range(9))
    await _show(night, TEXT)
    with writing(night.desk.engine) as connection:
        Archive(connection).alter(1, title="The sea rises faster")
    assert await _open_page(night, paragraphs) == "completed"
    with reading(night.desk.engine) as connection:
        kept = connection.execute(select(StoryVersion).where(StoryVersion.source == "page")).one()
    assert kept.content_hash == content_hash("The sea rises faster", kept.text)
    assert await _open_page(night, paragraphs + "<!-- served by 7 -->") == "unchanged"


class Renaming(Workers):
    """Processes of which the first reading sees the story get another title, and the next ones end."""

    engine: Engine
    has_read = False

    async def call(self, function: Callable[..., Any], *arguments: object, timeout_s: float) -> Any:
        """Call as any workers do."""
        if self.has_read:
            return await super().call(os._exit, 1, timeout_s=timeout_s)
        self.has_read = True
        read = await super().call(function, *arguments, timeout_s=timeout_s)
        with writing(self.engine) as connection:
            Archive(connection).alter(1, title="The sea rises faster")
        return read


async def test_a_page_that_cannot_be_read_again_is_a_failure_of_its_own(night: Night, site: Site) -> None:
    """Where the second reading, under the new title, ends its process, that is recorded, and the night goes on."""
    body = PAGE.format(paragraphs=f"<p>{TEXT}</p>" * 9).encode()
    link = site.serve("/sea", answer(200, body, {"Content-Type": "text/html"}))
    await _show(night, TEXT, link=link)
    with writing(night.desk.engine) as connection:
        connection.execute(update(table_of(Story)).values(page_due_at=NOON))
        page = due_pages(connection, NOON)[0]
    limits = FetchLimits(allow_private=frozenset({site.address}))
    async with (
        Renaming(prepare, TAXONOMY, processes=1) as night.workers,
        Fetcher(limits, clock=lambda: NOON) as night.fetcher,
    ):
        night.workers.engine = night.desk.engine
        assert await process_page(night, page) == "failed"
    with reading(night.desk.engine) as connection:
        told = connection.execute(select(table_of(Story).c.page_reason)).scalar_one()
    assert told == "_exit ended its process (1)"


class Overtaken(RawStore):
    """A store during whose first reading another run keeps one more version, by older code too."""

    engine: Engine
    is_quiet = False

    def get(self, digest: str) -> bytes:
        """Return a body as any store does."""
        if not self.is_quiet:
            self.is_quiet = True
            with writing(self.engine) as connection:
                _add_old_version(connection)
        return super().get(digest)


def _add_old_version(connection: Connection) -> None:
    """Copy the story's present version as one of another run, and make it the present one."""
    versions = table_of(StoryVersion)
    present = connection.execute(select(versions).order_by(versions.c.number.desc()).limit(1)).one()
    other = {"id": present.id + 1, "number": present.number + 1, "run_id": Archive(connection).begin()}
    connection.execute(insert(versions).values(present._asdict() | other | {"reason": "revised", "content_hash": "x"}))
    connection.execute(update(table_of(Story)).values(version_id=present.id + 1, content_hash="x", revisions=1))


async def test_a_page_s_story_may_be_overtaken_while_its_source_is_read_again(night: Night, tmp_path: Path) -> None:
    """Where the version that is compared is another one by now, that one is read again too."""
    paragraphs = "".join(f"<p>{TEXT} It has been seen {times} times.</p>" for times in range(9))
    await _show(night, TEXT)
    await _open_page(night, paragraphs)
    _grow_old(night)
    night.desk.raw = store = Overtaken(tmp_path / "raw", tmp_path / "tmp")
    store.engine = night.desk.engine
    assert await _open_page(night, paragraphs + "<!-- served by 7 -->") == "unchanged"
    assert _reasons(night) == ["first", "completed", "revised"]


async def test_what_cannot_be_read_again_is_compared_as_it_was(night: Night) -> None:
    """A source that is lost, or never was kept, makes no error."""
    await _show(night, TEXT)
    paragraphs = "".join(f"<p>{TEXT} It has been seen {times} times.</p>" for times in range(9))
    await _open_page(night, paragraphs)
    with writing(night.desk.engine) as connection:
        digest = connection.execute(select(StoryVersion.raw_digest).where(StoryVersion.source == "page")).scalar_one()
        connection.execute(update(table_of(StoryVersion)).values(raw_entry=None))
    assert digest is not None  # its bytes were kept
    night.desk.raw.delete(digest)
    assert await read_again(night, [1, 2, 99]) == {1: None, 2: None, 99: None}


async def test_a_feed_of_titles_alone_is_read(night: Night) -> None:
    """An entry without a text is an entry."""
    report = await _show(night, "")
    assert (report.counts.seen, report.counts.new) == (1, 1)
