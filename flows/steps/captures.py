"""Read web archives (WARC): each HTML page, an answer or a resource, is the page of a story.

A file is gone through first, some records at a time, for where its pages stand and of which moments they are; each page
is then read by itself, in whatever order. Hostile input can make the reader hang or exhaust memory: call this in a
killable worker.
"""

from collections.abc import Collection
from datetime import datetime
from html import escape
from typing import BinaryIO, Final

from msgspec import Struct, field

from flows.steps._captures.pages import PageCapture, html_answer, met_at, whole_page
from flows.steps._captures.records import Record, RecordDamaged, next_start
from flows.steps.extract import read_file
from flows.steps.text.digest import entry_digest
from flows.steps.text.urls import url_key
from models.errors import BadResponse
from models.stages import Entry

__all__ = ["WARC_SUFFIXES", "CaptureBatch", "PageCapture", "PlacedCapture", "find_captures", "page_entry", "read_page"]

WARC_SUFFIXES: Final = (".warc", ".warc.gz")
MOST_RECORDS: Final = 2_000  # of one call, damaged ones too
MOST_PASSED: Final = 500_000_000  # bytes of the records of one call, which it has a minute for


class PlacedCapture(Struct, frozen=True, kw_only=True):
    """A page that stands in a file; its body is not read yet."""

    url_key: str | None
    at: datetime
    offset: int  # of its record


class CaptureBatch(Struct, frozen=True, kw_only=True):
    """What one call found."""

    captures: tuple[PlacedCapture, ...]
    refused: tuple[str, ...]  # a sentence for each page that is not taken, a cut one, say, and each damaged place
    next_offset: int | None  # where to read on; None at the end
    hosts_met: frozenset[str]  # of those asked for: there were pages of them
    of_other_hosts: int  # pages that were passed over
    revisits: tuple[str, ...]  # addresses of records that name the page of another as theirs; it is not looked for


def find_captures(file: BinaryIO, offset: int, hosts: Collection[str] = ()) -> CaptureBatch:
    """Find the next HTML pages of these hosts, with their subdomains; of none named, all.

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
        revisits=tuple(read.revisits),
    )


def read_page(file: BinaryIO, offset: int) -> PageCapture:
    """Read the page whose record begins there. Raise BadResponse where it is not whole or cannot be read."""
    try:
        record = Record.at(file, offset)
        answer = html_answer(record) if record else None
        if record is None or answer is None or answer.is_revisit:
            raise BadResponse(f"the page at byte {offset:,} is not there any more: the file has changed")
        page = whole_page(answer)
        record.end()
    except RecordDamaged as damage:
        raise BadResponse(f"the record at byte {offset:,} is damaged: {damage}") from damage
    return page


class _CaptureRead(Struct):
    """What a call found so far."""

    captures: list[PlacedCapture] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    records: int = 0  # whose headers were read
    passed: int = 0  # bytes of them
    hosts_met: set[str] = field(default_factory=set)
    of_other_hosts: int = 0
    revisits: list[str] = field(default_factory=list)

    @property
    def is_enough(self) -> bool:
        return self.records + len(self.refused) >= MOST_RECORDS or self.passed >= MOST_PASSED


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
        found = _page(record, at, hosts, read)
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


def _page(record: Record, offset: int, hosts: Collection[str], read: _CaptureRead) -> PlacedCapture | str | None:
    """Return where the page of a record stands, or why it is not taken; None where it holds none of these hosts."""
    if (answer := html_answer(record)) is None:
        return None
    met = [one for one in hosts if answer.host == one or answer.host.endswith(f".{one}")]
    read.hosts_met.update(met)
    if hosts and not met:
        read.of_other_hosts += not answer.is_revisit
        return None
    if answer.is_revisit:
        read.revisits.append(answer.url)
        return None
    try:
        return PlacedCapture(url_key=url_key(answer.url), at=met_at(answer), offset=offset)
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
