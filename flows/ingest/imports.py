"""Import documents: the same steps as a feed's entries, under a source of their own."""

import asyncio
import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from config.settings import Settings
from flows.ingest.capture_pile import CapturePile
from flows.ingest.import_loading import MOST_KEPT, HandedIn, load_import
from flows.ingest.reading import ParsedDocument, SourceDocument
from flows.ingest.web_archives import REVISIT, REVISITS, Finder, is_web_archive, take_captures
from flows.runs.context import RunContext
from flows.runs.opening import IMPORT, RunRequest, open_import
from flows.runs.progress import tell
from flows.workers.jobs import read_import
from models.archive.ledger.runs import FeedOutcome, record_feed
from models.errors import BadResponse
from models.reports import Counts, FeedReport, FeedStatus, RunReport
from models.stages import FeedSpec, ParsedFeed, Source
from models.storage.whole_file import read_ordinary
from models.wording import counted

READ_TIMEOUT_S: Final = 60.0
MAX_BYTES: Final = 50_000_000
OLDER_CAPTURE: Final = "capture from before what the archive knows of its page"
OLDER_CAPTURES: Final = "captures from before what the archive knows of their pages"
_NAMED: Final = 3  # failures of a document that the ledger names; the others are counted


class ImportedDocument(Struct, frozen=True, kw_only=True):
    """What became of one document."""

    name: str  # its path as it was given; bytes of it that are no text are replaced
    counts: Counts
    refused: tuple[str, ...] = ()  # a reason for each story or page that could not be read, of many for the first
    older: tuple[str, ...] = ()  # pages that were passed over, as they were known later; of many the first
    passed_over: int = 0  # of them, all
    revisited: tuple[str, ...] = ()  # pages that records name as those of others; of many the first
    revisits: int = 0  # of these records, all; they are not counted as stories
    nothing_why: str | None = None  # why there was nothing in it to take
    hosts_met: frozenset[str] = frozenset()  # of those asked for: it had pages of them

    @property
    def reason(self) -> str | None:
        """Return why not all of it was taken; None where all was. The first reasons stand for the others."""
        more = self.counts.failed - len(self.refused[:_NAMED])
        told = [*self.refused[:_NAMED], *([f"and {more} more"] if more > 0 else [])]
        reason = self.nothing_why or "; ".join(told)
        return self.named(reason) if reason else None

    def named(self, reason: str) -> str:
        """Return a reason that names the document."""
        return reason if self.name in reason else f"{self.name}: {reason}"

    def and_then(self, later: "ImportedDocument") -> "ImportedDocument":
        """Return what became of it in this run and a later one."""
        return replace(
            self,
            counts=Counts.total((self.counts, later.counts)),
            refused=(*self.refused, *later.refused)[:MOST_KEPT],
            older=(*self.older, *later.older)[:MOST_KEPT],
            passed_over=self.passed_over + later.passed_over,
        )


class Imported(Struct, frozen=True, kw_only=True):
    """What became of all that was handed in."""

    report: RunReport  # of all its runs as of one, with the number of the first
    documents: tuple[ImportedDocument, ...]
    further_runs: tuple[int, ...] = ()  # their numbers
    waited_pages: int = 0  # that had captures for these


async def import_documents(
    settings: Settings, paths: Sequence[Path], source: str | None, hosts: Collection[str] = ()
) -> Imported:
    """Take documents into the archive; those it holds already change nothing. Raise as open_import does.

    Of web archives, only pages of these hosts and their subdomains are taken; of none named, all. Of a page that has
    changed among its captures each run takes one change, and another follows, until none waits.
    """
    feed_id = f"{IMPORT}:{source}" if source else IMPORT
    request = RunRequest(mode=IMPORT, feeds=(feed_id,), parameters={"paths": [_name(path) for path in paths]})
    async with open_import(settings, request, feed_id) as next_run:
        async with next_run() as run:
            documents, waiting = await _read_all(run, paths, hosts)
        reports, waited = [_closed(run)], len(waiting.pages())
        while waiting:
            async with next_run() as run:
                more, waiting = await _take_on(run, paths, waiting)
            documents = [one.and_then(later) for one, later in zip(documents, more, strict=True)]
            reports.append(_closed(run))
    return Imported(
        report=RunReport.whole(reports),
        documents=tuple(documents),
        further_runs=tuple(report.run_id for report in reports[1:]),
        waited_pages=waited,
    )


def _closed(run: RunContext) -> RunReport:
    assert run.report is not None  # closing the run wrote it
    return run.report


async def _read_all(
    run: RunContext, paths: Sequence[Path], hosts: Collection[str]
) -> tuple[list[ImportedDocument], CapturePile]:
    """Read documents, and take the captures of web archives; return what became of each, and what waits."""
    spec, pile = run.plan.specs[0], CapturePile()
    handed_in = [HandedIn(path=path) for path in paths]
    finder = Finder(run=run, hosts=tuple(hosts), pile=pile)
    met = [frozenset[str]()] * len(paths)
    for number, one in enumerate(handed_in):
        with one.sums.refusing():
            if is_web_archive(one.path):
                met[number] = await finder.find(number, one)
            else:
                await _load(run, spec, one)
        tell("documents", number + 1, len(paths))
    waiting = await take_captures(run, spec, pile, handed_in)
    documents = [_told(one, hosts_met) for one, hosts_met in zip(handed_in, met, strict=True)]
    run.reports[spec.id] = await _record(run, spec, documents)
    return documents, waiting


async def _take_on(
    run: RunContext, paths: Sequence[Path], pile: CapturePile
) -> tuple[list[ImportedDocument], CapturePile]:
    """Take captures that waited for this run; return as _read_all does."""
    spec, handed_in = run.plan.specs[0], [HandedIn(path=path) for path in paths]
    waiting = await take_captures(run, spec, pile, handed_in)
    documents = [_told(one) for one in handed_in]
    run.reports[spec.id] = await _record(run, spec, documents)
    return documents, waiting


def _told(one: HandedIn, hosts_met: frozenset[str] = frozenset()) -> ImportedDocument:
    return ImportedDocument(
        name=_name(one.path),
        counts=one.sums.counts,
        refused=tuple(one.sums.refused),
        older=tuple(one.sums.older),
        passed_over=one.sums.passed_over,
        revisited=tuple(one.sums.revisited),
        revisits=one.sums.revisits,
        nothing_why=one.sums.nothing_why,
        hosts_met=hosts_met,
    )


def _name(path: Path) -> str:
    """Return a path as text: on Linux a file's name is bytes, and no database takes those that are not UTF-8."""
    return os.fsencode(path).decode("utf-8", "replace")


async def _load(run: RunContext, spec: FeedSpec, handed_in: HandedIn) -> None:
    name = _name(handed_in.path)
    body = await asyncio.to_thread(_read, handed_in.path)
    entries = await run.workers.call(read_import, body, name, run.session.clock(), timeout_s=READ_TIMEOUT_S)
    digest = await asyncio.to_thread(run.session.raw.put, body)
    parsed = ParsedFeed(
        kind=IMPORT, title=Path(name).name, language=None, home_url=None, is_complete=True, entries=entries
    )
    document = SourceDocument(body=body, content_type="", url=Path(name).name, source=Source.IMPORT)
    read = ParsedDocument(document=document, digest=digest, parsed=parsed)
    handed_in.sums.take(await load_import(run, spec, read, run.context(spec)))


def _read(path: Path) -> bytes:
    try:
        return read_ordinary(path, MAX_BYTES)
    except OSError as error:
        raise BadResponse(f"{_name(path)} cannot be read: {error.strerror or error}") from error


async def _record(run: RunContext, spec: FeedSpec, documents: Sequence[ImportedDocument]) -> FeedReport:
    refused = [one.reason for one in documents if one.reason]
    counts = Counts.total(one.counts for one in documents)
    passed_over, revisits = sum(one.passed_over for one in documents), sum(one.revisits for one in documents)
    warnings = [f"passed over: {counted(passed_over, OLDER_CAPTURE, OLDER_CAPTURES)}"] if passed_over else []
    warnings += [f"passed over: {counted(revisits, REVISIT, REVISITS)}"] if revisits else []
    report = FeedReport(
        feed=spec.id,
        status=FeedStatus.FAILED if counts.failed == counts.seen else FeedStatus.OK,
        reason="; ".join(refused) or None,
        counts=counts,
        warnings=tuple(warnings),
    )
    return await run.session.write(record_feed, run.plan.run_id, FeedOutcome(report=report), run.session.clock())
