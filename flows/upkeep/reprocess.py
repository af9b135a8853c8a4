"""Work the stored bytes again with today's code: documents for stories that older code missed, then every text.

Nothing is fetched. A story may be added; none is removed, none gets a version, and no key is computed anew.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import partial
from typing import Final

from msgspec.structs import replace
from sqlalchemy import Connection

from config.settings import Settings
from flows.ingest.loading import supply, where_of
from flows.ingest.reading import CLEAN_TIMEOUT_S, Reading, SourceDocument, read_document
from flows.ingest.rereading import KeptEntry, clean_again
from flows.ingest.settling import Lack, settle
from flows.runs.bugs import bug_problem
from flows.runs.context import CODE, RunContext
from flows.runs.opening import RunRequest, open_run
from flows.runs.progress import tell
from flows.steps._identity.headings import unjudged
from flows.steps._identity.names import digest_key
from flows.steps.dedupe import Inquiry, decide, entry_keys
from flows.steps.text.fingerprint import content_hash
from flows.workers.jobs import judge_texts, read_page
from models.archive.known import load_known
from models.archive.ledger.documents import quarantine
from models.archive.ledger.runs import FeedOutcome, name_flow_run, record_feed, record_pages
from models.archive.reprocessing import (
    Remade,
    Selection,
    StoredDocument,
    StoredText,
    rewrite,
    stored_documents,
    stored_texts,
)
from models.archive.stories import apply
from models.errors import ArchiveError, NotFound, Permanent, StorageError, WorkerKilled
from models.identity import Decision, Item, Known, LoadContext, Outcome
from models.reports import Counts, FeedReport, FeedStatus, PageCounts, RunReport
from models.stages import ClassifiedStory, CleanStory, EntryFailure, FeedSpec, Heading, Source

PAGE: Final = "page"


class ReprocessTally:
    """What came of each feed's stored entries and texts, and of the pages'."""

    def __init__(self) -> None:
        self.counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.reasons: dict[str, str] = {}  # the first failure's

    def add(self, feed: str, outcome: Outcome, reason: str | None = None) -> None:
        """Count one."""
        self.counts[feed][outcome.value] += 1
        if reason is not None:
            self.reasons.setdefault(feed, reason)


async def run_reprocess(
    settings: Settings, request: RunRequest, selection: Selection, flow_run_id: str | None = None
) -> RunReport:
    """Work what is selected and return the run's report. Raise as open_run does."""
    async with open_run(settings, request) as run:
        if flow_run_id:
            await run.session.write(name_flow_run, run.plan.run_id, flow_run_id)
        await work_stored(run, selection)
    assert run.report is not None  # closing the run wrote it
    return run.report


def request_for(selection: Selection, *, started_by: str) -> RunRequest:
    """Return the run's head for the ledger."""
    since = selection.since.isoformat() if selection.since else None
    parameters = {"run": selection.run_id, "since": since}
    return RunRequest(mode="reprocess", feeds=selection.feeds, started_by=started_by, parameters=parameters)


async def work_stored(run: RunContext, selection: Selection) -> None:
    """Work all that is selected and write its sums into the ledger."""
    tally = ReprocessTally()
    specs = {spec.id: spec for spec in run.plan.specs}
    documents = await run.session.read(stored_documents, selection)
    for done, document in enumerate(documents, start=1):
        if document.feed_id in specs:
            await _read_again(run, specs[document.feed_id], document, tally)
        tell("documents", done, len(documents))
    after = 0
    while batch := await run.session.read(stored_texts, selection, after):
        after = batch[-1].version_id
        made = await asyncio.gather(*(_made_again(run, stored) for stored in batch))
        for stored, result in zip(batch, made, strict=True):
            await _take(run, stored, result, tally)
    await _record(run, tally)


async def _read_again(run: RunContext, spec: FeedSpec, document: StoredDocument, tally: ReprocessTally) -> None:
    try:
        body = await asyncio.to_thread(run.session.raw.get, document.digest)
        kept = SourceDocument(body=body, content_type=document.content_type, url=spec.url)
        reading = await read_document(run, spec, kept)
    except (Permanent, NotFound, StorageError) as error:
        tally.add(spec.id, Outcome.FAILED, str(error))
        return
    context = run.context(spec)
    outcomes = await settle(
        run.session,
        reading,
        partial(supply, run, spec),
        partial(_add_missing, context=context),
    )
    for outcome in outcomes:
        tally.add(spec.id, outcome)


def _add_missing(connection: Connection, reading: Reading, context: LoadContext) -> tuple[Outcome, ...] | Lack:
    """Take in the entries of which the archive knows no name at all: older code did not understand them."""
    decision, known = _decide_missing(connection, reading, context)
    if headings := unjudged(decision, known):
        return Lack(headings=headings)
    apply(connection, decision, context, CODE)
    quarantine(connection, where_of(reading, context), reading.failures, context.now)
    return decision.outcomes


def _decide_missing(connection: Connection, reading: Reading, context: LoadContext) -> tuple[Decision, Known]:
    known = load_known(connection, Inquiry(reading.items, context.feed_id))
    missing = [item for item in reading.items if item.text and _is_unknown(item, known, context.feed_id)]
    return decide(missing, known, context), known


def _is_unknown(item: Item, known: Known, feed_id: str) -> bool:
    names = entry_keys(item, feed_id)
    is_known = any(name in known.owners for name in (*names, digest_key(item, feed_id)))
    return bool(names) and not is_known and item.entry.digest not in known.by_digest


async def _made_again(run: RunContext, stored: StoredText) -> Remade | str:
    """Return what today's code makes of a text's source, or why it makes nothing that may stand in its place."""
    try:
        made = await (_from_page(run, stored) if stored.source is Source.PAGE else _from_entry(run, stored))
        if isinstance(made, EntryFailure):
            return made.problem.message
        if stored.text and not made.story.text:
            return "today's code finds no text in it: the old one stays"
        return await _titled(run, stored, made)
    except (Permanent, NotFound, StorageError, WorkerKilled) as error:
        return str(error)
    except ArchiveError:
        raise  # the archive itself cannot go on
    except Exception as error:  # noqa: BLE001  (a bug costs one text, not those behind it)
        return bug_problem(error).message


async def _titled(run: RunContext, stored: StoredText, made: ClassifiedStory) -> Remade:
    """Give a text the title that it is kept with, and the labels that it has under it."""
    title = _title(stored, made.story)
    if title != made.heading.title:
        heading = replace(made.heading, title=title)
        (made,) = await run.workers.call(judge_texts, [(made.story, heading)], timeout_s=CLEAN_TIMEOUT_S)
    return Remade(stored=stored, classified=made, title=title)


async def _from_entry(run: RunContext, stored: StoredText) -> ClassifiedStory | EntryFailure:
    if stored.raw_entry is None:
        raise NotFound(f"version {stored.version_id} has no source of its own")
    kept = KeptEntry(
        raw_entry=stored.raw_entry,
        text=stored.text,
        url=stored.url or None,
        tags=stored.tags,
        language=stored.language,
        source=stored.source,
    )
    cleaned = await clean_again(run, kept)
    if isinstance(cleaned, EntryFailure):
        return cleaned
    heading = Heading(title=_title(stored, cleaned), tags=cleaned.tags, url=kept.url)
    [judged] = await run.workers.call(judge_texts, [(cleaned, heading)], timeout_s=CLEAN_TIMEOUT_S)
    return judged


def _title(stored: StoredText, cleaned: CleanStory) -> str:
    """Return the title that a text is kept with: its own, unless it had another feed's."""
    has_own_title = content_hash(stored.title, stored.text) == stored.content_hash
    return cleaned.title if has_own_title and cleaned.title else stored.title


async def _from_page(run: RunContext, stored: StoredText) -> ClassifiedStory:
    if stored.raw_digest is None:
        raise NotFound(f"version {stored.version_id} has no page of its own")
    body = await asyncio.to_thread(run.session.raw.get, stored.raw_digest)
    heading = Heading(title=stored.title, tags=stored.tags, url=stored.url or None)
    return await run.workers.call(read_page, body, stored.url, stored.content_type, heading, timeout_s=CLEAN_TIMEOUT_S)


async def _take(run: RunContext, stored: StoredText, made: Remade | str, tally: ReprocessTally) -> None:
    feed = stored.feed_id or PAGE
    if isinstance(made, str):
        tally.add(feed, Outcome.FAILED, f"version {stored.version_id}: {made}")
        return
    outcome = await run.session.write(rewrite, made, run.page_context(), CODE)
    tally.add(feed, outcome)


async def _record(run: RunContext, tally: ReprocessTally) -> None:
    pages = tally.counts.pop(PAGE, Counter())
    run.pages = PageCounts(
        due=pages.total(), completed=pages["updated"], unchanged=pages["unchanged"], failed=pages["failed"]
    )
    await run.session.write(record_pages, run.plan.run_id, run.pages)
    for feed in (*(spec.id for spec in run.plan.specs), *_others(run, tally)):
        counts = tally.counts[feed]
        report = FeedReport(
            feed=feed,
            status=FeedStatus.OK,
            reason=tally.reasons.get(feed),
            counts=Counts(seen=counts.total(), **counts),
        )
        run.reports[feed] = await run.session.write(
            record_feed, run.plan.run_id, FeedOutcome(report=report), run.session.clock()
        )


def _others(run: RunContext, tally: ReprocessTally) -> Sequence[str]:
    """Return feeds that are out of feeds.yaml, and import sources, whose texts were worked too."""
    return sorted(tally.counts.keys() - {spec.id for spec in run.plan.specs})
