"""Import documents: the same steps as a feed's entries, under a source of their own."""

import asyncio
import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from config.settings import Settings
from flows.ingest.import_loading import ImportSums, load_import
from flows.ingest.reading import ParsedDocument, SourceDocument
from flows.ingest.web_archives import is_web_archive, load_web_archive
from flows.runs.bugs import bug_problem
from flows.runs.context import RunContext
from flows.runs.opening import IMPORT, RunRequest, open_import
from flows.runs.progress import tell
from flows.workers.jobs import read_import
from models.archive.ledger.runs import FeedOutcome, record_feed
from models.errors import ArchiveError, BadResponse, Permanent
from models.reports import Counts, FeedReport, FeedStatus, RunReport
from models.stages import FeedSpec, ParsedFeed, Source
from models.storage.whole_file import read_ordinary

READ_TIMEOUT_S: Final = 60.0
MAX_BYTES: Final = 50_000_000
_NAMED: Final = 3  # failures of a document that the ledger names; the others are counted


class ImportedDocument(Struct, frozen=True, kw_only=True):
    """What became of one document."""

    name: str  # its path as it was given; bytes of it that are no text are replaced
    counts: Counts
    so_far: Counts  # with those of the documents before it
    refused: tuple[str, ...] = ()  # a reason for each story or page that could not be read, of many for the first
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


async def import_documents(
    settings: Settings, paths: Sequence[Path], source: str | None, hosts: Collection[str] = ()
) -> tuple[RunReport, list[ImportedDocument]]:
    """Take documents into the archive; those it holds already change nothing. Raise as open_import does.

    Of web archives, only pages of these hosts and their subdomains are taken; of none named, all.
    """
    feed_id = f"{IMPORT}:{source}" if source else IMPORT
    request = RunRequest(mode=IMPORT, feeds=(feed_id,), parameters={"paths": [_name(path) for path in paths]})
    async with open_import(settings, request, feed_id) as run:
        spec = run.plan.specs[0]
        documents: list[ImportedDocument] = []
        for done, path in enumerate(paths, start=1):
            before = documents[-1].so_far if documents else Counts()
            documents.append(await _import_one(run, spec, path, hosts, ImportSums(before=before)))
            tell("documents", done, len(paths))
        run.reports[feed_id] = await _record(run, spec, documents)
    assert run.report is not None  # closing the run wrote it
    return run.report, documents


async def _import_one(
    run: RunContext, spec: FeedSpec, path: Path, hosts: Collection[str], sums: ImportSums
) -> ImportedDocument:
    met = frozenset[str]()
    try:
        if is_web_archive(path):
            met = await load_web_archive(run, spec, path, hosts, sums)
        else:
            await _load(run, spec, path, sums)
    except Permanent as error:
        sums.refuse(str(error))
    except ArchiveError:
        raise  # the archive itself cannot go on
    except Exception as error:  # noqa: BLE001  (a bug costs one document, not those behind it)
        sums.refuse(bug_problem(error).message)
    return ImportedDocument(
        name=_name(path),
        counts=sums.counts,
        so_far=Counts.total((sums.before, sums.counts)),
        refused=tuple(sums.refused),
        nothing_why=sums.nothing_why,
        hosts_met=met,
    )


def _name(path: Path) -> str:
    """Return a path as text: on Linux a file's name is bytes, and no database takes those that are not UTF-8."""
    return os.fsencode(path).decode("utf-8", "replace")


async def _load(run: RunContext, spec: FeedSpec, path: Path, sums: ImportSums) -> None:
    name = _name(path)
    body = await asyncio.to_thread(_read, path)
    entries = await run.workers.call(read_import, body, name, run.session.clock(), timeout_s=READ_TIMEOUT_S)
    digest = await asyncio.to_thread(run.session.raw.put, body)
    parsed = ParsedFeed(
        kind=IMPORT, title=Path(name).name, language=None, home_url=None, is_complete=True, entries=entries
    )
    document = SourceDocument(body=body, content_type="", url=Path(name).name, source=Source.IMPORT)
    read = ParsedDocument(document=document, digest=digest, parsed=parsed)
    await load_import(run, spec, read, run.context(spec), sums)


def _read(path: Path) -> bytes:
    try:
        return read_ordinary(path, MAX_BYTES)
    except OSError as error:
        raise BadResponse(f"{_name(path)} cannot be read: {error.strerror or error}") from error


async def _record(run: RunContext, spec: FeedSpec, documents: Sequence[ImportedDocument]) -> FeedReport:
    refused = [one.reason for one in documents if one.reason]
    counts = Counts.total(one.counts for one in documents)
    report = FeedReport(
        feed=spec.id,
        status=FeedStatus.FAILED if counts.failed == counts.seen else FeedStatus.OK,
        reason="; ".join(refused) or None,
        counts=counts,
    )
    return await run.session.write(record_feed, run.plan.run_id, FeedOutcome(report=report), run.session.clock())
