"""Read web archives (WARC), some records at a time: each HTML response is the page of a story.

Hostile input can make the reader hang or exhaust memory: call this in a killable worker. It reads on from an offset, so
that a file of any size is read in calls that each hold little.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any, BinaryIO, Final
from urllib.parse import urlsplit

from flows.steps._digest import entry_digest
from flows.steps.extract import read_page
from flows.steps.urls import url_key
from models.errors import BadResponse
from models.stages import Entry

WARC_SUFFIXES: Final = (".warc", ".warc.gz")
MAX_PAGE_BYTES: Final = 5_000_000  # decoded, as of a page that is fetched
MOST_PAGES: Final = 20  # of one call
MOST_BYTES: Final = 8_000_000  # of the pages of one call
MOST_RECORDS: Final = 2_000  # passed over in one call
_HTML: Final = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCapture:
    """A page as it was met."""

    url: str
    at: datetime
    content_type: str
    body: bytes  # decoded


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureBatch:
    """What one call read."""

    captures: tuple[PageCapture, ...]
    refused: tuple[str, ...]  # a sentence for each page that is not taken, too large or without a moment, say
    next_offset: int | None  # where to read on; None at the end


def read_captures(file: BinaryIO, offset: int, hosts: Collection[str] = ()) -> CaptureBatch:
    """Read the next HTML responses of these hosts, with their subdomains; of none named, all.

    Raise BadResponse where the file, from there on, is no web archive.
    """
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    file.seek(offset)
    captures: list[PageCapture] = []
    refused: list[str] = []
    seen = size = 0
    try:
        records = ArchiveIterator(file)
        for record in records:
            if len(captures) == MOST_PAGES or size >= MOST_BYTES or seen == MOST_RECORDS:
                return CaptureBatch(
                    captures=tuple(captures), refused=tuple(refused), next_offset=records.get_record_offset()
                )
            seen += 1
            if _is_wanted(record, hosts):
                found = _capture(record)
                if isinstance(found, str):
                    refused.append(found)
                else:
                    captures.append(found)
                    size += len(found.body)
    except (ArchiveLoadFailed, EOFError, OSError, ValueError) as error:
        if not captures and not refused:
            raise BadResponse(f"no web archive from byte {offset} on: {_told(error)}") from error
        refused.append(f"the rest is no web archive: {_told(error)}")
    if seen == 0 and offset == 0:
        raise BadResponse("this web archive holds no record")
    return CaptureBatch(captures=tuple(captures), refused=tuple(refused), next_offset=None)


def page_entry(capture: PageCapture) -> Entry:
    """Return a page as the entry of its story, known by its address. Raise BadResponse where it holds none."""
    reading = read_page(capture.body, url=capture.url, content_type=capture.content_type, not_after=capture.at)
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


def _is_wanted(record: Any, hosts: Collection[str]) -> bool:  # noqa: ANN401 (warcio has no types)
    if record.rec_type != "response" or record.http_headers is None:
        return False
    kind = (record.http_headers.get_header("Content-Type") or "").partition(";")[0].strip().lower()
    if kind not in _HTML or record.http_headers.get_statuscode() != "200":
        return False
    host = _host_of(record.rec_headers.get_header("WARC-Target-URI"))
    return host is not None and (not hosts or any(host == one or host.endswith(f".{one}") for one in hosts))


def _host_of(url: str | None) -> str | None:
    """Return the host of an address of the web; None for any other."""
    try:
        parts = urlsplit(url or "")
        return parts.hostname if parts.scheme in {"http", "https"} and (url or "").isprintable() else None
    except ValueError:
        return None


def _capture(record: Any) -> PageCapture | str:  # noqa: ANN401 (as above)
    url = record.rec_headers.get_header("WARC-Target-URI")
    try:
        at = datetime.fromisoformat(record.rec_headers.get_header("WARC-Date") or "")
    except ValueError:
        return f"{url}: its record does not say when it was met"
    stream, parts, left = record.content_stream(), [], MAX_PAGE_BYTES + 1
    while left > 0 and (part := stream.read(min(left, 65_536))):
        parts.append(part)
        left -= len(part)
    if left <= 0:
        return f"{url}: the page is longer than {MAX_PAGE_BYTES // 1_000_000} MB"
    content_type = record.http_headers.get_header("Content-Type") or ""
    at = at.replace(tzinfo=at.tzinfo or UTC)
    return PageCapture(url=url, at=at, content_type=content_type, body=b"".join(parts))


def _told(error: Exception) -> str:
    return " ".join((str(error) or type(error).__name__).split())[:200]
