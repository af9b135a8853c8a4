"""Process one feed, from the request to its row in the ledger. A failure of one feed never affects another."""

import asyncio
import traceback
from functools import partial

from msgspec.structs import replace

from flows.ingest.feed_memory import (
    after_redirect,
    back_home,
    is_unchanged_proof,
    may_be_conditional,
    parsed_as,
    proof_before,
    why_skip,
)
from flows.ingest.gaps import bridged
from flows.ingest.loading import (
    FeedFailure,
    FeedVisit,
    record_failure,
    record_left_alone,
    record_skip,
    record_unchanged,
    supply,
    unanswered,
    write_reading,
)
from flows.ingest.reading import Reading, SourceDocument, read_document
from flows.ingest.settling import settle
from flows.ingest.sitemaps import with_sitemaps
from flows.runs.bugs import bug_problem, redact
from flows.runs.context import RunContext
from flows.runs.derived.copies import compare_in_step, remember_marks
from flows.runs.derived.indexing import keep_in_step, remember_words
from flows.runs.room import Place
from flows.steps.versions import PARSER_VERSION
from models.archive.ledger.documents import Document, document_of
from models.archive.overlap import shares_entries
from models.errors import ArchiveError, LeftAlone, Permanent, Transient
from models.identity import AlreadyRecordedError
from models.queries.ledger.runs import feed_report
from models.reports import FeedReport
from models.stages import FeedKind, FeedSpec, Problem, Relevance, Source


async def process_feed(run: RunContext, spec: FeedSpec, *, max_tries: int | None = None) -> FeedReport:
    """Fetch, read and load one feed; return its row of the ledger, which is written already.

    Where the run got another outcome for it meanwhile, from whoever else works in it, that one stands.
    """
    try:
        return await _process(run, spec, max_tries)
    except AlreadyRecordedError as told:
        return await run.session.read(feed_report, told.run_id, told.feed_id)


async def _process(run: RunContext, spec: FeedSpec, max_tries: int | None) -> FeedReport:
    memory = run.plan.memories[spec.id]
    if reason := why_skip(memory, run.session.clock(), is_by_hand=not run.plan.is_whole):
        return await run.session.write(record_skip, run.context(spec), reason)
    visit = unanswered(spec, memory)
    try:
        visit = await _ask(run, visit, max_tries)
        visit = await _set_down(run, visit)
        return await _read_and_load(run, visit)
    except (Transient, Permanent) as error:
        return await _fail(run, visit, Problem(error=type(error).__name__, message=str(error)))
    except (ArchiveError, AlreadyRecordedError):
        raise  # the archive itself cannot go on, or the work was done already
    except Exception as error:  # noqa: BLE001 (the one broad except: a bug costs one feed, not the night)
        asked = replace(visit, result=redact(visit.result, memory.current_url))
        return await _fail(run, asked, bug_problem(error), traceback.format_exc())


async def _ask(run: RunContext, visit: FeedVisit, max_tries: int | None) -> FeedVisit:
    memory = visit.memory
    is_conditional = may_be_conditional(memory, run.session.clock())
    result = await run.fetcher.fetch_feed(
        memory.current_url,
        etag=memory.etag if is_conditional else None,
        last_modified=memory.last_modified if is_conditional else None,
        max_tries=max_tries,
    )
    visit = replace(visit, result=result, is_conditional=is_conditional)
    return await _ask_at_home(run, visit, max_tries) if _is_lost(visit, result.problem) else visit


def _is_lost(visit: FeedVisit, problem: Problem | None) -> bool:
    """Tell whether a feed is not where a redirect once led, for a reason that does not pass."""
    has_moved = visit.memory.current_url != visit.spec.url
    return has_moved and problem is not None and not problem.is_transient


async def _ask_at_home(run: RunContext, visit: FeedVisit, max_tries: int | None) -> FeedVisit:
    """Ask the address of feeds.yaml, which has the last word."""
    spec, asked = visit.spec, visit.result.requests
    result = await run.fetcher.fetch_feed(spec.url, max_tries=max_tries)
    memory = back_home(visit.memory, spec.url)
    return replace(
        visit, memory=memory, result=replace(result, requests=(*asked, *result.requests)), is_conditional=False
    )


async def _set_down(run: RunContext, visit: FeedVisit) -> FeedVisit:
    """Have the raw store alone hold a document until it is read: those of all feeds may wait for that."""
    result = visit.result
    if result.body is not None and not _holds_nothing_new(run, visit):
        await asyncio.to_thread(run.session.raw.put, result.body)
    return replace(visit, result=replace(result, body=None))


async def _read_and_load(run: RunContext, visit: FeedVisit) -> FeedReport:
    if visit.result.problem is not None:
        return await _fail(run, visit, visit.result.problem)
    if _holds_nothing_new(run, visit):
        is_same = is_unchanged_proof(visit.memory, visit.result)
        memory = after_redirect(visit.memory, visit.result, run.session.clock(), is_same_feed=is_same)
        return await _record_unchanged(run, replace(visit, memory=memory))
    document = await _document(run, visit)
    async with run.room.taken(document.size_bytes) as place:
        report = await _read_changed(run, visit, document, place)
    await keep_in_step(run)
    await compare_in_step(run)
    return report


async def _read_changed(run: RunContext, visit: FeedVisit, document: Document, place: Place) -> FeedReport:
    body = await asyncio.to_thread(run.session.raw.get, document.digest)
    source = SourceDocument(body=body, content_type=document.content_type, url=visit.result.final_url)
    reading = await read_document(run, visit.spec, source)
    if visit.result.moved_to is not None and not await _is_same_feed(run, visit, reading):
        return await _load_from_elsewhere(run, visit, reading)
    visit, reading = await with_sitemaps(run, visit, reading, place)
    visit, reading = await bridged(run, visit, reading, place)
    memory = after_redirect(visit.memory, visit.result, run.session.clock(), is_same_feed=True)
    return await _load(run, replace(visit, memory=memory), reading)


async def _is_same_feed(run: RunContext, visit: FeedVisit, reading: Reading) -> bool:
    """Tell whether a document to which a permanent redirect led shares entries with what the feed showed before."""
    if visit.memory.document_digest is None:
        return True  # it never showed anything else
    from flows.steps.clean import clean_title  # its parsers, which no other part of a night's own process needs

    entries = reading.parsed.entries
    titles = [clean_title(entry.title_html) for entry in entries]
    before = proof_before(visit.memory, visit.result)
    return await run.session.read(shares_entries, visit.spec.id, entries, titles, before)


async def _load_from_elsewhere(run: RunContext, visit: FeedVisit, reading: Reading) -> FeedReport:
    """Load a document of which nothing shows that it is this feed's: its stories must pass the gate, and it is told."""
    target = visit.result.moved_to
    memory = after_redirect(visit.memory, visit.result, run.session.clock(), is_same_feed=False)
    warning = f"redirected for good to {target}, which shows none of the entries before: they must pass the gate"
    parsed = replace(reading.parsed, warnings=(*reading.parsed.warnings, warning))
    spec = replace(visit.spec, relevance=Relevance.GATE)
    return await _load(run, replace(visit, spec=spec, memory=memory), replace(reading, parsed=parsed))


async def _load(run: RunContext, visit: FeedVisit, reading: Reading) -> FeedReport:
    context = run.context(visit.spec)
    texts = [item.classified for item in reading.items]
    written = await settle(
        run.session,
        reading,
        partial(supply, run, visit.spec),
        partial(write_reading, context=context, raw=run.session.raw, visit=visit),
    )
    remember_words(run, texts)
    remember_marks(run, texts)
    run.forgotten += written.forgotten
    return written.report


async def _record_unchanged(run: RunContext, visit: FeedVisit) -> FeedReport:
    feed = (run.context(visit.spec), visit)
    try:
        return await run.gathered(record_unchanged).write(feed)
    except ArchiveError:
        raise
    except Exception:  # noqa: BLE001 (one of those that were gathered; alone, each meets its own error or none)
        return (await run.session.write(record_unchanged, [feed]))[0]


def _holds_nothing_new(run: RunContext, visit: FeedVisit) -> bool:
    """Tell whether these very bytes were read to their end by today's code."""
    memory, result = visit.memory, visit.result
    if visit.spec.kind is FeedKind.SITEMAP:
        return False  # an index stays as it is while its sitemaps change
    if memory.document_digest is None or memory.parsed_as != parsed_as(visit.spec, PARSER_VERSION):
        return False
    if not result.is_not_modified and result.digest != memory.document_digest:
        return False
    return visit.spec.id not in run.plan.untried


async def _document(run: RunContext, visit: FeedVisit) -> Document:
    result, before = visit.result, visit.memory.document_digest
    if result.digest is not None:
        return Document(
            digest=result.digest,
            kind=Source.FEED.value,
            content_type=result.content_type,
            size_bytes=result.size_bytes,
        )
    assert before is not None  # a 304 answers to validators, which were kept with the document
    return await run.session.read(document_of, before)


async def _fail(run: RunContext, visit: FeedVisit, problem: Problem, trace: str | None = None) -> FeedReport:
    if problem.error == LeftAlone.__name__:
        return await _leave_alone(run, visit, problem)
    if _is_lost(visit, problem):  # what is there now is no feed
        visit = replace(visit, memory=back_home(visit.memory, visit.spec.url))
    if problem.retry_at is not None:
        run.retry_after[visit.spec.id] = problem.retry_at
    failure = FeedFailure(problem=problem, traceback=trace)
    return await run.session.write(record_failure, run.context(visit.spec), visit, failure, run.session.raw)


async def _leave_alone(run: RunContext, visit: FeedVisit, problem: Problem) -> FeedReport:
    """Record that a feed was not asked, as its host asked for patience; an earlier failure of this run stands."""
    if (before := run.reports.get(visit.spec.id)) is not None:
        return before
    return await run.session.write(record_left_alone, run.context(visit.spec), visit, problem)
