"""Read web archives (WARC), some records at a time: each HTML page, an answer or a resource, is the page of a story.

Hostile input can make the reader hang or exhaust memory: call this in a killable worker. It reads on from an offset, so
that a file of any size is read in calls that each hold little.
"""

from collections.abc import Collection
from html import escape
from typing import BinaryIO, Final

from msgspec import Struct, field

from flows.steps._captures.pages import PageCapture, html_answer, whole_page
from flows.steps._captures.records import Record, RecordDamaged, next_start
from flows.steps.extract import read_file
from flows.steps.text.digest import entry_digest
from flows.steps.text.urls import url_key
from models.errors import BadResponse
from models.stages import Entry

__all__ = ["WARC_SUFFIXES", "CaptureBatch", "PageCapture", "page_entry", "read_captures"]

WARC_SUFFIXES: Final = (".warc", ".warc.gz")
MOST_PAGES: Final = 20  # of one call
MOST_BYTES: Final = 8_000_000  # of the pages of one call
MOST_RECORDS: Final = 2_000  # of one call, damaged ones too
MOST_PASSED: Final = 500_000_000  # bytes of the records of one call, which it has a minute for


class CaptureBatch(Struct, frozen=True, kw_only=True):
    """What one call read."""

    captures: tuple[PageCapture, ...]
    refused: tuple[
        str, ...
    ]  # a sentence for each page that is not taken, cut or too large, say, and each damaged place
    next_offset: int | None  # where to read on; None at the end
    hosts_met: frozenset[str]  # of those asked for: there were pages of them
    of_other_hosts: int  # pages that were passed over


def read_captures(file: BinaryIO, offset: int, hosts: Collection[str] = ()) -> CaptureBatch:
    """Read the next HTML responses of these hosts, with their subdomains; of none named, all.

    Behind a record that is not whole the next one is looked for. Raise BadResponse where the file is no web archive.
    """
    read = _CaptureRead()
    at: int | None = offset
    try:
        while at is not None and not read.is_enough:
            at = _read_record(file, at, hosts, read)
    except OSError as error:
        if not read.records:
            raise
        read.refused.append(f"from byte {at:,} on the file cannot be read: {error.strerror or error}")
        at = None
    if read.records == 0 and offset == 0 and at is None:
        raise BadResponse("; ".join(["it is no web archive: no record was found in it", *read.refused[:1]]))
    return CaptureBatch(
        captures=tuple(read.captures),
        refused=tuple(read.refused),
        next_offset=at,
        hosts_met=frozenset(read.hosts_met),
        of_other_hosts=read.of_other_hosts,
    )


class _CaptureRead(Struct):
    """What a call read so far."""

    captures: list[PageCapture] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    records: int = 0  # whose headers were read
    passed: int = 0  # bytes of them
    hosts_met: set[str] = field(default_factory=set)
    of_other_hosts: int = 0

    @property
    def is_enough(self) -> bool:
        is_long = self.records + len(self.refused) >= MOST_RECORDS or self.passed >= MOST_PASSED
        return is_long or len(self.captures) == MOST_PAGES or sum(len(one.body) for one in self.captures) >= MOST_BYTES


def _read_record(file: BinaryIO, at: int, hosts: Collection[str], read: _CaptureRead) -> int | None:
    """Read the record that begins here; return where the next one does, None at the end.

    A page that is not taken is told, and so is damage to whatever record: nobody knows what it has cost.
    """
    record = None
    try:
        if (record := Record.at(file, at)) is None:
            return None
        read.records += not record.is_empty
        read.passed += record.length
        found = _page(record, hosts, read)
        after = record.end()
    except RecordDamaged as damage:
        of = f" of {record.url}" if record and record.url else ""
        read.refused.append(f"the record{of} at byte {at:,} is damaged: {damage}")
        return next_start(file, at + 1)
    if isinstance(found, str):
        read.refused.append(found)
    elif found is not None:
        read.captures.append(found)
    return after


def _page(record: Record, hosts: Collection[str], read: _CaptureRead) -> PageCapture | str | None:
    """Return the page of a record, or why it is not taken; None where it holds none of these hosts."""
    if (answer := html_answer(record)) is None:
        return None
    met = [one for one in hosts if answer.host == one or answer.host.endswith(f".{one}")]
    read.hosts_met.update(met)
    if hosts and not met:
        read.of_other_hosts += 1
        return None
    try:
        return whole_page(answer)
    except BadResponse as error:
        return str(error)


def page_entry(capture: PageCapture) -> Entry:
    """Return a page as the entry of its story, known by its address. Raise BadResponse for one without, or cut."""
    reading = read_file(capture.body, url=capture.url, content_type=capture.content_type, not_after=capture.at)
    story, key = reading.story, url_key(capture.url)
    if not story.text or not story.title:
        raise BadResponse(f"{capture.url}: no story was found on this page")
    title, html = escape(story.title, quote=False), story.html
    digest = entry_digest(title_html=title, html=html, guid=None, url_key=key, authors=story.authors, tags=())
    return Entry(
        position=0,
        guid=None,
        url=capture.url,
        url_key=key,
        title_html=title,
        html=html,
        base_url=capture.url,
        authors=story.authors,
        published_raw=reading.published if story.published_at else None,  # a guess dates no story
        published_at=story.published_at,
        is_zone_assumed=reading.is_zone_assumed and story.published_at is not None,
        language=story.language,
        digest=digest,
    )
