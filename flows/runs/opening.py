"""Open and close a run: the locks, the ledger's head, the workers and the client, the search index at the end."""

import asyncio
import contextlib
import difflib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from msgspec import Struct, field
from msgspec.structs import replace
from sqlalchemy import Connection, Engine

from config.feeds import load_feeds
from config.settings import FetchSettings, Settings
from config.topics import load_topics, read_topics
from flows.runs.context import PIPELINE_VERSION, RunContext
from flows.runs.database import make_folder, ready_engine
from flows.runs.in_progress import in_progress
from flows.runs.locks import archive_lock, run_lock
from flows.runs.plan import RunPlan, page_limits
from flows.runs.session import ArchiveSession, DryRunSession, utc_now
from flows.steps.fetch import Fetcher, FetchLimits
from flows.steps.versions import COPY_RULES
from flows.workers.jobs import prepare_for_archive, prepare_for_pages
from flows.workers.meaning import prepare_to_read
from flows.workers.pool import JobPool
from models.archive.ledger.documents import feeds_with_untried_failures
from models.archive.ledger.feeds import IMPORT_POSITION, ensure_import_source, load_memories, sync_feeds, sync_topics
from models.archive.ledger.runs import NewRun, finish_run, mark_crashed, run_ids_of, start_run
from models.archive.texts.copy_queue import follow
from models.errors import ConfigError, LockHeld
from models.reports import PageCounts, RunMode, RunReport, RunStatus
from models.stages import FeedSpec, Relevance, Taxonomy
from models.storage.database import write_transaction
from models.storage.raw_store import RawStore

EXCLUSIVE_MODES: Final = ("run", "rerun", "reprocess", "reclassify")
IMPORT: Final = "import"
REPROCESS: Final = "reprocess"
SILENT_FOR: Final = timedelta(minutes=10)  # an import whose heartbeat is older is dead: no lock tells

Lock = Callable[[Engine, str], AbstractContextManager[None]]
NextRun = Callable[[], AbstractAsyncContextManager[RunContext]]


class World(Struct, frozen=True, kw_only=True):
    """What a night takes from outside itself; tests bring their own."""

    clock: Callable[[], datetime] = utc_now
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep  # between two requests


WORLD: Final = World()


class RunRequest(Struct, frozen=True, kw_only=True):
    """What somebody asks for."""

    mode: str = "run"
    feeds: tuple[str, ...] = ()  # none: all of them
    started_by: str = "hand"
    parent_run_id: int | None = None
    is_rehearsal: bool = False  # do everything and keep nothing
    parameters: dict[str, Any] = field(default_factory=dict)


@asynccontextmanager
async def open_run(settings: Settings, request: RunRequest, world: World = WORLD) -> AsyncIterator[RunContext]:
    """Open a run over feeds; close it with its status, whatever happens inside. Its report is in the night afterwards.

    Raises:
        ConfigError: A file of config/ or a feed's name is wrong, or the database is not up to date.
        LockHeld: Another process works on the archive.

    """
    chosen = _chosen(load_feeds(settings.feeds_file), request)
    async with _opened(settings, request, chosen, world, (archive_lock, run_lock)) as next_run, next_run() as run:
        yield run


@asynccontextmanager
async def open_import(
    settings: Settings, request: RunRequest, feed_id: str, world: World = WORLD
) -> AsyncIterator[NextRun]:
    """Open runs over documents of one source, one after the other, beside a night if need be. Raise as open_run does.

    The first has begun, and each that follows is its child: whoever opens them takes one at least.
    """
    spec = FeedSpec(id=feed_id, name=feed_id, url="", position=IMPORT_POSITION, relevance=Relevance.ASSUME)
    async with _opened(settings, request, (spec,), world, (archive_lock,)) as next_run:
        yield next_run


@asynccontextmanager
async def _opened(
    settings: Settings,
    request: RunRequest,
    specs: tuple[FeedSpec, ...],
    world: World,
    locks: Sequence[Lock],
) -> AsyncIterator[NextRun]:
    opening = Opening(
        taxonomy=read_topics(settings.topics_file),
        locks=locks,
        holder=f"{request.mode} since {world.clock():%Y-%m-%d %H:%M} UTC",
        is_rehearsal=request.is_rehearsal,
    )
    begin = partial(_begin, settings=settings, choice=_Choice(specs=specs, taxonomy=opening.taxonomy))
    async with at_work(settings, opening, world, partial(begin, request=request)) as first:
        further = partial(begin, request=replace(request, parent_run_id=first.plan.run_id))
        has_begun = [first]

        @asynccontextmanager
        async def next_run() -> AsyncIterator[RunContext]:
            run = has_begun.pop() if has_begun else await _follow(first, further)
            async with in_progress(run):
                yield run

        yield next_run


async def _follow(first: RunContext, begin: Callable[[Connection, datetime], RunPlan]) -> RunContext:
    """Begin another run where one has ended, with its session and its workers."""
    plan = await first.session.write(begin, first.session.clock())
    return RunContext(first.session, first.fetcher, first.workers, plan, first.readers)


class Opening(Struct, frozen=True, kw_only=True):
    """How a process comes to work on the archive."""

    taxonomy: Taxonomy
    locks: Sequence[Lock]
    holder: str  # what the locks say to those who find them taken
    is_rehearsal: bool = False


@asynccontextmanager
async def at_work(
    settings: Settings, opening: Opening, world: World, plan_of: Callable[[Connection, datetime], RunPlan]
) -> AsyncIterator[RunContext]:
    """Work on the archive, alone or in a run that another process has opened: locks, database, workers, client."""
    make_folder(settings.home)
    with contextlib.ExitStack() as held:
        engine = held.enter_context(ready_engine(settings))
        for lock in opening.locks:
            held.enter_context(lock(engine, opening.holder))
        kind = DryRunSession if opening.is_rehearsal else ArchiveSession
        raw = RawStore(settings.home / "raw", settings.home / "tmp")
        session = held.enter_context(contextlib.closing(kind(engine, raw, world.clock)))
        plan = await session.write(plan_of, world.clock())
        ready = prepare_for_pages if plan.reads_pages else prepare_for_archive
        async with (
            JobPool(ready, opening.taxonomy, settings.meaning.readers, engine.dialect.name) as workers,
            Fetcher(fetch_limits(settings.fetch), clock=world.clock, sleep=world.sleep) as fetcher,
        ):
            if not any(memory.document_digest for memory in plan.memories.values()):
                workers.begin()  # while feeds are being fetched: each will bring a document
            readers = partial(JobPool, prepare_to_read, opening.taxonomy, settings.meaning.readers)
            yield RunContext(session, fetcher, workers, plan, readers)


def _chosen(specs: Sequence[FeedSpec], request: RunRequest) -> tuple[FeedSpec, ...]:
    if request.mode == RunMode.RECLASSIFY:
        return ()
    # What is worked again may be of an import, or of a feed that stands in feeds.yaml no more: the archive knows it.
    return _named(specs, request.feeds) if request.mode == REPROCESS else choose(specs, request.feeds)


def choose(specs: Sequence[FeedSpec], wanted: Sequence[str]) -> tuple[FeedSpec, ...]:
    """Return the feeds asked for, in the order of feeds.yaml; all where none is named. Raise ConfigError."""
    _require_known(wanted, {spec.id for spec in specs})
    return _named(specs, wanted)


def _named(specs: Sequence[FeedSpec], wanted: Sequence[str]) -> tuple[FeedSpec, ...]:
    return tuple(spec for spec in specs if not wanted or spec.id in wanted)


def _require_known(wanted: Sequence[str], known: Collection[str]) -> None:
    if unknown := [name for name in wanted if name not in known]:
        close = difflib.get_close_matches(unknown[0], known, n=1)
        hint = f"did you mean {close[0]}?" if close else "`climate-archive feeds list` names them all."
        raise ConfigError(f"There is no feed {unknown[0]!r}: {hint}")


def fetch_limits(fetch: FetchSettings) -> FetchLimits:
    """Turn settings into the fetcher's limits."""
    return FetchLimits(
        total_timeout_s=fetch.total_timeout_s,
        connect_timeout_s=fetch.connect_timeout_s,
        read_timeout_s=fetch.read_timeout_s,
        feed_deadline_s=fetch.feed_deadline_s,
        concurrency=fetch.concurrency,
        per_host=fetch.per_host,
        host_interval_s=fetch.host_interval_s,
        allow_private=fetch.allow_private,
        contact=fetch.contact,
    )


def check_request(settings: Settings, request: RunRequest) -> None:
    """Raise what open_run would raise for a wrong file, name or database, before anything costly begins."""
    choose(load_feeds(settings.feeds_file), request.feeds)
    load_topics(settings.topics_file)
    make_folder(settings.home)
    with ready_engine(settings):
        return


def record_skipped_run(settings: Settings, request: RunRequest, held: LockHeld) -> RunReport:
    """Write down that a run did not begin, as another is at work. Raise `held` where a person wanted more than that."""
    if request.mode != "run":
        raise held
    return record_needless_run(settings, request, str(held))


def record_needless_run(settings: Settings, request: RunRequest, reason: str) -> RunReport:
    """Write down that a run was not made, and why."""
    now = utc_now()
    with ready_engine(settings) as engine, write_transaction(engine) as connection:
        run_id = start_run(connection, _new_run(request, ()), now)
        finish_run(connection, run_id, RunStatus.SKIPPED, reason, now)
    return RunReport(
        run_id=run_id,
        mode=request.mode,
        status=RunStatus.SKIPPED,
        started_at=now,
        finished_at=now,
        feeds=(),
        pages=PageCounts(),
        reason=reason,
    )


class _Choice(Struct, frozen=True, kw_only=True):
    specs: tuple[FeedSpec, ...]
    taxonomy: Taxonomy


def _begin(connection: Connection, now: datetime, settings: Settings, request: RunRequest, choice: _Choice) -> RunPlan:
    if request.mode == IMPORT:
        ensure_import_source(connection, choice.specs[0], now)
    else:
        mark_crashed(connection, EXCLUSIVE_MODES, now)
        if request.mode not in (REPROCESS, RunMode.RECLASSIFY):  # what the nights have taught of feeds stays as it is
            sync_feeds(connection, load_feeds(settings.feeds_file), now)
    mark_crashed(connection, (IMPORT,), now, silent_since=now - SILENT_FOR)
    sync_topics(connection, choice.taxonomy)
    memories, specs = load_memories(connection), choice.specs
    if request.mode == REPROCESS:
        _require_known(request.feeds, memories)
        specs = tuple(spec for spec in specs if spec.id in memories)
    run_id = start_run(connection, _new_run(request, specs), now)
    follow(connection, COPY_RULES)  # what the run brings is compared beside its work
    return RunPlan(
        run_id=run_id,
        mode=request.mode,
        started_at=now,
        run_ids=run_ids_of(connection, run_id),
        specs=specs,
        memories=memories,
        is_whole=not request.feeds and request.mode == "run",
        pages=page_limits(settings),
        untried=feeds_with_untried_failures(connection, PIPELINE_VERSION),
        second_pass_delay_s=settings.fetch.second_pass_delay_s,
        reading_share=0.0 if request.is_rehearsal else settings.meaning.share,
    )


def _new_run(request: RunRequest, asked: Sequence[FeedSpec]) -> NewRun:
    parameters = {"feeds": list(request.feeds), "asked": [spec.id for spec in asked]} | request.parameters
    return NewRun(
        mode=request.mode,
        started_by=request.started_by,
        code_version=PIPELINE_VERSION,
        parameters=parameters,
        parent_run_id=request.parent_run_id,
    )
