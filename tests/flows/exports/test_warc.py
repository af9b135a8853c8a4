"""A web archive of stories: what other tools check and read of it."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from flows.exports.context import ExportContext
from flows.exports.warc import write_warc
from models.queries.captures import Capture
from tests.flows.exports.test_formats import BARE, STORY

PAGE = Capture(
    story_id=STORY.id,
    kind="page",
    url="https://one.example/sea?a=1",
    at=STORY.first_seen_at,
    status=200,
    headers=(("Server", "x\r\nSet-Cookie: a=b"), ("Content-Encoding", "gzip"), ("Content-Length", "3")),
    digest="a" * 64,
    content_type="text/html; charset=utf-8",
)
FEED = replace(PAGE, kind="feed", url="https://one.example/feed", headers=(), digest="b" * 64, content_type="text/xml")
BODIES = {PAGE.digest: b"<html>Sea</html>", FEED.digest: b"<rss/>", "c" * 64: b"A text."}
AGAIN = replace(PAGE, at=PAGE.at + timedelta(days=1))
HANDED_IN = replace(PAGE, story_id=BARE.id, kind="import", url=None, digest="c" * 64, content_type="")
PRUNED = replace(PAGE, digest="d" * 64)


def written(*captures: Capture, is_packed: bool = True) -> bytes:
    """Return a web archive of two stories that these documents stand behind."""
    out = io.BytesIO()
    context = ExportContext(
        captures=lambda ids: [one for one in captures if one.story_id in ids], body=BODIES.get, is_packed=is_packed
    )
    assert write_warc(iter((STORY, BARE)), out, context) == 2
    return out.getvalue()


def records(data: bytes) -> list[tuple[str, str | None, bytes]]:
    """Return kind, target and content of each record."""
    read = ArchiveIterator(io.BytesIO(data), check_digests="raise")
    return [(one.rec_type, one.rec_headers.get_header("WARC-Target-URI"), one.content_stream().read()) for one in read]


def test_documents_are_records_with_a_name_for_their_story() -> None:
    """A body is written once; where a page had it again, that is a revisit; what was pruned is left out."""
    found = records(written(FEED, PAGE, AGAIN, PRUNED, replace(FEED, story_id=BARE.id), HANDED_IN))
    assert [(kind, target) for kind, target, _ in found] == [
        ("warcinfo", None),
        ("response", "https://one.example/feed"),
        ("response", "https://one.example/sea?a=1"),
        ("revisit", "https://one.example/sea?a=1"),
        ("metadata", "urn:climate-archive:story:0123456789abcdef"),
        ("resource", f"urn:sha256:{'c' * 64}"),
        ("metadata", "urn:climate-archive:story:0123456789abcdef"),
    ]
    assert [body for kind, _, body in found if kind in {"response", "resource"}] == [
        BODIES[one] for one in (FEED.digest, PAGE.digest, HANDED_IN.digest)
    ]


@pytest.mark.parametrize("is_packed", [True, False])
def test_warcio_finds_nothing_wrong(tmp_path: Path, capsys: Any, is_packed: bool) -> None:
    """`warcio check` passes, whatever headers a publisher sent, and a file is packed or plain as it was to be."""
    path = tmp_path / "stories.warc.gz"
    path.write_bytes(written(FEED, PAGE, AGAIN, HANDED_IN, is_packed=is_packed))
    assert path.read_bytes().startswith(b"\x1f\x8b" if is_packed else b"WARC/1.1\r\n")

    class _Command:
        inputs = (str(path),)
        verbose = True

    checker = Checker(_Command())
    checker.process_all()
    assert checker.exit_value == 0, capsys.readouterr().out


def test_a_revisit_names_the_record_with_the_body() -> None:
    """By id, address, moment and digest, as replay tools look it up; headers stay on their lines."""
    read = {one.rec_type: one.rec_headers for one in _kept(written(PAGE, AGAIN))}
    revisit, response = read["revisit"], read["response"]
    assert revisit.get_header("WARC-Refers-To") == response.get_header("WARC-Record-ID")
    assert revisit.get_header("WARC-Refers-To-Date") == response.get_header("WARC-Date") == "2026-07-14T05:00:30Z"
    assert revisit.get_header("WARC-Payload-Digest") == response.get_header("WARC-Payload-Digest")
    headers = next(one.http_headers for one in _kept(written(PAGE)) if one.rec_type == "response")
    assert headers.headers == [
        ("Server", "xSet-Cookie: a=b"),
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", "16"),
    ]


def _kept(data: bytes) -> list[Any]:
    return list(ArchiveIterator(io.BytesIO(data)))
