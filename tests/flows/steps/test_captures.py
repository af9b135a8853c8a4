"""Web archives are read a little at a time, whatever stands in them."""

import gzip
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from flows.steps import captures
from flows.steps.captures import PageCapture, find_captures, page_entry, read_page
from flows.steps.text.urls import url_key
from models.errors import BadResponse

AT = "2020-03-01T10:00:00Z"
PAGE = b"<html><head><title>Sea</title></head><body>Sea</body></html>"


def web_archive(*pages: tuple[Any, ...], is_packed: bool = True) -> bytes:
    """Write a web archive of pages: an address, and where given a body, headers, a status and a moment."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=is_packed)
    usual: tuple[Any, ...] = (PAGE, (("Content-Type", "text/html"),), "200 OK", AT)
    for page in pages:
        url, body, headers, status, at = (*page, *usual[len(page) - 1 :])
        http = StatusAndHeaders(status, list(headers), protocol="HTTP/1.1")
        record = writer.create_warc_record(
            url,
            "response",
            payload=io.BytesIO(body),
            length=len(body),
            http_headers=http,
            warc_headers_dict={"WARC-Date": at},
        )
        writer.write_record(record)
    return out.getvalue()


def read_all(data: bytes, *hosts: str) -> tuple[list[PageCapture], list[str]]:
    """Find the pages of a web archive to its end, call by call, and read each by itself."""
    file = io.BytesIO(data)
    found: list[PageCapture] = []
    refused: list[str] = []
    offset: int | None = 0
    while offset is not None:
        batch = find_captures(file, offset, hosts)
        refused += batch.refused
        for placed in batch.captures:
            try:
                page = read_page(file, placed.offset)
            except BadResponse as error:
                refused.append(str(error))
                continue
            assert (placed.url_key, placed.at) == (url_key(page.url), page.at)
            found.append(page)
        offset = batch.next_offset
    return found, refused


@pytest.mark.parametrize("is_packed", [True, False])
@pytest.mark.parametrize("at_once", [1, 2, 7])
def test_every_page_is_read_once(monkeypatch: pytest.MonkeyPatch, at_once: int, is_packed: bool) -> None:
    """However few a call takes; records of another kind are passed over."""
    monkeypatch.setattr(captures, "MOST_RECORDS", at_once)
    urls = [f"https://one.example/{number}" for number in range(7)]
    others = [("https://one.example/a.png", b"x", (("Content-Type", "image/png"),))] * 4
    data = web_archive(*((url,) for url in urls[:3]), *others, *((url,) for url in urls[3:]), is_packed=is_packed)
    found, refused = read_all(data)
    assert ([one.url for one in found], refused) == (urls, [])
    assert found[0] == PageCapture(
        url=urls[0], at=datetime(2020, 3, 1, 10, tzinfo=UTC), content_type="text/html", body=PAGE
    )


@pytest.mark.parametrize(
    ("page", "is_taken"),
    [
        pytest.param(("https://news.one.example/a",), True, id="a subdomain"),
        pytest.param(("https://one.example:8443/a",), True, id="another port"),
        pytest.param(("https://two.example/a",), False, id="another host"),
        pytest.param(("https://notone.example/a",), False, id="a name that ends alike"),
        pytest.param(("ftp://one.example/a",), False, id="not of the web"),
        pytest.param(("https://one.example/a", b"x", (("Content-Type", "application/pdf"),)), False, id="no HTML"),
        pytest.param(("https://one.example/a", PAGE, (), "200 OK"), False, id="of no kind"),
        pytest.param(
            ("https://one.example/a", PAGE, (("Content-Type", "TEXT/HTML; charset=x"),), "404 Gone"),
            False,
            id="an error",
        ),
        pytest.param(("https://one.example/a", PAGE, (("content-type", "TEXT/HTML; charset=x"),)), True, id="capitals"),
        pytest.param(
            (
                "https://one.example/a",
                gzip.compress(PAGE),
                (("Content-Type", "text/html"), ("Content-Encoding", "gzip")),
            ),
            True,
            id="a packed body",
        ),
    ],
)
def test_html_of_the_hosts_named_is_taken(page: tuple[Any, ...], is_taken: bool) -> None:
    """Answers of 200 alone, decoded."""
    found, refused = read_all(web_archive(page), "one.example")
    assert [one.body for one in found] == ([PAGE] if is_taken else [])
    assert refused == []


@pytest.mark.parametrize(
    ("url", "content_type", "is_taken"),
    [
        ("https://one.example/a", "text/html; charset=utf-8", True),
        ("https://one.example/a", "text/plain", False),
        ("urn:sha256:0123", "text/html", False),
        ("file:///a.html", "text/html", False),
    ],
)
def test_a_page_without_an_answer_is_taken_too(url: str, content_type: str, is_taken: bool) -> None:
    """A resource record has a page by itself, as an export has what was handed in; its own headers tell its kind."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True)
    record = writer.create_warc_record(
        url,
        "resource",
        payload=io.BytesIO(PAGE),
        length=len(PAGE),
        warc_content_type=content_type,
        warc_headers_dict={"WARC-Date": AT},
    )
    writer.write_record(record)
    found, refused = read_all(out.getvalue(), *(["one.example"] if is_taken else []))
    assert [(one.url, one.content_type, one.body) for one in found] == ([(url, content_type, PAGE)] if is_taken else [])
    assert refused == []


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (("https://one.example/a", b" " * 5_000_001), "longer than 5 MB"),
        (
            (
                "https://one.example/a",
                gzip.compress(b" " * 50_000_000),
                (("Content-Type", "text/html"), ("Content-Encoding", "gzip")),
            ),
            "longer than 5 MB",
        ),
        (
            (
                "https://one.example/a",
                gzip.compress(gzip.compress(PAGE)[:-9]),
                (("Content-Type", "text/html"), ("Content-Encoding", "gzip")),
            ),
            "cut",
        ),
        (("https://one.example/a", PAGE, (("Content-Type", "text/html"),), "200 OK", "yesterday"), "when it was met"),
        (
            ("https://one.example/a", PAGE, (("Content-Type", "text/html"),), "200 OK", "9999-12-31T23:59:59-14:00"),
            "when it was met",
        ),
    ],
)
def test_a_page_that_is_not_taken_is_named(page: tuple[Any, ...], reason: str) -> None:
    """Those behind it are."""
    found, refused = read_all(web_archive(page, ("https://one.example/b",)))
    assert [one.url for one in found] == ["https://one.example/b"]
    assert reason in refused[0]


@pytest.mark.parametrize(
    "data",
    [b"", b"no archive", gzip.compress(b"no archive", mtime=0), b"\x1f\x8b\x00broken"],
    ids=["empty", "text", "packed text", "broken"],
)
def test_what_is_no_web_archive_is_refused(data: bytes) -> None:
    """By one sentence."""
    with pytest.raises(BadResponse, match="web archive"):
        read_all(data)


def test_a_page_is_the_entry_of_its_address() -> None:
    """Its guid is none: two captures of one address are one story."""
    words = "The sea level rises along the whole coast, and every town there must move its harbour inland. " * 4
    head = "<html><head><title>Sea level rises</title></head>"
    body = f"{head}<body><article><h1>Sea level rises</h1><p>{words}</p></article>"
    capture = PageCapture(
        url="https://one.example/a?utm_source=x",
        at=datetime(2020, 3, 1, tzinfo=UTC),
        content_type="",
        body=body.encode(),
    )
    entry = page_entry(capture)
    assert (entry.url_key, entry.guid, entry.title_html) == ("one.example/a", None, "Sea level rises")
    with pytest.raises(BadResponse, match="ends within <article>, and without </html>: it was cut"):
        page_entry(replace(capture, body=capture.body[:-60]))
    with pytest.raises(BadResponse, match="no HTML"):
        page_entry(PageCapture(url="https://one.example/", at=capture.at, content_type="", body=b""))
