"""Web archives that somebody hands in: each HTML page is a page of a story by its URL, behind the gate.

The moment of its capture is when its text was first seen. The files are gone through for where their pages stand, and
pages are taken in the order of their moments. A story has one text of a run: where a page has changed once, its further
captures wait for the next run of the import. Read again, a file adds nothing: what is known from that moment or a later
one is passed over before anything is extracted.
"""

import asyncio
import hashlib
from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from flows.ingest.capture_pile import CapturePile, CapturePlace
from flows.ingest.import_loading import (
    CaptureLoad,
    HandedIn,
    ImportSums,
    Load,
    MustWait,
    WouldReturn,
    load_beside,
    load_beside_its_moment,
    load_import,
)
from flows.ingest.loading import Loaded
from flows.ingest.reading import ParsedDocument, SourceDocument
from flows.runs.context import RunContext
from flows.runs.progress import tell
from flows.steps.captures import WARC_SUFFIXES, CaptureBatch, PageCapture
from flows.steps.text.urls import url_key
from flows.workers.jobs import find_captures, read_capture, read_captured_page
from models.archive.overlap import Standing, standing_of
from models.errors import BadResponse, Permanent
from models.identity import LoadContext
from models.reports import Counts
from models.stages import FeedSpec, ParsedFeed, Relevance, Source
from models.wording import counted

_BATCH_TIMEOUT_S: Final = 60.0
_PAGE_TIMEOUT_S: Final = 10.0
REVISIT: Final = "revisit record, which names the page of another as its own"
REVISITS: Final = "revisit records, which name the pages of others as theirs"
# Read again, captures of one moment must not change places for ever: none brings back what its story had before.
_WAYS: Final[dict[Standing, CaptureLoad]] = {Standing.FRESH: load_beside, Standing.BESIDE: load_beside_its_moment}
_UNCHANGED: Final = Counts(seen=1, unchanged=1)


def is_web_archive(path: Path) -> bool:
    """Tell a web archive by its name."""
    return path.name.lower().endswith(WARC_SUFFIXES)


class Finder(Struct, frozen=True, kw_only=True):
    """Goes through the web archives of an import, for all pages or those of some hosts."""

    run: RunContext
    hosts: tuple[str, ...]
    pile: CapturePile  # where what is found is put

    async def find(self, number: int, document: HandedIn) -> frozenset[str]:
        """Find a file's pages, and count in its sums what no page can be read from; return the hosts that had any."""
        at: int | None = 0
        others, met, before = 0, frozenset[str](), len(self.pile)
        while at is not None:
            try:
                batch: CaptureBatch = await self.run.workers.call(
                    find_captures, _from_anywhere(document.path), at, self.hosts, timeout_s=_BATCH_TIMEOUT_S
                )
            except Permanent as error:  # what stands before is taken
                document.sums.refuse(f"from byte {at:,} on it could not be read: {error}")
                break
            for reason in batch.refused:
                document.sums.refuse(reason)
            for url in batch.revisits:
                document.sums.revisit(url)
            for capture in batch.captures:
                self.pile.add(number, capture)
            at, others, met = batch.next_offset, others + batch.of_other_hosts, met | batch.hosts_met
        if len(self.pile) == before and not document.sums.counts.seen:
            document.sums.nothing_why = _nothing_why(others, self.hosts, document.sums.revisits)
        return met


def _from_anywhere(path: Path) -> str:
    """Return a path that a worker finds wherever it stands."""
    return str(path.absolute())


def _nothing_why(others: int, hosts: Collection[str], revisits: int) -> str:
    if revisits:
        return f"{counted(revisits, REVISIT, REVISITS)}, and no page itself"
    if not others:
        return "no HTML page is in it: only answers of that kind, with status 200, are read"
    return f"none of its {counted(others, 'HTML page')} is of {' or '.join(sorted(hosts))}"


async def take_captures(
    run: RunContext, spec: FeedSpec, pile: CapturePile, documents: Sequence[HandedIn]
) -> CapturePile:
    """Take captures, of each page at most one that changes its story; return those that wait for another run."""
    taking = _Taking(run, replace(spec, relevance=Relevance.GATE), pile.repeated(), documents)
    for done, place in enumerate(pile, start=1):
        with documents[place.document].sums.refusing():
            await taking.take(place)
        tell("captures", done, len(pile))
    return taking.waiting


class _Taken(Struct, frozen=True):
    """The capture of a page that was taken last."""

    digest: str
    is_version: bool  # its text became one
    stories: tuple[str, ...]  # the uids of those that it did something to, one at least


class _Taking:
    """The work of one run on captures, in the order of their moments."""

    def __init__(
        self, run: RunContext, spec: FeedSpec, repeated: frozenset[int], documents: Sequence[HandedIn]
    ) -> None:
        self._run = run
        self._spec = spec
        self._repeated = repeated  # of pages with one capture nothing need be remembered
        self._documents = documents
        self._taken: dict[int, _Taken] = {}
        self._met: set[str] = set()  # the uids of their stories
        self._changed_by: dict[str, int] = {}  # of them, those that changed then: by which page they did last
        self._waiting_pages: set[int] = set()
        self._waiting_stories: set[str] = set()  # their uids: a story may have several addresses
        self.waiting = CapturePile()

    async def take(self, place: CapturePlace) -> None:
        """Take a capture, or let it wait. Raise as read_page and page_entry do."""
        if place.page in self._waiting_pages:
            self.waiting.put(place)
            return
        document = self._documents[place.document]
        path = _from_anywhere(document.path)
        capture: PageCapture = await self._run.workers.call(
            read_captured_page, path, place.offset, timeout_s=_PAGE_TIMEOUT_S
        )
        digest, last = hashlib.sha256(capture.body).hexdigest(), self._taken.get(place.page)
        if last is not None and not self._waiting_stories.isdisjoint(last.stories):
            self._wait(place)
        elif last is not None and last.digest == digest and self._still_stands(last, place.page):
            document.sums.add(_UNCHANGED)
        elif last is not None and last.is_version:
            self._wait(place)
        elif (load := await self._way_to_load(capture, digest, document.sums)) is not None:
            await self._take(place, capture, digest, load)

    def _still_stands(self, last: _Taken, page: int) -> bool:
        """Tell whether no other address has changed the story of a page since the capture that was taken last."""
        return all(self._changed_by.get(uid, page) == page for uid in last.stories)

    def _wait(self, place: CapturePlace) -> None:
        self._waiting_pages.update({place.page} & self._repeated)
        if last := self._taken.pop(place.page, None):  # there may be many
            self._waiting_stories.update(last.stories)
        self.waiting.put(place)

    async def _way_to_load(self, capture: PageCapture, digest: str, sums: ImportSums) -> CaptureLoad | None:
        """Return how a capture is loaded that may say something new; count it where it does not."""
        if (key := url_key(capture.url)) is None:
            return load_beside
        standing = await self._run.session.read(standing_of, key, capture.at, digest)
        if standing is Standing.KNOWN:
            sums.add(_UNCHANGED)
        elif standing is Standing.OLDER:
            sums.pass_over(f"{capture.url} as captured {capture.at:%Y-%m-%d %H:%M:%S} UTC")
        return _WAYS.get(standing)

    async def _take(self, place: CapturePlace, capture: PageCapture, digest: str, load: CaptureLoad) -> None:
        sums = self._documents[place.document].sums
        try:
            loaded = await _load(self._run, self._spec, capture, partial(load, self._waiting_stories))
        except MustWait as wait:  # its story has come under another address too
            self._waiting_stories.update(wait.stories)
            self._wait(place)
            return
        except WouldReturn:
            sums.add(_UNCHANGED)
            self._run.forgotten += (digest,)
            return
        sums.take(loaded)
        if loaded.versions:
            self._changed_by.update({uid: place.page for uid in loaded.stories if uid in self._met})
        if place.page in self._repeated and loaded.stories:
            self._taken[place.page] = _Taken(digest, loaded.versions > 0, loaded.stories)
            self._met.update(loaded.stories)


async def _load(run: RunContext, spec: FeedSpec, capture: PageCapture, load: Load) -> Loaded:
    try:
        entry = await run.workers.call(read_capture, capture, timeout_s=_PAGE_TIMEOUT_S)
    except Permanent as error:
        reason = str(error)
        raise BadResponse(reason if capture.url in reason else f"{capture.url}: {reason}") from error
    digest = await asyncio.to_thread(run.session.raw.put, capture.body)
    parsed = ParsedFeed(kind="warc", title="", language=None, home_url=None, is_complete=True, entries=(entry,))
    document = SourceDocument(
        body=capture.body, content_type=capture.content_type, url=capture.url, source=Source.IMPORT
    )
    read = ParsedDocument(document=document, digest=digest, parsed=parsed)
    # What a crashed import has brought is not made again, as a night's is: it stays, and this comes beside it.
    own: LoadContext = replace(run.context(spec), seen_at=capture.at, run_ids=frozenset({run.plan.run_id}))
    return await load_import(run, spec, read, own, load)
