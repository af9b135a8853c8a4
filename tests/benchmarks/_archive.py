"""Documents ready to be loaded, and a night that loads them: its transactions alone, without network or workers."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct
from sqlalchemy import Engine

from config.topics import load_topics
from flows.ingest.loading import FeedVisit, write_reading
from flows.ingest.reading import Reading, SourceDocument, look_back
from flows.ingest.settling import Lack
from flows.runs.context import PIPELINE_VERSION, RunContext
from flows.runs.plan import PageLimits, RunPlan
from flows.runs.session import ArchiveSession
from flows.steps.fetch import Fetcher, FetchLimits
from flows.workers.jobs import clean_entries, judge_texts, parse_document, prepare
from flows.workers.pool import JobPool
from models.archive.ledger.feeds import load_memories, sync_feeds, sync_topics
from models.archive.ledger.runs import NewRun, start_run
from models.identity import Item
from models.migrations.migrate import upgrade
from models.stages import ClassifiedStory, CleanStory, FeedSpec, FetchResult, Heading, ParsedFeed, Relevance, Source
from models.storage.database import create_database_engine, read_transaction, write_transaction
from models.storage.raw_store import RawStore
from tests.benchmarks.material import make_feed

FEEDS, ENTRIES = 200, 25
STORIES = FEEDS * ENTRIES
_CONTENT_TYPE = "application/rss+xml"
_NOW = datetime(2026, 7, 15, 4, 15, tzinfo=UTC)


class _Read(Struct, frozen=True, kw_only=True):
    """A document of a feed, parsed, and its entries' texts in their order."""

    spec: FeedSpec
    body: bytes
    digest: str
    parsed: ParsedFeed
    texts: tuple[ClassifiedStory, ...]


def migrate(url: str) -> None:
    """Make the tables of an archive."""
    with closing_engine(url) as engine:
        upgrade(engine)


@contextmanager
def closing_engine(url: str) -> Iterator[Engine]:
    """Open an engine for as long as the context lasts."""
    engine = create_database_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def night_at(engine: Engine) -> Iterator[RunContext]:
    """Begin a run over the benchmark's feeds, in a folder of its own for documents, which are kept there already."""
    with TemporaryDirectory() as folder:
        raw = RawStore(Path(folder) / "raw", Path(folder) / "tmp")
        for edition in (1, 2):
            for one in _documents(edition):
                raw.put(one.body)
        with closing(ArchiveSession(engine, raw, lambda: _NOW)) as session:
            yield RunContext(session, Fetcher(FetchLimits(), clock=session.clock), JobPool(), _plan(engine))


def readings(edition: int) -> list[tuple[FeedSpec, Reading]]:
    """Return every document with the texts of all its entries."""
    return [(one.spec, _reading(one, frozenset())) for one in _documents(edition)]


def prefiltered(run: RunContext, edition: int) -> Iterator[tuple[FeedSpec, Reading]]:
    """Return the documents as a night reads them, asking first which entries it has seen before."""
    for one in _documents(edition):
        digests = [entry.digest for entry in one.parsed.entries]
        with read_transaction(run.session.engine) as connection:
            known, _ = look_back(connection, one.spec.id, digests)
        yield one.spec, _reading(one, known)


def load(run: RunContext, documents: Iterable[tuple[FeedSpec, Reading]]) -> None:
    """Write documents, one transaction each."""
    for spec, read in documents:
        result = FetchResult(
            url=spec.url,
            final_url=spec.url,
            status=200,
            content_type=_CONTENT_TYPE,
            body=read.document.body,
            digest=read.digest,
            size_bytes=len(read.document.body),
        )
        visit = FeedVisit(spec=spec, memory=run.plan.memories[spec.id], result=result, is_conditional=False)
        with write_transaction(run.session.engine) as connection:
            written = write_reading(connection, read, run.context(spec), run.session.raw, visit)
        assert not isinstance(written, Lack)  # nothing else writes


def _reading(one: _Read, known: frozenset[str]) -> Reading:
    items = tuple(
        Item(entry=entry) if entry.digest in known else Item(entry=entry, text=text.story, classified=text)
        for entry, text in zip(one.parsed.entries, one.texts, strict=True)
    )
    document = SourceDocument(body=one.body, content_type=_CONTENT_TYPE, url=one.spec.url)
    return Reading(document=document, digest=one.digest, parsed=one.parsed, items=items, failures=())


def _plan(engine: Engine) -> RunPlan:
    specs = [one.spec for one in _documents(1)]
    with write_transaction(engine) as connection:
        sync_feeds(connection, specs, _NOW)
        sync_topics(connection, load_topics(None))
        run_id = start_run(connection, NewRun(mode="run", started_by="hand", code_version=PIPELINE_VERSION), _NOW)
        memories = load_memories(connection)
    return RunPlan(
        run_id=run_id,
        mode="run",
        started_at=_NOW,
        run_ids=frozenset({run_id}),
        specs=specs,
        memories=memories,
        is_whole=True,
        pages=PageLimits(per_night=0, per_host=0),
        second_pass_delay_s=0.0,
    )


@cache
def _documents(edition: int) -> list[_Read]:
    prepare(load_topics(None))
    return [_document(number, edition) for number in range(FEEDS)]


def _document(number: int, edition: int) -> _Read:
    home = f"https://feed-{number}.example"
    spec = FeedSpec(id=f"feed-{number}", name=home, url=home, position=number, relevance=Relevance.ASSUME)
    body = make_feed(number, ENTRIES, home, edition=edition)
    parsed = parse_document(body, _CONTENT_TYPE, home)
    cleaned = clean_entries(parsed.entries, "en", Source.FEED)
    stories = [(entry, one) for entry, one in zip(parsed.entries, cleaned, strict=True) if isinstance(one, CleanStory)]
    texts = judge_texts([(one, Heading(title=one.title, tags=one.tags, url=entry.url)) for entry, one in stories])
    return _Read(
        spec=spec,
        body=body,
        digest=hashlib.sha256(body).hexdigest(),
        parsed=parsed,
        texts=tuple(texts),
    )
