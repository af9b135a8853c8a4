"""One feed, from the request to its row in the ledger: whatever happens to it stays its own."""

import asyncio
import traceback
from dataclasses import replace

from flows.night.bugs import bug_problem
from flows.night.loading import Visit, record_failure, record_skip, record_unchanged, unanswered, write_reading
from flows.night.memory import may_be_conditional, parsed_as, why_skip
from flows.night.night import CODE_VERSION, Night
from flows.night.plainly import plain
from flows.night.reading import Document, Reading, read_document
from flows.night.rereading import completed
from flows.steps.parse import PARSER_VERSION
from models.archive.documents import content_type_of, has_untried_failures
from models.errors import ArchiveError, Permanent, Transient
from models.intents import AlreadyRecordedError, LackingError
from models.queries.runs import feed_report
from models.reports import FeedReport
from models.stages import FeedSpec, Problem


async def process_feed(night: Night, spec: FeedSpec, *, max_tries: int | None = None) -> FeedReport:
    """Fetch, read and load one feed; return its row of the ledger, which is written already.

    Where the run got another outcome for it meanwhile, from whoever else works in it, that one stands.
    """
    try:
        return await _process(night, spec, max_tries)
    except AlreadyRecordedError as told:
        return await night.desk.read(feed_report, told.run_id, told.feed_id)


async def _process(night: Night, spec: FeedSpec, max_tries: int | None) -> FeedReport:
    memory = night.plan.memories[spec.id]
    if reason := why_skip(memory, night.desk.clock(), is_by_hand=not night.plan.is_whole):
        return await night.desk.write(record_skip, night, spec, reason)
    visit = unanswered(spec, memory)
    try:
        visit = await _ask(night, visit, max_tries)
        return await _read_and_load(night, visit)
    except (Transient, Permanent) as error:
        return await _fail(night, visit, Problem(error=type(error).__name__, message=str(error)))
    except (ArchiveError, AlreadyRecordedError):
        raise  # the archive itself cannot go on, or the work was done already
    except Exception as error:  # noqa: BLE001 (the one broad except: a bug costs one feed, not the night)
        asked = replace(visit, result=plain(visit.result, memory.current_url))
        return await _fail(night, asked, bug_problem(error), traceback.format_exc())


async def _ask(night: Night, visit: Visit, max_tries: int | None) -> Visit:
    memory = visit.memory
    is_conditional = may_be_conditional(memory, night.desk.clock())
    result = await night.fetcher.fetch_feed(
        memory.current_url,
        etag=memory.etag if is_conditional else None,
        last_modified=memory.last_modified if is_conditional else None,
        max_tries=max_tries,
    )
    return replace(visit, result=result, is_conditional=is_conditional)


async def _read_and_load(night: Night, visit: Visit) -> FeedReport:
    if visit.result.problem is not None:
        return await _fail(night, visit, visit.result.problem)
    if await _holds_nothing_new(night, visit):
        return await night.desk.write(record_unchanged, night, visit)
    return await _load(night, visit, await read_document(night, visit.spec, await _document(night, visit)))


async def _load(night: Night, visit: Visit, reading: Reading) -> FeedReport:
    while True:
        try:
            return await night.desk.write(write_reading, night, visit, reading)
        except LackingError as lacking:
            reading = await completed(night, visit.spec, reading, lacking)


async def _holds_nothing_new(night: Night, visit: Visit) -> bool:
    """Tell whether these very bytes were read to their end by today's code."""
    memory, result = visit.memory, visit.result
    if memory.document_digest is None or memory.parsed_as != parsed_as(visit.spec, PARSER_VERSION):
        return False
    if not result.is_not_modified and result.digest != memory.document_digest:
        return False
    digest = memory.document_digest
    return not await night.desk.read(has_untried_failures, visit.spec.id, digest, CODE_VERSION)


async def _document(night: Night, visit: Visit) -> Document:
    result, digest = visit.result, visit.memory.document_digest
    if result.body is not None:
        return Document(body=result.body, content_type=result.content_type, url=result.final_url)
    assert digest is not None  # a 304 answers to validators, which were kept with the document
    content_type = await night.desk.read(content_type_of, digest)
    body = await asyncio.to_thread(night.desk.raw.get, digest)
    return Document(body=body, content_type=content_type, url=result.final_url)


async def _fail(night: Night, visit: Visit, problem: Problem, trace: str | None = None) -> FeedReport:
    if problem.retry_at is not None:
        night.patience[visit.spec.id] = problem.retry_at
    return await night.desk.write(record_failure, night, visit, problem, trace)
