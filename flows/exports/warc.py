"""WARC/1.1: the original bytes as web archives keep them, each with the uid of its story.

A body is written once; where it was met again, a revisit record names the first. Only a page that came from a web
archive stands there each time that its story changed to it, as `import` reads no revisits. Bodies are kept decoded, so
headers that told their encoding are left out. Gzip, a record a member, as replay tools expect, unless a plain file is
wanted.
"""

import io
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, BinaryIO, Final

from msgspec import Struct

from flows.exports.context import ExportContext
from flows.exports.safe_json import json_text
from flows.exports.shape import iso
from models.queries.captures import Capture
from models.queries.stories import StoryRecord
from models.storage.database import BATCH_ROWS, batches

_NOT_OF_THE_BODY: Final = frozenset({"content-encoding", "content-length", "transfer-encoding", "content-type"})
_SOFTWARE: Final = b"software: climate-archive\r\nformat: WARC File Format 1.1\r\n"


def write_warc(stories: Iterable[StoryRecord], out: BinaryIO, context: ExportContext) -> int:
    """Write the documents of each story and a metadata record that names it; return how many stories."""
    file = _WarcFile(out, context)
    count = 0
    for batch in batches(stories, BATCH_ROWS):
        captures: dict[int, list[Capture]] = {}
        for capture in context.captures([story.id for story in batch]):
            captures.setdefault(capture.story_id, []).append(capture)
        for story in batch:
            file.write_story(story, captures.get(story.id, []))
        count += len(batch)
    return count


class _Block(Struct, frozen=True, kw_only=True):
    """What a record holds."""

    kind: str  # of the record: response, resource or metadata
    target: str
    at: datetime
    body: bytes
    content_type: str


class _Written(Struct, frozen=True, kw_only=True):
    """A record that others may refer to."""

    id: str
    target: str
    date: str
    payload_digest: str


class _WarcFile:
    def __init__(self, out: BinaryIO, context: ExportContext) -> None:
        from warcio.warcwriter import WARCWriter  # only this format pays for it

        self._writer = WARCWriter(out, gzip=context.is_packed, warc_version="WARC/1.1")
        self._body = context.body
        self._written: dict[str, _Written] = {}  # by the document's digest
        info = self._writer.create_warc_record(
            None,
            "warcinfo",
            payload=io.BytesIO(_SOFTWARE),
            length=len(_SOFTWARE),
            warc_headers_dict={"WARC-Date": _date(context.made_at)},
            warc_content_type="application/warc-fields",
        )
        self._writer.write_record(info)

    def write_story(self, story: StoryRecord, captures: Iterable[Capture]) -> None:
        """Write what of a story's documents is kept, and what names the story."""
        records = [found for capture in captures if (found := self._write_capture(capture)) is not None]
        told = {
            "uid": story.uid,
            "title": story.title,
            "url": story.url,
            "sha256": story.content_hash,
            "feeds": list(story.feeds),
            "topics": [topic.id for topic in story.topics],
            "published_at": iso(story.published_at),
            "records": records,
        }
        block = _Block(
            kind="metadata",
            target=f"urn:climate-archive:story:{story.uid}",
            at=story.first_seen_at,
            body=json_text(told).encode(),
            content_type="application/json",
        )
        self._write(block, refers_to=records[0] if records else None)

    def _write_capture(self, capture: Capture) -> str | None:
        """Write a document, or a revisit where its body is written already; return its record's id."""
        target = capture.url or f"urn:sha256:{capture.digest}"
        first = self._written.get(capture.digest)
        if first and not _is_page_handed_in_again(first, capture, target):
            # A document that brought many stories was met once; a page was asked for again.
            return self._write_revisit(first, capture, target) if capture.kind == "page" else first.id
        body = self._body(capture.digest) if capture.digest else None
        if body is None:
            return None
        kind = "resource" if capture.kind == "import" else "response"
        block = _Block(kind=kind, target=target, at=capture.at, body=body, content_type=_plain(capture.content_type))
        headers = self._write(block, http=_http(capture, len(body)) if kind == "response" else None)
        first = self._written[capture.digest] = _Written(
            id=headers.get_header("WARC-Record-ID"),
            target=target,
            date=_date(capture.at),
            payload_digest=headers.get_header("WARC-Payload-Digest"),
        )
        return first.id

    def _write_revisit(self, first: _Written, capture: Capture, target: str) -> str:
        record = self._writer.create_revisit_record(
            target,
            first.payload_digest,
            refers_to_uri=first.target,
            refers_to_date=first.date,
            http_headers=_http(capture, None),
            warc_headers_dict={"WARC-Date": _date(capture.at), "WARC-Refers-To": first.id},
        )
        record.length = 0  # it has no body: else warcio copies nothing into a file that it does not close
        self._writer.write_record(record)
        return str(record.rec_headers.get_header("WARC-Record-ID"))

    def _write(self, block: _Block, *, http: Any = None, refers_to: str | None = None) -> Any:  # noqa: ANN401 (warcio has no types)
        headers = {"WARC-Date": _date(block.at)} | ({"WARC-Refers-To": refers_to} if refers_to else {})
        record = self._writer.create_warc_record(
            block.target,
            block.kind,
            payload=io.BytesIO(block.body),
            length=len(block.body),  # else warcio copies it into a file that it does not close
            http_headers=http,
            warc_headers_dict=headers,
            warc_content_type="" if http else block.content_type or "application/octet-stream",
        )
        self._writer.write_record(record)
        return record.rec_headers


def _is_page_handed_in_again(first: _Written, capture: Capture, target: str) -> bool:
    """Tell a page of a web archive that had the body of another capture: `import` reads no revisit."""
    is_page = capture.kind == "import" and bool(capture.content_type)
    return is_page and (first.target, first.date) != (target, _date(capture.at))


def _http(capture: Capture, length: int | None) -> Any:  # noqa: ANN401 (as above)
    from warcio.statusandheaders import StatusAndHeaders

    kept = [(name, value) for name, value in capture.headers if name.lower() not in _NOT_OF_THE_BODY]
    kept = [(_plain(name), _plain(value)) for name, value in kept]
    kept += [("Content-Type", _plain(capture.content_type))] if capture.content_type else []
    kept += [("Content-Length", str(length))] if length is not None else []
    return StatusAndHeaders(str(capture.status or 200), kept, protocol="HTTP/1.1")


def _plain(text: str) -> str:
    """Keep a header on its line: a publisher's own could begin another."""
    return "".join(one for one in text if one.isprintable())


def _date(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
