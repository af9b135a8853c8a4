"""An export goes out while it is written, holds nobody up, and says where it could not be ended."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse, IncompleteRead
from io import BytesIO
from pathlib import Path
from threading import BoundedSemaphore, Event, Thread
from typing import BinaryIO

import pytest
from sqlalchemy import update

from flows.exports.csv import write_csv
from flows.exports.jsonl import write_jsonl
from flows.web.app import make_app
from flows.web.pages import search
from flows.web.reading import ReadingRoom
from flows.web.safety import names_of
from flows.web.server import bound
from flows.web.spool import PIECE, NobodyReads, while_written
from models.queries.filters import StoryFilter
from models.queries.searching import best
from models.queries.stories import newest_first
from models.storage.database import read_transaction, write_transaction
from models.tables.stories import Story
from tests.answering import answering
from tests.builders import Archive, Piece
from tests.flows.web.conftest import Reader, filled

LONG = 120
TIMEOUT_S = 120


def test_the_first_piece_is_there_before_the_last_is_written() -> None:
    """Whoever writes goes on when the first piece has been read, and not before."""
    has_read, ended, closed = Event(), Event(), Event()

    def write(out: BinaryIO) -> None:
        out.write(b"a" * PIECE)
        assert has_read.wait(TIMEOUT_S)
        out.write(b"b")

    pieces = while_written(write, ended.set, closed.set)
    assert next(pieces) == b"a" * PIECE
    has_read.set()
    assert list(pieces) == [b"b"]
    assert ended.wait(TIMEOUT_S)
    assert closed.wait(TIMEOUT_S)


def test_a_slow_reader_holds_nobody_up() -> None:
    """All is written, in memory and beyond it in a file, though only the first piece was read; nothing is lost."""
    ended, closed = Event(), Event()
    content = bytes(range(256)) * 40_000

    def write(out: BinaryIO) -> None:
        assert sum(out.write(content[at : at + 999]) for at in range(0, len(content), 999)) == len(content)

    pieces = while_written(write, ended.set, closed.set)
    first = next(pieces)
    assert ended.wait(TIMEOUT_S)
    assert not closed.is_set()
    assert b"".join((first, *pieces)) == content
    assert closed.wait(TIMEOUT_S)


def test_nothing_is_written_for_a_reader_who_left() -> None:
    """Whoever writes is told so, and its turn is given back."""
    has_left, ended, closed, told = Event(), Event(), Event(), []

    def write(out: BinaryIO) -> None:
        out.write(b"a" * PIECE)
        assert has_left.wait(TIMEOUT_S)
        try:
            out.write(b"b")
        except NobodyReads as error:
            told.append(error)
            raise

    pieces = while_written(write, ended.set, closed.set)
    next(pieces)
    del pieces
    has_left.set()
    assert ended.wait(TIMEOUT_S)
    assert closed.wait(TIMEOUT_S)
    assert len(told) == 1


def test_where_no_thread_can_be_started_nothing_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the turn nor the file."""
    ended, closed = Event(), Event()

    def refuse(_thread: Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(Thread, "start", refuse)
    with pytest.raises(RuntimeError, match="can't start new thread"):
        while_written(lambda out: None, ended.set, closed.set)
    assert ended.is_set()
    assert closed.is_set()


@pytest.mark.parametrize("read_first", [False, True])
@pytest.mark.parametrize(("written", "read"), [(0, 0), (PIECE - 1, 0), (PIECE, 1), (3 * PIECE - 1, 2)])
def test_what_goes_wrong_is_told_by_the_status_as_long_as_it_can_be(
    written: int, read: int, read_first: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the first piece at once; behind it the reader has the whole pieces written by then, and the mistake."""
    has_read, ended, closed = Event(), Event(), Event()

    def write(out: BinaryIO) -> None:
        out.write(b"a" * written)
        assert not (read and read_first) or has_read.wait(TIMEOUT_S)
        raise OSError("no space left")

    if not read_first:  # the writer is done before anybody reads
        monkeypatch.setattr(Thread, "start", Thread.run)

    found: list[bytes] = []

    def take() -> None:
        for piece in while_written(write, ended.set, closed.set):
            found.append(piece)
            has_read.set()

    with pytest.raises(OSError, match="no space left"):
        take()
    assert found == [b"a" * PIECE] * read
    assert ended.wait(TIMEOUT_S)
    assert closed.wait(TIMEOUT_S)


def test_an_export_is_what_the_format_writes(client: Reader, room: ReadingRoom) -> None:
    """Byte for byte, and a turn is given back each time."""
    for kind, form in {"csv": write_csv, "jsonl": write_jsonl}.items():
        whole = BytesIO()
        with read_transaction(room.engine) as connection:
            form(newest_first(connection, StoryFilter()), whole)
        for _ in range(5):
            assert client.get(f"/export.{kind}?order=newest").content == whole.getvalue()


def test_a_file_says_among_which_stories_it_has_the_best(client: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the search that it is of does; of all stories, or the newest of them, nothing is said."""
    said = "x-ranked-among"
    assert said not in client.get("/export.jsonl?q=sea+OR+methane").headers
    monkeypatch.setattr(best, "MOST_RANKED", 1)
    for kind in ("jsonl", "csv"):
        assert client.get(f"/export.{kind}?q=sea+OR+methane").headers[said] == "1"
        for query in ("q=sea+OR+methane&order=newest", ""):
            assert said not in client.get(f"/export.{kind}?{query}").headers


def test_whoever_comes_third_is_asked_to_wait(client: Reader) -> None:
    """Two exports are written at once; a feed is one too."""
    with _taken(search._exports):
        answers = [client.get(path) for path in ("/export.csv", "/feed.atom")]
    assert [answer.status_code for answer in answers] == [503, 503]
    assert "Others are exporting" in answers[0].text
    assert client.get("/export.csv").status_code == client.get("/feed.atom").status_code == 200


def test_files_that_nobody_takes_are_few(client: Reader) -> None:
    """Slow readers keep others from files, and from nothing else; the turn of who is refused is given back."""
    with _taken(search._files):
        answers = [client.get("/export.csv").status_code for _ in range(search._AT_ONCE + 1)]
        assert client.get("/feed.atom").status_code == 200
    assert set(answers) == {503}
    assert client.get("/export.csv").status_code == 200


def test_a_file_that_cannot_be_ended_is_broken_off(tmp_path: Path, new_database: Callable[[], str]) -> None:
    """Its reader learns that it is not whole; what breaks before the first piece is an error with a page."""
    sock = bound("127.0.0.1", 0)
    port = sock.getsockname()[1]
    with (
        filled(tmp_path, new_database()) as room,
        answering(make_app(room, names_of("127.0.0.1", port, ())), sock),
    ):
        with write_transaction(room.engine) as connection:
            _fill_at_length(Archive(connection))
        assert _asked(port).read().count(b"\n") == LONG
        _damage(room, "Wave 0")
        answer = _asked(port)
        assert answer.status == 200
        with pytest.raises(IncompleteRead):
            answer.read()
        _damage(room, f"Wave {LONG - 1}")
        assert _asked(port).status == 500


def _fill_at_length(archive: Archive) -> None:
    words = " ".join(f"{n} waves." for n in range(200))
    pieces = [
        Piece(title=f"Wave {n}", text=f"Wave {n}: {words}", url=f"https://one.example/wave/{n}") for n in range(LONG)
    ]
    archive.night(archive.feed("waves"), *pieces)


def _damage(room: ReadingRoom, title: str) -> None:
    """Have a story's list of authors be none, so that the story cannot be read."""
    with write_transaction(room.engine) as connection:
        connection.execute(update(Story).where(Story.title == title).values(authors=5))


def _asked(port: int) -> HTTPResponse:
    asking = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    asking.request("GET", "/export.jsonl?feed=waves&order=newest", headers={"connection": "close"})
    return asking.getresponse()


@contextmanager
def _taken(bound: BoundedSemaphore) -> Iterator[None]:
    count = 0
    while bound.acquire(blocking=False):
        count += 1
    assert count > 1
    yield
    bound.release(count)
