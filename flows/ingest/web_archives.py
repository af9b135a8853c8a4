"""Web archives that somebody hands in: each HTML response is a page of a story by its URL, behind the gate.

The moment of its capture is when the story was first seen. Read again, a file adds nothing: what is known from that
moment or a later one is passed over before anything is extracted. Of several captures of one page in one import the
last one is the story's text, as it is of several sights of it in one night.
"""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from flows.ingest.import_loading import load_import
from flows.ingest.reading import ParsedDocument, SourceDocument
from flows.runs.context import RunContext
from flows.steps.captures import WARC_SUFFIXES, CaptureBatch, PageCapture
from flows.steps.urls import url_key
from flows.workers.jobs import read_capture, read_web_archive
from models.archive.overlap import is_known_since
from models.errors import Permanent
from models.identity import LoadContext
from models.reports import Counts
from models.stages import FeedSpec, ParsedFeed, Relevance, Source

_BATCH_TIMEOUT_S: Final = 60.0
_PAGE_TIMEOUT_S: Final = 10.0
_NAMED: Final = 3  # pages that a reason names; the others are counted


def is_web_archive(path: Path) -> bool:
    """Tell a web archive by its name."""
    return path.name.lower().endswith(WARC_SUFFIXES)


@dataclass(slots=True)
class PageSums:
    """What the pages of one file were so far, also where a bug ends it in the middle."""

    counts: Counts = field(default_factory=Counts)
    refused: list[str] = field(default_factory=list)
    refused_count: int = 0

    @property
    def reason(self) -> str | None:
        """Return what was refused, and why; None where all was taken."""
        more = self.refused_count - len(self.refused)
        return ("; ".join(self.refused) + (f"; and {more} more" if more else "")) or None

    def add(self, counts: Counts) -> None:
        """Count pages."""
        self.counts = Counts.total((self.counts, counts))

    def refuse(self, reason: str) -> None:
        """Count a page that is not taken; the first of them are named."""
        self.refused_count += 1
        self.refused += [reason] if len(self.refused) < _NAMED else []
        self.add(Counts(seen=1, failed=1))


async def load_web_archive(run: RunContext, spec: FeedSpec, path: Path, hosts: Collection[str], sums: PageSums) -> None:
    """Load all pages of a file and count them in `sums`."""
    offset = 0
    gated = replace(spec, relevance=Relevance.GATE)
    while True:
        try:
            batch: CaptureBatch = await run.workers.call(
                read_web_archive, str(path), offset, tuple(hosts), timeout_s=_BATCH_TIMEOUT_S
            )
        except Permanent as error:  # what stood before is in the archive
            sums.refuse(f"from byte {offset} on it could not be read: {error}")
            break
        for reason in batch.refused:
            sums.refuse(reason)
        for capture in batch.captures:
            await _load(run, gated, capture, sums)
        if batch.next_offset is None:
            break
        offset = batch.next_offset


async def _load(run: RunContext, spec: FeedSpec, capture: PageCapture, sums: PageSums) -> None:
    key = url_key(capture.url)
    if key is not None and await run.session.read(is_known_since, key, capture.at):
        sums.add(Counts(seen=1, unchanged=1))
        return
    try:
        entry = await run.workers.call(read_capture, capture, timeout_s=_PAGE_TIMEOUT_S)
    except Permanent as error:
        reason = str(error)
        sums.refuse(reason if capture.url in reason else f"{capture.url}: {reason}")
        return
    digest = await asyncio.to_thread(run.session.raw.put, capture.body)
    parsed = ParsedFeed(kind="warc", title="", language=None, home_url=None, is_complete=True, entries=(entry,))
    document = SourceDocument(
        body=capture.body, content_type=capture.content_type, url=capture.url, source=Source.IMPORT
    )
    read = ParsedDocument(document=document, digest=digest, parsed=parsed)
    context: LoadContext = replace(run.context(spec), seen_at=capture.at)
    sums.add(await load_import(run, spec, read, context))
