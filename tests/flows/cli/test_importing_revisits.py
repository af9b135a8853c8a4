"""`import` of web archives in which records name the pages of others as theirs: each is told, as none is read."""

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from config.settings import PREFIX
from tests.flows.cli.test_importing_web_archives import GAME, HTML, ROOFS
from tests.flows.steps.test_captures import web_archive

Call = Callable[..., Any]
PICTURE = (("Content-Type", "image/png"),)


@pytest.fixture
def take(command: Call, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Give a way to call the command on an archive of the test's own."""
    monkeypatch.setenv(f"{PREFIX}DATABASE_URL", database_url)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    return command


def revisit(url: str, status: str = "200 OK", headers: tuple[tuple[str, str], ...] = HTML) -> bytes:
    """Return a record that says: this address had the body that another had; of no status, one without an answer."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True)
    http = StatusAndHeaders(status, list(headers), protocol="HTTP/1.1") if status else None
    record = writer.create_revisit_record(
        url, "sha1:ABC", "https://one.example/first", "2020-01-01T10:00:00Z", http_headers=http
    )
    record.length = 0
    writer.write_record(record)
    return out.getvalue()


def test_revisits_are_told_and_counted_apart(take: Call, tmp_path: Path) -> None:
    """By the command, its JSON and the ledger; the sums are of the pages that were read."""
    urls = [f"https://one.example/{number}" for number in range(5)]
    data = web_archive(ROOFS) + b"".join(revisit(url) for url in urls) + web_archive(GAME)
    (tmp_path / "one.warc.gz").write_bytes(data)
    answer = take("import", "one.warc.gz", "--strict")
    assert (answer.code, answer.out) == (0, "1 new, 0 known before, 1 off topic, 0 failed, from 1 document.\n")
    assert answer.err.splitlines()[:-1] == [
        *(f"passed over: one.warc.gz: {url}: a revisit record" for url in urls[:3]),
        "passed over: one.warc.gz: and 2 more revisit records",
        "Passed over: 5 revisit records, which name the pages of others as theirs, not counted.",
    ]
    shown = take("runs", "show", "latest", "--json").document
    assert shown["feeds"][0]["warnings"] == ["passed over: 5 revisit records, which name the pages of others as theirs"]
    again = take("import", "one.warc.gz", "--json").document
    assert (again["totals"]["seen"], [one["revisits"] for one in again["documents"]]) == (2, [5])
    assert take("runs", "check").code == 0


@pytest.mark.parametrize(
    ("record", "is_told"),
    [
        (revisit("https://one.example/a"), True),
        (revisit("https://one.example/a", "304 Not Modified", ()), True),
        (revisit("https://one.example/a", ""), True),
        (revisit("https://one.example/a", "200 OK", PICTURE), False),
        (revisit("https://one.example/a", "301 Moved"), False),
        (revisit("https://two.example/a"), False),
        (revisit("ftp://one.example/a"), False),
    ],
    ids=["a page", "not modified", "without an answer", "a picture", "a way on", "of another host", "not of the web"],
)
def test_which_revisits_may_be_of_pages(take: Call, tmp_path: Path, record: bytes, is_told: bool) -> None:
    """Those of the hosts asked for that are pages, or do not say what they are."""
    (tmp_path / "one.warc.gz").write_bytes(web_archive(ROOFS) + record)
    answer = take("import", "one.warc.gz", "--host", "one.example", "--json").document
    assert (answer["documents"][0]["revisits"], answer["totals"]["seen"]) == (int(is_told), 1)


def test_a_file_of_revisits_alone_says_so(take: Call, tmp_path: Path) -> None:
    """There was nothing in it to take, and that is why."""
    (tmp_path / "one.warc.gz").write_bytes(revisit("https://one.example/a") * 2)
    answer = take("import", "one.warc.gz")
    assert answer.code == 1
    reason = "2 revisit records, which name the pages of others as theirs, and no page itself"
    assert f"nothing taken: one.warc.gz: {reason}" in answer.err.splitlines()
