"""The one transaction of a feed: its stories, its ledger row, its requests and what was learnt of it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from flows.ingest.feed_memory import after_failure, after_success, parsed_as
from flows.ingest.reading import Reading, add_labels, add_texts
from flows.ingest.rereading import read_again
from flows.ingest.settling import NOTHING, Lack
from flows.runs.context import CODE, PIPELINE_VERSION, RunContext
from flows.steps._identity.headings import unjudged
from flows.steps._identity.rereading import all_as_read_now, outdated_versions
from flows.steps._identity.unchanged import decide_unchanged
from flows.steps.dedupe import Inquiry, decide, missing_texts
from flows.steps.versions import PARSER_VERSION
from models.archive.known import load_glances, load_known
from models.archive.ledger.documents import Document, Quarantined, forget_document, quarantine, record_document
from models.archive.ledger.feeds import FeedMemory, remember
from models.archive.ledger.runs import (
    FeedOutcome,
    RequestOwner,
    record_all_requests,
    record_feed,
    record_feeds,
    record_requests,
)
from models.archive.stories import apply
from models.identity import Decision, LoadContext, Outcome, VersionReason
from models.reports import RENAMED, Counts, FeedReport, FeedStatus
from models.stages import EntryFailure, FeedSpec, FetchResult, Problem, Source
from models.storage.raw_store import RawStore
from models.wording import counted

RENAMED_LEAST: Final = 2  # one article is moved now and then
RENAMED_SHARE: Final = 0.5  # of what a feed had shown before
_SEEN_BEFORE: Final = frozenset({Outcome.UPDATED, Outcome.UNCHANGED, Outcome.DUPLICATE, Outcome.OFF_TOPIC})


class FeedVisit(Struct, frozen=True, kw_only=True):
    """A feed that was asked, and what was known of it before."""

    spec: FeedSpec
    memory: FeedMemory
    result: FetchResult
    is_conditional: bool  # its validators were sent along


class FeedFailure(Struct, frozen=True, kw_only=True):
    """Why a feed gave nothing."""

    problem: Problem
    traceback: str | None = None  # of a bug


def unanswered(spec: FeedSpec, memory: FeedMemory) -> FeedVisit:
    """Return the visit to a feed that has not been asked yet."""
    nothing = FetchResult(url=memory.current_url, final_url=memory.current_url)
    return FeedVisit(spec=spec, memory=memory, result=nothing, is_conditional=False)


class Loaded(Struct, frozen=True, kw_only=True):
    """What a document gave."""

    counts: Counts
    versions: int
    replaced: int = 0  # of them, those that took another's place: a story has one of a run and source
    stories: tuple[str, ...] = ()  # the uids of those that it did something to
    restored: int = 0  # of them, those whose text their story had before
    warnings: tuple[str, ...] = ()
    failures: tuple[Problem, ...] = ()  # of entries that were not understood
    forgotten: tuple[str, ...] = ()  # documents that nothing cites any more


class Written(Struct, frozen=True, kw_only=True):
    """A feed's row of the ledger, as it stands there, and documents that nothing cites any more."""

    report: FeedReport
    forgotten: tuple[str, ...] = ()


async def supply(run: RunContext, spec: FeedSpec, reading: Reading, lack: Lack) -> Reading:
    """Return a reading with what its decision lacked: texts of entries, their labels, or old versions read again."""
    if lack.texts:
        return await add_texts(run, spec, reading, lack.texts)
    if lack.versions:
        again = await read_again(run, lack.versions)
        return replace(reading, read_again={**reading.read_again, **again})
    return await add_labels(run, reading, lack.headings)


def write_reading(
    connection: Connection, reading: Reading, context: LoadContext, raw: RawStore, visit: FeedVisit
) -> Written | Lack:
    """Load a fetched document; write nothing and return what the decision on it lacks, where it lacks something.

    This and its neighbours raise AlreadyRecordedError where the run has an outcome for the feed.
    """
    loaded = load_reading(connection, reading, context, raw)
    if isinstance(loaded, Lack):
        return loaded
    warnings = (*reading.parsed.warnings, *_warnings(visit, reading), *loaded.warnings)
    report = replace(_report(visit, FeedStatus.OK), counts=loaded.counts, warnings=warnings)
    memory = after_success(visit.memory, visit.result, context.now, is_conditional=visit.is_conditional)
    memory = replace(memory, document_digest=reading.digest, parsed_as=parsed_as(visit.spec, PARSER_VERSION))
    if not (visit.result.is_complete and reading.parsed.is_complete):
        # What was cut off is asked for again, and is never taken for the document that was read to its end.
        memory = replace(memory, etag=None, last_modified=None, parsed_as=None)
    outcome = FeedOutcome(report=report, document_digest=reading.digest, versions=loaded.versions)
    report = _record(connection, context, visit, outcome, memory)
    return Written(report=report, forgotten=(*loaded.forgotten, *_forget_previous(connection, visit, reading)))


def load_reading(connection: Connection, reading: Reading, context: LoadContext, raw: RawStore) -> Loaded | Lack:
    """Load the entries of a document, keep its name and what was not understood of it; a lack as write_reading."""
    decision, lack = _decide(connection, reading, context)
    if decision is None or lack:
        return lack
    _keep_document(connection, reading, raw, context.met_at)
    handed_in = reading.digest if reading.document.source is Source.IMPORT else None
    apply(connection, decision, context, CODE, handed_in)
    quarantine(connection, where_of(reading, context), reading.failures, context.now)
    written = [change.version for change in decision.changes if change.version is not None]
    versions = len(written)
    # It told nothing that is not kept, or was withdrawn.
    is_needless = handed_in and not versions and not reading.failures and forget_document(connection, handed_in)
    return Loaded(
        counts=_tally(decision.outcomes, reading.failures),
        versions=versions,
        replaced=sum(version.in_place_of is not None for version in written),
        stories=tuple(change.uid for change in decision.changes),
        restored=sum(version.reason is VersionReason.RESTORED for version in written),
        warnings=tuple(_doubts(decision)),
        failures=tuple(failure.problem for failure in reading.failures),
        forgotten=(reading.digest,) if is_needless else (),
    )


def where_of(reading: Reading, context: LoadContext) -> Quarantined:
    """Name a document whose entries were not all understood."""
    owner = RequestOwner(run_id=context.run_id, feed_id=context.feed_id)
    return Quarantined(owner=owner, document_digest=reading.digest, code_version=PIPELINE_VERSION)


def _decide(connection: Connection, reading: Reading, context: LoadContext) -> tuple[Decision | None, Lack]:
    """Decide on what is known; None where texts are lacking."""
    if (decision := _shortcut(connection, reading, context)) is not None:
        return decision, NOTHING
    known = load_known(connection, Inquiry(reading.items, context.feed_id))
    if texts := missing_texts(reading.items, known):
        return None, Lack(texts=texts)
    known = all_as_read_now(known, reading.read_again)
    decision = decide(reading.items, known, context)
    outdated = outdated_versions(decision, known, CODE.extractor) - reading.read_again.keys()
    return decision, Lack(versions=outdated, headings=unjudged(decision, known))


def _shortcut(connection: Connection, reading: Reading, context: LoadContext) -> Decision | None:
    if any(item.text for item in reading.items):
        return None
    digests = [item.entry.digest for item in reading.items]
    return decide_unchanged(reading.items, load_glances(connection, context.feed_id, digests), context)


def _doubts(decision: Decision) -> Iterable[str]:
    """Say where a feed's names are no names: most of what it had shown before came under others."""
    before = sum(outcome in _SEEN_BEFORE for outcome in decision.outcomes)
    if decision.renamed >= RENAMED_LEAST and decision.renamed > before * RENAMED_SHARE:
        yield f"{RENAMED}: {decision.renamed} of {counted(before, 'story', 'stories')} had other ones before"


def record_unchanged(connection: Connection, feeds: Sequence[tuple[LoadContext, FeedVisit]]) -> list[FeedReport]:
    """Record that feeds, one at least, show the documents that were read before: so many statements as for one."""
    run_id, now = feeds[0][0].run_id, max(context.now for context, _ in feeds)
    owned = [(RequestOwner(run_id=run_id, feed_id=visit.spec.id), visit.result.requests) for _, visit in feeds]
    record_all_requests(connection, owned)
    remember(
        connection,
        *(
            after_success(visit.memory, visit.result, context.now, is_conditional=visit.is_conditional)
            for context, visit in feeds
        ),
    )
    outcomes = [
        FeedOutcome(report=_report(visit, FeedStatus.UNCHANGED), document_digest=visit.memory.document_digest)
        for _, visit in feeds
    ]
    return record_feeds(connection, run_id, outcomes, now)


def record_failure(
    connection: Connection, context: LoadContext, visit: FeedVisit, failure: FeedFailure, raw: RawStore
) -> FeedReport:
    """Record that a feed gave nothing, and why."""
    status, problem = FeedStatus.GONE if visit.result.status == 410 else FeedStatus.FAILED, failure.problem
    report = replace(_report(visit, status), reason=problem.message, error=problem.error)
    memory = after_failure(visit.memory, problem, visit.result.status, context.now, is_whole=context.is_whole)
    digest = _keep_unread(connection, visit.result, raw, context.now)
    outcome = FeedOutcome(report=report, document_digest=digest, traceback=failure.traceback)
    return _record(connection, context, visit, outcome, memory)


def _keep_unread(connection: Connection, result: FetchResult, raw: RawStore, now: datetime) -> str | None:
    """Name the bytes that came and were not understood, where they are stored: somebody will want to see them."""
    if result.digest is None or not raw.has(result.digest):
        return None
    document = Document(
        digest=result.digest, kind=Source.FEED.value, content_type=result.content_type, size_bytes=result.size_bytes
    )
    record_document(connection, document, now)
    return result.digest


def record_skip(connection: Connection, context: LoadContext, reason: str) -> FeedReport:
    """Record that a feed was not asked, and why."""
    report = FeedReport(feed=context.feed_id, status=FeedStatus.SKIPPED, reason=reason)
    return record_feed(connection, context.run_id, FeedOutcome(report=report), context.now)


def record_left_alone(connection: Connection, context: LoadContext, visit: FeedVisit, problem: Problem) -> FeedReport:
    """Record that a feed was not asked, as its host asked for patience; it is left alone until the moment named."""
    owner = RequestOwner(run_id=context.run_id, feed_id=visit.spec.id)
    record_requests(connection, owner, visit.result.requests)
    if problem.retry_at is not None:
        remember(connection, replace(visit.memory, next_attempt_at=problem.retry_at))
    return record_skip(connection, context, problem.message)


def _record(
    connection: Connection, context: LoadContext, visit: FeedVisit, outcome: FeedOutcome, memory: FeedMemory
) -> FeedReport:
    owner = RequestOwner(run_id=context.run_id, feed_id=visit.spec.id)
    record_requests(connection, owner, visit.result.requests)
    remember(connection, memory)
    return record_feed(connection, owner.run_id, outcome, context.now)


def _report(visit: FeedVisit, status: FeedStatus) -> FeedReport:
    result = visit.result
    return FeedReport(
        feed=visit.spec.id,
        status=status,
        http_status=result.status,
        attempts=result.attempts,
        size_bytes=result.size_bytes,
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


def _keep_document(connection: Connection, reading: Reading, raw: RawStore, now: datetime) -> None:
    document = reading.document
    if not raw.has(reading.digest):  # a sweep took it since it was read
        raw.put(document.body)
    named = Document(
        digest=reading.digest,
        kind=document.source.value,
        content_type=document.content_type,
        size_bytes=len(document.body),
    )
    record_document(connection, named, now)


def _forget_previous(connection: Connection, visit: FeedVisit, reading: Reading) -> tuple[str, ...]:
    previous = visit.memory.document_digest
    is_over = previous is not None and previous != reading.digest and forget_document(connection, previous)
    return (previous,) if previous is not None and is_over else ()
