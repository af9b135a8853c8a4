"""The one transaction of a feed: its stories, its ledger row, its requests and what was learnt of it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy import Connection

from flows.ingest.feed_memory import after_failure, after_success, parsed_as
from flows.ingest.reading import Reading
from flows.runs.context import CODE, PIPELINE_VERSION, RunContext
from flows.steps._identity.headings import misjudged
from flows.steps._identity.rereading import all_as_read_now, outdated_versions
from flows.steps._identity.unchanged import decide_unchanged
from flows.steps.dedupe import completed_keys, decide, lookup_keys
from flows.steps.parse import PARSER_VERSION
from models.archive.documents import Document, Quarantined, forget_document, quarantine, record_document
from models.archive.feeds import FeedMemory, remember
from models.archive.known import load_glances, load_known
from models.archive.ledger import FeedOutcome, RequestOwner, record_feed, record_requests
from models.archive.stories import apply
from models.identity import Decision, LoadContext, MisjudgedError, OldCodeError, Outcome
from models.reports import Counts, FeedReport, FeedStatus
from models.stages import EntryFailure, FeedSpec, FetchResult, Problem, Source
from models.wording import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedVisit:
    """A feed that was asked, and what was known of it before."""

    spec: FeedSpec
    memory: FeedMemory
    result: FetchResult
    is_conditional: bool  # its validators were sent along


def unanswered(spec: FeedSpec, memory: FeedMemory) -> FeedVisit:
    """Return the visit to a feed that has not been asked yet."""
    nothing = FetchResult(url=memory.current_url, final_url=memory.current_url)
    return FeedVisit(spec=spec, memory=memory, result=nothing, is_conditional=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What a document gave."""

    counts: Counts
    versions: int


def write_reading(connection: Connection, run: RunContext, visit: FeedVisit, reading: Reading) -> FeedReport:
    """Load a fetched document. Raise LackingError where its decision lacks something.

    This and its neighbours raise AlreadyRecordedError where the run has an outcome for the feed.
    """
    loaded = load_reading(connection, run, visit.spec, reading)
    warnings = (*reading.parsed.warnings, *_warnings(visit, reading))
    report = replace(_report(visit, FeedStatus.OK), counts=loaded.counts, warnings=warnings)
    memory = after_success(visit.memory, visit.result, run.session.clock(), is_conditional=visit.is_conditional)
    memory = replace(memory, document_digest=reading.digest, parsed_as=parsed_as(visit.spec, PARSER_VERSION))
    if not (visit.result.is_complete and reading.parsed.is_complete):
        # What was cut off is asked for again, and is never taken for the document that was read to its end.
        memory = replace(memory, etag=None, last_modified=None, parsed_as=None)
    outcome = FeedOutcome(report=report, document_digest=reading.digest, versions=loaded.versions)
    report = _record(connection, run, visit, outcome, memory)
    _forget_previous(connection, run, visit, reading)
    return report


def load_reading(connection: Connection, run: RunContext, spec: FeedSpec, reading: Reading) -> Loaded:
    """Load the entries of a document, keep its name and what was not understood of it."""
    context = run.context(spec)
    decision = _shortcut(connection, reading, context) or _decide(connection, reading, context)
    _keep_document(connection, run, reading)
    handed_in = reading.digest if reading.document.source is Source.IMPORT else None
    apply(connection, decision, context, CODE, handed_in)
    where = Quarantined(
        owner=RequestOwner(run_id=run.plan.run_id, feed_id=spec.id),
        document_digest=reading.digest,
        code_version=PIPELINE_VERSION,
    )
    quarantine(connection, where, reading.failures, context.now)
    versions = sum(change.version is not None for change in decision.changes)
    if handed_in and not versions and not reading.failures and forget_document(connection, handed_in):
        run.forgotten.append(handed_in)  # it told nothing that is not kept, or was withdrawn
    return Loaded(counts=_tally(decision.outcomes, reading.failures), versions=versions)


def _shortcut(connection: Connection, reading: Reading, context: LoadContext) -> Decision | None:
    if any(item.classified for item in reading.items):
        return None
    digests = [item.entry.digest for item in reading.items]
    return decide_unchanged(reading.items, load_glances(connection, context.feed_id, digests), context)


def _decide(connection: Connection, reading: Reading, context: LoadContext) -> Decision:
    digests = [item.entry.digest for item in reading.items]
    names = lookup_keys(reading.items, context.feed_id)
    complete = partial(completed_keys, reading.items, context.feed_id)
    known = all_as_read_now(load_known(connection, context.feed_id, digests, names, complete), reading.read_again)
    decision = decide(reading.items, known, context)
    if outdated := outdated_versions(decision, known, CODE.extractor) - reading.read_again.keys():
        raise OldCodeError(outdated)
    if headings := misjudged(decision, known):
        raise MisjudgedError(headings)
    return decision


def record_unchanged(connection: Connection, run: RunContext, visit: FeedVisit) -> FeedReport:
    """Record that a feed shows the document that was read before."""
    report = _report(visit, FeedStatus.UNCHANGED)
    memory = after_success(visit.memory, visit.result, run.session.clock(), is_conditional=visit.is_conditional)
    outcome = FeedOutcome(report=report, document_digest=visit.memory.document_digest)
    return _record(connection, run, visit, outcome, memory)


def record_failure(
    connection: Connection, run: RunContext, visit: FeedVisit, problem: Problem, trace: str | None = None
) -> FeedReport:
    """Record that a feed gave nothing, and why."""
    is_gone = visit.result.status == 410
    report = replace(
        _report(visit, FeedStatus.GONE if is_gone else FeedStatus.FAILED), reason=problem.message, error=problem.error
    )
    memory = after_failure(visit.memory, problem, visit.result.status, run.session.clock())
    return _record(connection, run, visit, FeedOutcome(report=report, traceback=trace), memory)


def record_skip(connection: Connection, run: RunContext, spec: FeedSpec, reason: str) -> FeedReport:
    """Record that a feed was not asked, and why."""
    report = FeedReport(feed=spec.id, status=FeedStatus.SKIPPED, reason=reason)
    return record_feed(connection, run.plan.run_id, FeedOutcome(report=report), run.session.clock())


def _record(
    connection: Connection, run: RunContext, visit: FeedVisit, outcome: FeedOutcome, memory: FeedMemory
) -> FeedReport:
    owner = RequestOwner(run_id=run.plan.run_id, feed_id=visit.spec.id)
    record_requests(connection, owner, visit.result.requests)
    remember(connection, memory)
    return record_feed(connection, owner.run_id, outcome, run.session.clock())


def _report(visit: FeedVisit, status: FeedStatus) -> FeedReport:
    result = visit.result
    return FeedReport(
        feed=visit.spec.id,
        status=status,
        http_status=result.status,
        attempts=result.attempts,
        size_bytes=len(result.body or b""),
        elapsed_ms=result.elapsed_ms,
    )


def _tally(outcomes: Iterable[Outcome], failures: Iterable[EntryFailure]) -> Counts:
    found = Counter(outcome.value for outcome in outcomes)
    found[Outcome.FAILED.value] += sum(1 for _ in failures)
    return Counts(seen=found.total(), **found)


def _warnings(visit: FeedVisit, reading: Reading) -> Iterable[str]:
    least, found = visit.spec.min_entries, len(reading.parsed.entries)
    if least is not None and found < least:
        yield f"{counted(found, 'entry', 'entries')}, at least {least} were expected"
    if not visit.result.is_complete:
        yield "the document was cut off: what it lacks is asked for again in the next run"


def _keep_document(connection: Connection, run: RunContext, reading: Reading) -> None:
    document = reading.document
    if not run.session.raw.has(reading.digest):  # a sweep took it since it was read
        run.session.raw.put(document.body)
    named = Document(
        digest=reading.digest,
        kind=document.source.value,
        content_type=document.content_type,
        size_bytes=len(document.body),
    )
    record_document(connection, named, run.session.clock())


def _forget_previous(connection: Connection, run: RunContext, visit: FeedVisit, reading: Reading) -> None:
    previous = visit.memory.document_digest
    if previous is not None and previous != reading.digest and forget_document(connection, previous):
        run.forgotten.append(previous)
