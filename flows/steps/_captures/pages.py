"""From the record of a web archive to the page that it holds: whole, and unpacked, or refused with its reason."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from msgspec import Struct

from flows.steps._captures.records import Record
from flows.steps._unpacking import Decoder, declared_encoding, is_start_of_text
from models.days import read_moment
from models.errors import BadResponse, Permanent, TooLarge

MAX_PAGE_BYTES: Final = 5_000_000  # decoded, as of a page that is fetched
_HTML: Final = ("text/html", "application/xhtml+xml")
# Of a revisit the answer need not be there.
_STATUSES: Final = {"response": frozenset({"200"}), "revisit": frozenset({"200", "304", ""})}
_PIECE: Final = 65_536
_CHUNK: Final = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_LONGEST_CHUNK_LINE: Final = 1_000
_CUT: Final = "the page was cut off on its way"


class PageCapture(Struct, frozen=True, kw_only=True):
    """A page as it was met."""

    url: str
    at: datetime
    content_type: str
    body: bytes  # decoded


class HtmlAnswer(Struct, frozen=True, kw_only=True):
    """A record that holds an HTML page of the web, as a server's answer or by itself; its body is not read yet."""

    record: Record
    url: str
    host: str
    http: Any  # the answer's headers, or of a page without an answer its record's own: warcio has no types
    is_headed: bool  # whether they came to their end
    is_revisit: bool  # another record has its body


def html_answer(record: Record) -> HtmlAnswer | None:
    """Return the page that a record holds or repeats, or may where its headers do not say; None of any other record.

    Raise RecordDamaged.
    """
    url, host = record.url or "", _host_of(record.url or "")
    record_type = record.headers.get_header("WARC-Type")
    if host is None or record_type not in {*_STATUSES, "resource"}:
        return None
    is_answer, is_revisit = record_type != "resource", record_type == "revisit"
    http, is_headed = record.read_headers() if is_answer else (record.headers, True)
    kind = (http.get_header("Content-Type") or "").partition(";")[0].strip().lower()
    is_page = kind in _HTML or not is_headed or (is_revisit and not kind)
    if not is_page or (is_answer and http.get_statuscode() not in _STATUSES[record_type]):
        return None
    return HtmlAnswer(record=record, url=url, host=host, http=http, is_headed=is_headed, is_revisit=is_revisit)


def met_at(answer: HtmlAnswer) -> datetime:
    """Return when a page was met. Raise BadResponse where that is not said, or headers tell that the page was cut."""
    if not answer.is_headed or _is_cut(answer.record, answer.http):
        raise BadResponse(f"{answer.url}: {_CUT}")
    try:
        return _moment(answer.record)
    except BadResponse as error:
        raise BadResponse(f"{answer.url}: {error}") from error


def whole_page(answer: HtmlAnswer) -> PageCapture:
    """Read a page. Raise BadResponse where it is not whole or cannot be read, RecordDamaged where its record is not."""
    at, content_type = met_at(answer), answer.http.get_header("Content-Type") or ""
    try:
        return PageCapture(url=answer.url, at=at, content_type=content_type, body=_body(answer.record, answer.http))
    except Permanent as error:
        raise BadResponse(f"{answer.url}: {error}") from error


def _host_of(url: str) -> str | None:
    """Return the host of an address of the web; None of any other."""
    try:
        parts = urlsplit(url)
        return parts.hostname if parts.scheme in {"http", "https"} and url.isprintable() else None
    except ValueError:
        return None


def _is_cut(record: Record, http: Any) -> bool:  # noqa: ANN401 (warcio has no types)
    """Tell a page of which its crawler says, or its server's own count shows, that bytes are missing."""
    told = http.get_header("Content-Length") or ""
    is_short = told.isascii() and told.isdecimal() and not _is_chunked(http) and record.left < int(told[:20])
    return is_short or any(record.headers.get_header(name) for name in ("WARC-Truncated", "WARC-Segment-Number"))


def _is_chunked(http: Any) -> bool:  # noqa: ANN401 (as above)
    return "chunked" in (http.get_header("Transfer-Encoding") or "").lower()


def _moment(record: Record) -> datetime:
    try:
        at = read_moment(record.headers.get_header("WARC-Date") or "")
    except ValueError as error:
        raise BadResponse("its record does not say when it was met") from error
    return at.replace(tzinfo=at.tzinfo or UTC)


def _body(record: Record, http: Any) -> bytes:  # noqa: ANN401 (as above)
    pieces = _dechunked(record) if _is_chunked(http) else _rest(record)
    first = next(pieces, b"")
    told = http.get_header("Content-Encoding") or ""
    # Many crawlers keep the header of a body that they have unpacked.
    decoder = Decoder("" if is_start_of_text(first) else declared_encoding(told), MAX_PAGE_BYTES)
    try:
        decoder.feed(first)
        for piece in pieces:
            decoder.feed(piece)
    except TooLarge as error:
        raise TooLarge(f"the page is longer than {MAX_PAGE_BYTES // 1_000_000} MB") from error
    body = decoder.finish()  # which shows whether it was packed twice
    if not decoder.has_ended:
        raise BadResponse(_CUT)
    return body


def _rest(record: Record) -> Iterator[bytes]:
    while piece := record.read(_PIECE):
        yield piece


def _dechunked(record: Record) -> Iterator[bytes]:
    """Give what its chunks hold; all, where it does not begin with one: many crawlers keep the header without them."""
    line = record.readline(_LONGEST_CHUNK_LINE)
    size = _chunk_size(line)
    if size is None:
        yield line
        yield from _rest(record)
    while size:
        while size and (piece := record.read(min(size, _PIECE))):
            size -= len(piece)
            yield piece
        record.readline(2)
        size = _chunk_size(record.readline(_LONGEST_CHUNK_LINE))
        if size is None:
            raise BadResponse(_CUT)


def _chunk_size(line: bytes) -> int | None:
    found = _CHUNK.fullmatch(line)
    return int(found[1], 16) if found else None
