"""Process one feed, from the request to its row in the ledger. A failure of one feed never affects another."""

import asyncio
import traceback
from dataclasses import replace
from functools import partial

from flows.ingest.feed_memory import may_be_conditional, parsed_as, why_skip
from flows.ingest.loading import (
    FeedFailure,
    FeedVisit,
    lack_of,
    record_failure,
    record_skip,
    record_unchanged,
    supply,
    unanswered,
    write_reading,
)
from flows.ingest.reading import Reading, SourceDocument, read_document
from flows.ingest.settling import settle
from flows.runs.bugs import bug_problem, redact
from flows.runs.context import PIPELINE_VERSION, RunContext
from flows.steps.parse import PARSER_VERSION
from models.archive.documents import content_type_of, has_untried_failures
from models.errors import ArchiveError, Permanent, Transient
from models.identity import AlreadyRecordedError
from models.queries.runs import feed_report
from models.reports import FeedReport
from models.stages import FeedSpec, Problem


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
    return replace(visit, result=result, is_conditional=is_conditional)


async def _read_and_load(run: RunContext, visit: FeedVisit) -> FeedReport:
    if visit.result.problem is not None:
        return await _fail(run, visit, visit.result.problem)
    if await _holds_nothing_new(run, visit):
        return await run.session.write(record_unchanged, run.context(visit.spec), visit)
    return await _load(run, visit, await read_document(run, visit.spec, await _document(run, visit)))


async def _load(run: RunContext, visit: FeedVisit, reading: Reading) -> FeedReport:
    context = run.context(visit.spec)
    written = await settle(
        run.session,
        reading,
        partial(lack_of, context=context),
        partial(supply, run, visit.spec),
        partial(write_reading, context=context, raw=run.session.raw, visit=visit),
    )
    run.forgotten += written.forgotten
    return written.report


async def _holds_nothing_new(run: RunContext, visit: FeedVisit) -> bool:
    """Tell whether these very bytes were read to their end by today's code."""
    memory, result = visit.memory, visit.result
    if memory.document_digest is None or memory.parsed_as != parsed_as(visit.spec, PARSER_VERSION):
        return False
    if not result.is_not_modified and result.digest != memory.document_digest:
        return False
    digest = memory.document_digest
    return not await run.session.read(has_untried_failures, visit.spec.id, digest, PIPELINE_VERSION)


async def _document(run: RunContext, visit: FeedVisit) -> SourceDocument:
    result, digest = visit.result, visit.memory.document_digest
    if result.body is not None:
        return SourceDocument(body=result.body, content_type=result.content_type, url=result.final_url)
    assert digest is not None  # a 304 answers to validators, which were kept with the document
    content_type = await run.session.read(content_type_of, digest)
    body = await asyncio.to_thread(run.session.raw.get, digest)
    return SourceDocument(body=body, content_type=content_type, url=result.final_url)


async def _fail(run: RunContext, visit: FeedVisit, problem: Problem, trace: str | None = None) -> FeedReport:
    if problem.retry_at is not None:
        run.retry_after[visit.spec.id] = problem.retry_at
    failure = FeedFailure(problem=problem, traceback=trace)
    return await run.session.write(record_failure, run.context(visit.spec), visit, failure, run.session.raw)
