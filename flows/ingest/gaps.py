"""Gaps: entries that came and went between two nights, shown by a document that shares none with the one before.

The pages behind such a document are read for as long as they bring what the feed has not shown yet.
"""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from flows.ingest.loading import FeedVisit
from flows.ingest.reading import PARSE_TIMEOUT_S, ParsedDocument, Reading, read_entries
from flows.runs.context import RunContext
from flows.runs.room import Place
from flows.workers.jobs import parse_document
from models.archive.overlap import shares_entries, shares_words
from models.errors import Permanent
from models.reports import GAP
from models.stages import Entry, ParsedFeed, Request
from models.wording import counted

MAX_PAGES: Final = 10
MAX_ENTRIES: Final = 20_000  # of all pages together, as of one document
MAX_PINNED: Final = 3  # entries that a feed keeps on top, however old they are
BUSY_ENTRIES: Final = 5  # a document of fewer is replaced as a whole by feeds that are not busy


class _Pages(Struct, kw_only=True):
    """The pages of a feed, as they are read."""

    parsed: ParsedFeed  # all of them as one document
    seen: set[str]
    requests: tuple[Request, ...] = ()
    count: int = 0
    has_met: bool = False  # an entry that the feed showed before
    trouble: str | None = None

    @property
    def next_url(self) -> str | None:
        """Return the address of the next page, if it is worth reading."""
        url = self.parsed.older_url
        is_enough = self.has_met or self.count == MAX_PAGES or len(self.parsed.entries) >= MAX_ENTRIES
        return None if is_enough or self.trouble or url in self.seen else url


async def bridged(run: RunContext, visit: FeedVisit, reading: Reading, place: Place) -> tuple[FeedVisit, Reading]:
    """Return a document with the pages behind it, where it shares no entry with what its feed has shown before.

    Where they do not reach back so far, the report warns of a gap and the feed remembers it. While they are asked for,
    others have the place.
    """
    entries = reading.parsed.entries
    is_first = visit.memory.document_digest is None
    if is_first or not entries or await _is_met(run, visit, reading):
        return visit, reading
    pages = _Pages(parsed=reading.parsed, seen={visit.result.url, visit.result.final_url})
    if pages.next_url:
        async with place.left():
            while url := pages.next_url:
                await _read_page(run, visit, pages, url)
    if pages.requests:
        visit = replace(visit, result=replace(visit.result, requests=(*visit.result.requests, *pages.requests)))
    if not pages.has_met and len(entries) >= BUSY_ENTRIES:
        visit = replace(visit, memory=replace(visit.memory, gap_at=run.session.clock()))
        pages.parsed = replace(pages.parsed, warnings=(*pages.parsed.warnings, _warning(visit, pages)))
    elif not pages.count:
        return visit, reading
    read = ParsedDocument(document=reading.document, digest=reading.digest, parsed=pages.parsed)
    return visit, await read_entries(run, visit.spec, read)


async def _is_met(run: RunContext, visit: FeedVisit, reading: Reading) -> bool:
    """Tell whether an entry of a document was shown before, also where its names are new at every request."""
    entries = without_pinned(reading.parsed.entries)
    if await run.session.read(shares_entries, visit.spec.id, entries):
        return True
    positions = {entry.position for entry in entries}
    items = [item for item in reading.items if item.entry.position in positions]
    return await run.session.read(shares_words, visit.spec.id, items)


def without_pinned(entries: Sequence[Entry]) -> Sequence[Entry]:
    """Return a document's entries without those that are kept on top of newer ones: they bridge no gap."""
    for count in range(MAX_PINNED + 1):
        moments = [entry.published_at for entry in entries[count:] if entry.published_at is not None]
        if len(moments) < BUSY_ENTRIES or moments != sorted(moments, reverse=True):
            continue
        is_pinned = all(one.published_at is not None and one.published_at < moments[0] for one in entries[:count])
        return entries[count:] if is_pinned else entries
    return entries


async def _read_page(run: RunContext, visit: FeedVisit, pages: _Pages, url: str) -> None:
    pages.seen.add(url)
    result = await run.fetcher.fetch_feed(url, max_tries=1)
    pages.requests += result.requests
    if result.problem is not None or result.body is None:
        pages.trouble = result.problem.message if result.problem else "it has no body"
        return
    try:
        facts = (result.body, result.content_type, result.final_url, visit.spec.language, visit.spec.country)
        found = await run.workers.call(parse_document, *facts, timeout_s=PARSE_TIMEOUT_S)
    except Permanent as error:
        pages.trouble = str(error)
        return
    shown = {entry.digest for entry in pages.parsed.entries}
    fresh = tuple(entry for entry in found.entries if entry.digest not in shown)
    pages.has_met = await run.session.read(shares_entries, visit.spec.id, fresh)
    pages.parsed = _joined(pages.parsed, replace(found, entries=fresh, older_url=found.older_url if fresh else None))
    pages.count += 1


def _joined(parsed: ParsedFeed, page: ParsedFeed) -> ParsedFeed:
    """Put a page's entries behind those of the pages before it."""
    positions = [*(one.position for one in parsed.entries), *(one.position for one in parsed.failures)]
    offset = 1 + max(positions, default=-1)
    entries = tuple(replace(one, position=one.position + offset) for one in page.entries)
    failures = tuple(replace(one, position=one.position + offset) for one in page.failures)
    return replace(
        parsed,
        entries=(*parsed.entries, *entries),
        failures=(*parsed.failures, *failures),
        warnings=(*parsed.warnings, *(one for one in page.warnings if one not in parsed.warnings)),
        older_url=page.older_url,
    )


def _warning(visit: FeedVisit, pages: _Pages) -> str:
    last = visit.memory.last_success_at
    since = f"{last:%Y-%m-%d %H:%M} UTC" if last else "the last time"
    behind = f", nor in {counted(pages.count, 'page')} behind it" if pages.count else ""
    trouble = f" (the next one could not be read: {pages.trouble})" if pages.trouble else ""
    return (
        f"{GAP}: no entry of {since} is in the document any more{behind}{trouble}; "
        "what came and went in between was missed: schedule more often"
    )
