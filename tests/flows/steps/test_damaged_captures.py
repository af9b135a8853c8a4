"""No page of a damaged web archive is taken in part, each damage is told, and what lies behind it is read."""

import gzip
import io
import zlib
from random import Random
from typing import Any

import pytest

from flows.steps import captures
from flows.steps.captures import find_captures
from models.errors import BadResponse
from tests.flows.steps.test_captures import PAGE, read_all, web_archive

URLS = [f"https://one.example/{name}" for name in "abc"]
HTML = ("Content-Type", "text/html")
WHOLE = {url: PAGE.replace(b"Sea", f"Sea {url}".encode()) for url in URLS}
BOTH_FORMS = pytest.mark.parametrize("is_packed", [True, False], ids=["packed", "plain"])


def records(*urls: str, is_packed: bool) -> list[bytes]:
    """Write a record for each page; together they are a web archive."""
    return [web_archive((url, WHOLE[url]), is_packed=is_packed) for url in urls]


@BOTH_FORMS
def test_a_file_cut_anywhere_gives_whole_pages_alone(is_packed: bool) -> None:
    """At each of its bytes: what stands before the cut is read, and a cut between two records is none."""
    parts = records(*URLS, is_packed=is_packed)
    data = b"".join(parts)
    ends = [sum(map(len, parts[: count + 1])) for count in range(len(parts))]
    for cut in range(1, len(data)):
        before = sum(end - (0 if is_packed else len(b"\r\n\r\n")) <= cut for end in ends)
        is_torn = not any(end - (0 if is_packed else len(b"\r\n\r\n")) <= cut <= end for end in ends)
        try:
            found, refused = read_all(data[:cut])
        except BadResponse as error:
            found, refused = [], [str(error)]
        assert {one.url: one.body for one in found} == {url: WHOLE[url] for url in URLS[:before]}, cut
        assert bool(refused) is is_torn, (cut, refused)


def test_what_is_packed_is_never_taken_broken() -> None:
    """Whichever byte is another one: the page is whole or told, and the two beside it are read."""
    parts = records(*URLS, is_packed=True)
    for at in range(len(parts[1])):
        broken = bytearray(parts[1])
        broken[at] ^= 0x5A
        found, refused = read_all(parts[0] + bytes(broken) + parts[2])
        bodies = {one.url: one.body for one in found}
        assert bodies.items() <= WHOLE.items(), at
        assert {URLS[0], URLS[2]} <= bodies.keys(), at
        assert URLS[1] in bodies or refused, at


@BOTH_FORMS
@pytest.mark.parametrize("left", [5, 60, 300, -30])
def test_what_lies_behind_a_cut_record_is_read(is_packed: bool, left: int) -> None:
    """A crawler that was killed and went on with the same file leaves such: in headers, in the page, near its end."""
    first, second, third = records(*URLS, is_packed=is_packed)
    found, refused = read_all(first + second[:left] + third)
    assert [one.url for one in found] == [URLS[0], URLS[2]]
    assert len(refused) == 1
    assert f"at byte {len(first)} is damaged" in refused[0]


def test_a_damaged_page_is_named() -> None:
    """By its address, where its headers are there."""
    (first,) = records(URLS[0], is_packed=False)
    _, refused = read_all(first[:-30])
    assert refused == [
        f"the record of {URLS[0]} at byte 0 is damaged: the file ends within it: 26 of its 148 bytes are missing"
    ]


@BOTH_FORMS
def test_damage_to_another_record_is_told_too(is_packed: bool) -> None:
    """Of a picture, or of a host that is not asked for: nobody knows which pages stood behind it."""
    picture = web_archive(
        ("https://two.example/a.png", Random(1).randbytes(900), (("Content-Type", "image/png"),)), is_packed=is_packed
    )
    found, refused = read_all(records(URLS[0], is_packed=is_packed)[0] + picture[:-50], "one.example")
    assert ([one.url for one in found], len(refused)) == ([URLS[0]], 1)
    assert "https://two.example/a.png" in refused[0]


@BOTH_FORMS
@pytest.mark.parametrize("junk", [b"\0" * 70_000, b"no record", b"\x1f\x8b\x08" * 9], ids=["zeros", "text", "marks"])
def test_what_is_no_record_is_told(is_packed: bool, junk: bytes) -> None:
    """Between two records or behind the last one; without packing, nobody knows where the first one was to end."""
    first, second, _ = records(*URLS, is_packed=is_packed)
    for behind, urls in ((second, URLS[1:2]), (b"", [])):
        found, refused = read_all(first + junk + behind)
        assert [one.url for one in found] == [*URLS[:is_packed], *urls]
        assert [f"at byte {len(first) if is_packed else 0:,} is damaged" in one for one in refused] == [True]


@pytest.mark.parametrize("nothing", [gzip.compress(b""), b"\r\n\r\n"], ids=["an empty member", "empty lines"])
def test_nothing_between_two_records_is_nothing(nothing: bytes) -> None:
    """Some tools put it at the end."""
    first, second = records(*URLS[:2], is_packed=True)
    found, refused = read_all(nothing + first + nothing + second + nothing)
    assert ([one.url for one in found], refused) == (URLS[:2], [])
    with pytest.raises(BadResponse, match="no record"):
        read_all(nothing)


def test_a_file_that_was_packed_as_one_says_what_helps() -> None:
    """Only a record a gzip member can be read on from its middle."""
    data = b"".join(records(*URLS, is_packed=False))
    found, refused = read_all(gzip.compress(data))
    assert found == []
    assert [reason.partition("gunzip")[1] for reason in refused] == ["gunzip"]


def cut(page: bytes, *headers: tuple[str, str]) -> tuple[Any, ...]:
    """Return a page as web_archive takes it."""
    return (URLS[0], page, (HTML, *headers))


CHUNKED = ("Transfer-Encoding", "chunked")
PACKED = ("Content-Encoding", "gzip")
CHUNKS = b"%x\r\n%s\r\n%x;a=b\r\n%s\r\n" % (9, PAGE[:9], len(PAGE) - 9, PAGE[9:])
RAW = zlib.compressobj(wbits=-15)
DEFLATED = RAW.compress(PAGE) + RAW.flush()


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(cut(PAGE, ("Content-Length", str(len(PAGE) + 1))), id="a byte less than its server counted"),
        pytest.param(cut(CHUNKS, CHUNKED), id="without its last chunk"),
        pytest.param(cut(CHUNKS[:30], CHUNKED), id="within a chunk"),
        pytest.param(cut(gzip.compress(PAGE)[:-3], PACKED), id="within its gzip"),
        pytest.param(cut(DEFLATED[:-3], ("Content-Encoding", "deflate")), id="within its deflate"),
    ],
)
def test_a_page_that_came_cut_is_refused(page: tuple[Any, ...]) -> None:
    """Its record is whole, and holds a part of the page; the next one is read."""
    found, refused = read_all(web_archive(page, (URLS[1],)))
    assert [one.url for one in found] == [URLS[1]]
    assert refused == [f"{URLS[0]}: the page was cut off on its way"]


@pytest.mark.parametrize("header", [b"WARC-Truncated: length", b"WARC-Segment-Number: 1"])
def test_a_page_that_its_crawler_cut_is_refused(header: bytes) -> None:
    """It says so."""
    (data,) = records(URLS[0], is_packed=False)
    found, refused = read_all(data.replace(b"\r\n", b"\r\n" + header + b"\r\n", 1))
    assert (found, refused) == ([], [f"{URLS[0]}: the page was cut off on its way"])


def test_an_answer_that_was_cut_within_its_headers_is_refused() -> None:
    """Whether it was a page is in what is missing."""
    block = b"HTTP/1.1 200 OK\r\nContent-Ty"
    head = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: <{URLS[0]}>\r\nContent-Length: {len(block)}\r\n\r\n"
    found, refused = read_all(head.encode() + block + b"\r\n\r\n")
    assert (found, refused) == ([], [f"{URLS[0]}: the page was cut off on its way"])


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(cut(CHUNKS + b"0\r\n\r\n", CHUNKED), id="chunks"),
        pytest.param(cut(PAGE, CHUNKED), id="unchunked, with the header"),
        pytest.param(cut(PAGE, CHUNKED, ("Content-Length", "99999")), id="a count that chunks make void"),
        pytest.param(cut(PAGE, PACKED, ("Content-Length", "9")), id="unpacked, with the headers"),
        pytest.param(cut(PAGE, ("Content-Encoding", "br")), id="unpacked from what is not read"),
        pytest.param(cut(DEFLATED, ("Content-Encoding", "deflate")), id="deflate"),
        pytest.param(cut(PAGE, ("Content-Length", "many")), id="a count that is none"),
    ],
)
def test_a_page_that_is_whole_is_taken_as_it_was_written(page: tuple[Any, ...]) -> None:
    """Crawlers keep bodies as they came, or unpacked under the same headers."""
    found, refused = read_all(web_archive(page))
    assert ([one.body for one in found], refused) == ([PAGE], [])


def test_an_encoding_that_is_not_read_is_named() -> None:
    """Its bytes are no text."""
    _, refused = read_all(web_archive(cut(b"\x0b\x02\x80Sea\x03", ("Content-Encoding", "br"))))
    assert refused == [f"{URLS[0]}: the body is encoded as br, which is not read"]


def test_a_call_passes_over_so_many_bytes_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of films is read in many calls, each within its time."""
    monkeypatch.setattr(captures, "MOST_PASSED", 5_000)
    film = ("https://one.example/film", b"x" * 6_000, (("Content-Type", "video/mp4"),))
    data = web_archive(film, film, (URLS[0],))
    assert find_captures(io.BytesIO(data), 0).next_offset is not None
    found, refused = read_all(data)
    assert ([one.url for one in found], refused) == ([URLS[0]], [])
