"""Web archives that somebody hands in: each HTML page is a page of a story by its URL, behind the gate.

The moment of its capture is when the story was first seen. Read again, a file adds nothing: what is known from that
moment or a later one is passed over before anything is extracted. Of several captures of one page in one import the
last one is the story's text, as it is of several sights of it in one night.
"""

import asyncio
from collections.abc import Collection
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from flows.ingest.import_loading import ImportSums, load_import
from flows.ingest.reading import ParsedDocument, SourceDocument
from flows.runs.context import RunContext
from flows.steps.captures import WARC_SUFFIXES, CaptureBatch, PageCapture
from flows.steps.text.urls import url_key
from flows.workers.jobs import read_capture, read_web_archive
from models.archive.overlap import is_known_since
from models.errors import Permanent
from models.identity import LoadContext
from models.reports import Counts
from models.stages import FeedSpec, ParsedFeed, Relevance, Source
from models.wording import counted

_BATCH_TIMEOUT_S: Final = 60.0
_PAGE_TIMEOUT_S: Final = 10.0


def is_web_archive(path: Path) -> bool:
    """Tell a web archive by its name."""
    return path.name.lower().endswith(WARC_SUFFIXES)


async def load_web_archive(
    run: RunContext, spec: FeedSpec, path: Path, hosts: Collection[str], sums: ImportSums
) -> frozenset[str]:
    """Load all pages of a file, or those of these hosts, and count them in `sums`; return the hosts that had any."""
    at: int | None = 0
    others, met = 0, frozenset[str]()
    gated = replace(spec, relevance=Relevance.GATE)
    place = _from_anywhere(path)
    while at is not None:
        try:
            batch: CaptureBatch = await run.workers.call(
                read_web_archive, place, at, tuple(hosts), timeout_s=_BATCH_TIMEOUT_S
            )
        except Permanent as error:  # what stood before is in the archive
            sums.refuse(f"from byte {at:,} on it could not be read: {error}")
            break
        for reason in batch.refused:
            sums.refuse(reason)
        for capture in batch.captures:
            await _load(run, gated, capture, sums)
        at, others, met = batch.next_offset, others + batch.of_other_hosts, met | batch.hosts_met
    if not sums.counts.seen:
        sums.nothing_why = _nothing_why(others, hosts)
    return met


def _from_anywhere(path: Path) -> str:
    """Return a path that a worker finds wherever it stands."""
    return str(path.absolute())


def _nothing_why(others: int, hosts: Collection[str]) -> str:
    if not others:
        return "no HTML page is in it: only answers of that kind, with status 200, are read"
    return f"none of its {counted(others, 'HTML page')} is of {' or '.join(sorted(hosts))}"


async def _load(run: RunContext, spec: FeedSpec, capture: PageCapture, sums: ImportSums) -> None:
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
    await load_import(run, spec, read, context, sums)
