"""The page queue, worked by the holder of the night's lock: article pages, fetched and given to their stories."""

import traceback
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct, field
from msgspec.structs import replace
from sqlalchemy import Connection

from flows.ingest.near_misses import is_admitted_by, judged, pages_before_the_gate, refresh_reports
from flows.ingest.rereading import read_again
from flows.ingest.settling import NOTHING, Lack, settle
from flows.runs.bugs import bug_problem, redact
from flows.runs.context import CODE, PIPELINE_VERSION, RunContext
from flows.runs.derived.copies import compare_in_step, remember_marks
from flows.runs.derived.indexing import keep_in_step, remember_words
from flows.runs.gather import gather_or_cancel
from flows.runs.plan import PageLimits
from flows.runs.progress import tell
from flows.steps._identity.headings import heading_of, page_heading
from flows.steps._identity.rereading import as_read_now, outdated_version
from flows.steps.pages import PageDecision, PageVisit, decide_page, likely_names, proven_names
from flows.workers.jobs import read_page
from models.archive.known import load_named, load_story
from models.archive.ledger.documents import Document, Quarantined, quarantine, record_document
from models.archive.ledger.runs import RequestOwner, count_as_new, count_page, record_pages, record_requests
from models.archive.pages import DuePage, PageChange, due_pages, postpone_page, record_visit
from models.errors import ArchiveError, LeftAlone, Permanent, Transient
from models.identity import KnownStory, LoadContext
from models.reports import PageCounts
from models.stages import ClassifiedStory, EntryFailure, FetchResult, Problem
from models.storage.raw_store import RawStore

PAGE_TIMEOUT_S: Final = 10.0
LEFT: Final = "left"  # in the sums: pages that were not asked for


class PageCall(Struct, frozen=True, kw_only=True):
    """A page that was asked for, and what came of it."""

    page: DuePage
    result: FetchResult
    text: ClassifiedStory | None = None
    problem: Problem | None = None  # it was fetched and could not be read
    traceback: str | None = None
    read_again: Mapping[int, str | None] = field(default_factory=dict)  # old versions -> their content hash by now


async def work_pages(run: RunContext) -> PageCounts:
    """Ask for the pages that are due, as many as the limits allow, and return the sums, which are in the ledger.

    They are true at every moment: what an interrupted night did not come to is left.
    """
    feeds = None if run.plan.is_whole else [spec.id for spec in run.plan.specs]
    due = await run.session.read(due_pages, run.session.clock(), feeds)
    near = await pages_before_the_gate(run)
    chosen = [*within_limits(due, run.plan.pages), *near]
    asked = len(due) + len(near)
    _leave_alone_who_asked(run)
    outcomes: Counter[str] = Counter()
    await run.session.write(record_pages, run.plan.run_id, PageCounts(due=asked, left=asked))

    async def work(page: DuePage) -> None:
        outcomes[await process_page(run, page)] += 1
        tell("pages", outcomes.total(), len(chosen))

    await gather_or_cancel(work(page) for page in chosen)
    outcomes[LEFT] += asked - len(chosen)
    if near:
        await refresh_reports(run)
    return PageCounts(due=asked, **outcomes)


def _leave_alone_who_asked(run: RunContext) -> None:
    """Leave hosts alone that asked another process of this run to wait, for their pages too."""
    for feed, until in run.retry_after.items():
        report, memory = run.reports.get(feed), run.plan.memories.get(feed)
        if report and memory and report.http_status in {429, 503}:
            run.fetcher.leave_alone(memory.current_url, until)


def within_limits(due: Sequence[DuePage], limits: PageLimits) -> list[DuePage]:
    """Choose pages up to the most for a night and a host: the first of every feed, then the second of every feed.

    So each feed has its share, whatever others bring, and its own pages are in the order of the queue.
    """
    before: Counter[str | None] = Counter()  # pages of a feed so far
    rounds: list[tuple[int, DuePage]] = []
    for page in due:
        rounds.append((before[page.feed_id], page))
        before[page.feed_id] += 1
    taken: Counter[str] = Counter()
    chosen: list[DuePage] = []
    for _, page in sorted(rounds, key=lambda one: one[0]):
        host = urlsplit(page.url).netloc.lower()
        if taken[host] < limits.per_host and len(chosen) < limits.per_night:
            taken[host] += 1
            chosen.append(page)
    return chosen


async def process_page(run: RunContext, page: DuePage) -> str:
    """Fetch, read and load one page; return its outcome, which is written already."""
    call = PageCall(page=page, result=FetchResult(url=page.url, final_url=page.url))
    try:
        call = replace(call, result=await run.fetcher.fetch_page(page.url, etag=page.entry.etag))
        if (problem := call.result.problem) and problem.error == LeftAlone.__name__:
            return await _leave(run, call, problem)
        return await _load(run, call)
    except (Transient, Permanent) as error:
        call = replace(call, problem=Problem(error=type(error).__name__, message=str(error)))
    except ArchiveError:
        raise  # the archive itself cannot go on
    except Exception as error:  # noqa: BLE001 (the one broad except: a bug costs one page, not the night)
        call = replace(_redacted(call), problem=bug_problem(error), traceback=traceback.format_exc())
    return await _load(run, call)


async def _leave(run: RunContext, call: PageCall, problem: Problem) -> str:
    """Leave a page in the queue: it was not asked, so that no attempt of it is used up."""
    if call.result.requests or problem.retry_at:
        await run.session.write(_record_left, run.page_context(), call, problem.retry_at)
    return LEFT


def _record_left(connection: Connection, context: LoadContext, call: PageCall, until: datetime | None) -> None:
    owner = RequestOwner(run_id=context.run_id, story_id=call.page.story_id)
    record_requests(connection, owner, call.result.requests)
    if until is not None:
        postpone_page(connection, call.page.story_id, until)


def _redacted(call: PageCall) -> PageCall:
    """Return a call without what a bug may have stumbled over; the bytes are kept, to see why."""
    result = replace(redact(call.result, call.page.url), status=None, body=call.result.body)
    return PageCall(page=call.page, result=result)


async def _load(run: RunContext, call: PageCall) -> str:
    context = run.page_context()
    outcome = await settle(
        run.session,
        call,
        partial(_supply, run),
        partial(_write, context=context, raw=run.session.raw),
    )
    await keep_in_step(run)
    await compare_in_step(run)
    return outcome


async def _supply(run: RunContext, call: PageCall, lack: Lack) -> PageCall:
    """Return a call with the text on its page, read under the heading of its story, or with old versions read again."""
    if lack.versions:
        return replace(call, read_again={**call.read_again, **await read_again(run, lack.versions)})
    result, [heading] = call.result, lack.headings.values()
    arguments = (result.body, result.final_url, result.content_type, heading)
    text = await run.workers.call(read_page, *arguments, timeout_s=PAGE_TIMEOUT_S)
    remember_words(run, [text])
    remember_marks(run, [text])
    return replace(call, text=text)


def _is_to_be_read(call: PageCall) -> bool:
    """Tell whether a page holds what was not read before."""
    result = call.result
    is_whole = result.body is not None and result.is_complete
    return call.problem is None and is_whole and result.digest != call.page.entry.digest


def _decide(connection: Connection, call: PageCall, context: LoadContext) -> tuple[KnownStory, PageDecision, Lack]:
    known = as_read_now(load_story(connection, call.page.story_id), call.read_again)
    page = call.text.story if call.text else None
    title, is_read = known.state.title, call.problem is None
    proven = proven_names(call.result, page, title) if is_read else ()
    likely = likely_names(call.result, title) if is_read else ()
    visit = PageVisit(
        known=known,
        entry=call.page.entry,
        result=call.result,
        page=page,
        page_problem=call.problem,
        proven=load_named(connection, proven),
        likely=load_named(connection, likely),
    )
    decision = judged(connection, decide_page(visit, context), known, call.text, context.run_id)
    if known.is_closed:
        return known, decision, NOTHING
    heading = page_heading(known.state, page) if page else heading_of(known.state)
    if _is_to_be_read(call) and (call.text is None or call.text.heading != heading):
        return known, decision, Lack(headings={0: heading})
    outdated = outdated_version(decision.version, known, CODE.extractor) - call.read_again.keys()
    return known, decision, Lack(versions=outdated)


def _write(connection: Connection, call: PageCall, context: LoadContext, raw: RawStore) -> str | Lack:
    known, decision, lack = _decide(connection, call, context)
    if lack:
        return lack
    is_kept = decision.version is not None or call.problem is not None or call.page.entry.digest is None
    # A story that was taken down or merged while its page was on the way gains nothing by it.
    raw_digest = _keep(connection, call.result, raw, context.now) if is_kept and not known.is_closed else None
    change = _change(known, decision, call.text, raw_digest)
    record_visit(connection, change, context, CODE)
    if is_admitted_by(decision, known):
        count_as_new(connection, context.run_id, known.state.text_source)
    record_requests(connection, RequestOwner(run_id=context.run_id, story_id=known.id), call.result.requests)
    if call.problem is not None and raw_digest is not None:
        _quarantine(connection, context, known, call, call.problem)
    count_page(connection, context.run_id, decision.outcome.value)
    return decision.outcome.value


def _quarantine(
    connection: Connection, context: LoadContext, known: KnownStory, call: PageCall, problem: Problem
) -> None:
    assert call.result.digest is not None  # its body was kept
    where = Quarantined(
        owner=RequestOwner(run_id=context.run_id, feed_id=known.sightings[0].feed_id),
        document_digest=call.result.digest,
        code_version=PIPELINE_VERSION,
        traceback=call.traceback,
    )
    failure = EntryFailure(position=0, stage="extract", digest=call.result.digest, problem=problem)
    quarantine(connection, where, [failure], context.now)


def _keep(connection: Connection, result: FetchResult, raw: RawStore, now: datetime) -> str | None:
    if result.body is None:
        return None
    digest = raw.put(result.body)
    document = Document(digest=digest, kind="page", content_type=result.content_type, size_bytes=len(result.body))
    record_document(connection, document, now)
    return digest


def _change(
    known: KnownStory, decision: PageDecision, text: ClassifiedStory | None, raw_digest: str | None
) -> PageChange:
    return PageChange(
        story_id=known.id,
        entry=decision.entry,
        version=decision.version,
        classified=text,
        state=decision.story,
        raw_digest=raw_digest,
        keys=decision.keys,
        feed_id=known.sightings[0].feed_id if decision.keys else None,
        merger=decision.merger,
    )
