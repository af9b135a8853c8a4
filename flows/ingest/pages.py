"""The page queue, worked by the holder of the night's lock: article pages, fetched and given to their stories."""

import traceback
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import Connection

from flows.ingest.rereading import read_again
from flows.runs.bugs import bug_problem, redact
from flows.runs.context import CODE, PIPELINE_VERSION, RunContext
from flows.runs.gather import gather_or_cancel
from flows.runs.plan import PageLimits
from flows.runs.progress import tell
from flows.steps._identity.headings import heading_of, page_heading
from flows.steps._identity.rereading import as_read_now, outdated_version
from flows.steps.pages import PageDecision, PageQueueEntry, PageVisit, decide_page, names_to_look_up
from flows.workers.jobs import read_page
from models.archive.documents import Document, Quarantined, quarantine, record_document
from models.archive.known import load_named, load_story
from models.archive.ledger import RequestOwner, record_pages, record_requests
from models.archive.pages import DuePage, PageChange, QueuePlace, due_pages, record_visit
from models.errors import ArchiveError, Permanent, Transient
from models.identity import KnownStory, MisjudgedError, OldCodeError
from models.reports import PageCounts
from models.stages import ClassifiedStory, EntryFailure, FetchResult, Problem

PAGE_TIMEOUT_S: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCall:
    """A page that was asked for, and what came of it."""

    page: DuePage
    result: FetchResult
    text: ClassifiedStory | None = None
    problem: Problem | None = None  # it was fetched and could not be read
    traceback: str | None = None
    read_again: Mapping[int, str | None] = field(default_factory=dict)  # old versions -> their content hash by now


async def work_pages(run: RunContext) -> PageCounts:
    """Ask for the pages that are due, as many as the limits allow, and return the sums, which are in the ledger."""
    feeds = None if run.plan.is_whole else [spec.id for spec in run.plan.specs]
    due = await run.session.read(due_pages, run.session.clock(), feeds)
    chosen = within_limits(due, run.plan.pages)
    outcomes: Counter[str] = Counter()

    async def work(page: DuePage) -> None:
        outcomes[await process_page(run, page)] += 1
        tell("pages", outcomes.total(), len(chosen))

    await gather_or_cancel(work(page) for page in chosen)
    sums = PageCounts(due=len(due), left=len(due) - len(chosen), **outcomes)
    await run.session.write(record_pages, run.plan.run_id, sums)
    return sums


def within_limits(due: Sequence[DuePage], limits: PageLimits) -> list[DuePage]:
    """Choose the first pages of the queue, up to the most for a night and for each host."""
    taken: Counter[str] = Counter()
    chosen: list[DuePage] = []
    for page in due:
        host = urlsplit(page.url).netloc.lower()
        if taken[host] < limits.per_host and len(chosen) < limits.per_night:
            taken[host] += 1
            chosen.append(page)
    return chosen


async def process_page(run: RunContext, page: DuePage) -> str:
    """Fetch, read and load one page; return its outcome, which is written already."""
    call = PageCall(page=page, result=FetchResult(url=page.url, final_url=page.url))
    try:
        call = replace(call, result=await run.fetcher.fetch_page(page.url, etag=page.etag))
        call = replace(call, text=await _text_of(run, call))
        return await _load(run, call)
    except (Transient, Permanent) as error:
        # What was read before may stand under a title that is the story's no longer.
        call = replace(call, text=None, problem=Problem(error=type(error).__name__, message=str(error)))
    except ArchiveError:
        raise  # the archive itself cannot go on
    except Exception as error:  # noqa: BLE001 (the one broad except: a bug costs one page, not the night)
        call = replace(_redacted(call), problem=bug_problem(error), traceback=traceback.format_exc())
    return await run.session.write(_write, run, call)


def _redacted(call: PageCall) -> PageCall:
    """Return a call without what a bug may have stumbled over; the bytes are kept, to see why."""
    return PageCall(page=call.page, result=replace(redact(call.result, call.page.url), status=None))


async def _text_of(run: RunContext, call: PageCall) -> ClassifiedStory | None:
    """Return the text on a fetched page; None where there is none to read, or the bytes are the ones read before."""
    result, page = call.result, call.page
    if result.body is None or result.digest == page.digest:
        return None
    known = await run.session.read(load_story, page.story_id)
    return await run.workers.call(
        read_page, result.body, result.final_url, result.content_type, heading_of(known.state), timeout_s=PAGE_TIMEOUT_S
    )


async def _load(run: RunContext, call: PageCall) -> str:
    while True:
        try:
            return await run.session.write(_write, run, call)
        except MisjudgedError:  # another feed gave the story another title while its page was read
            call = replace(call, text=await _text_of(run, call))
        except OldCodeError as old:
            hashes = await read_again(run, old.version_ids)
            call = replace(call, read_again={**call.read_again, **hashes})


def _write(connection: Connection, run: RunContext, call: PageCall) -> str:
    context = run.page_context()
    known = as_read_now(load_story(connection, call.page.story_id), call.read_again)
    page = call.text.story if call.text else None
    if call.text and page and not known.is_closed:
        heading = page_heading(known.state, page)
        if heading != call.text.heading:
            raise MisjudgedError({0: heading})
    names = () if call.problem else names_to_look_up(call.result, page, known.state.title)
    visit = PageVisit(
        known=known,
        entry=_entry(call.page),
        result=call.result,
        page=page,
        page_problem=call.problem,
        namesakes=load_named(connection, names),
    )
    decision = decide_page(visit, context)
    if outdated := outdated_version(decision.version, known, CODE.extractor) - call.read_again.keys():
        raise OldCodeError(outdated)
    is_kept = decision.version is not None or call.problem is not None or call.page.digest is None
    # A story that was taken down or merged while its page was on the way gains nothing by it.
    raw_digest = _keep(connection, run, call.result) if is_kept and not known.is_closed else None
    change = _change(known, decision, call.text, raw_digest)
    record_visit(connection, change, context, CODE)
    record_requests(connection, RequestOwner(run_id=run.plan.run_id, story_id=known.id), call.result.requests)
    if call.problem is not None and raw_digest is not None:
        _quarantine(connection, run, known, call, call.problem)
    return decision.outcome.value


def _quarantine(connection: Connection, run: RunContext, known: KnownStory, call: PageCall, problem: Problem) -> None:
    assert call.result.digest is not None  # its body was kept
    where = Quarantined(
        owner=RequestOwner(run_id=run.plan.run_id, feed_id=known.sightings[0].feed_id),
        document_digest=call.result.digest,
        code_version=PIPELINE_VERSION,
        traceback=call.traceback,
    )
    failure = EntryFailure(position=0, stage="extract", digest=call.result.digest, problem=problem)
    quarantine(connection, where, [failure], run.session.clock())


def _keep(connection: Connection, run: RunContext, result: FetchResult) -> str | None:
    if result.body is None:
        return None
    digest = run.session.raw.put(result.body)
    document = Document(digest=digest, kind="page", content_type=result.content_type, size_bytes=len(result.body))
    record_document(connection, document, run.session.clock())
    return digest


def _entry(page: DuePage) -> PageQueueEntry:
    return PageQueueEntry(
        attempts=page.attempts,
        checks=page.checks,
        etag=page.etag,
        digest=page.digest,
        pending_hash=page.pending_hash,
        reason=page.reason,
    )


def _change(
    known: KnownStory, decision: PageDecision, text: ClassifiedStory | None, raw_digest: str | None
) -> PageChange:
    entry = decision.entry
    return PageChange(
        story_id=known.id,
        place=QueuePlace(
            state=decision.state.value,
            reason=decision.reason,
            due_at=decision.due_at,
            attempts=entry.attempts,
            checks=entry.checks,
            etag=entry.etag,
            digest=entry.digest,
            pending_hash=entry.pending_hash,
        ),
        version=decision.version,
        classified=text,
        state=decision.story,
        raw_digest=raw_digest,
        key=decision.key,
        feed_id=known.sightings[0].feed_id if decision.key else None,
        merger=decision.merger,
    )
