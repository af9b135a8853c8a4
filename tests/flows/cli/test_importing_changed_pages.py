"""`import` of web archives that hold a page many times: each change is a version, seen when it was captured."""

import gzip
import json
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from config.settings import PREFIX
from flows.exports.shape import iso
from flows.runs.progress import PROGRESS
from models.storage.database import read_transaction
from models.tables.stories import StoryVersion
from tests.databases import on_both
from tests.flows.cli.test_importing_web_archives import BALL, CLIMATE, HTML, page
from tests.flows.steps.test_captures import web_archive
from tests.nights import counts, rows

Call = Callable[..., Any]
URL = "https://one.example/roofs"
TITLE = "Solar roofs for every school"


def capture(month: int, roofs: int, url: str = URL, title: str = TITLE, extra: str = "") -> tuple[Any, ...]:
    """Return a capture of a page on the first of a month of 2020, with a text that names so many roofs."""
    body = page(title, CLIMATE.replace("212", str(roofs))) + extra.encode()
    return (url, body, HTML, "200 OK", f"2020-{month:02}-01T10:00:00Z")


def moment(month: int) -> str:
    """Return when the capture of a month was taken."""
    return f"2020-{month:02}-01T10:00:00Z"


def told(engine: Engine, title: str = TITLE) -> list[tuple[int, str, str]]:
    """Return of each version of a story, in order: how many roofs its text names, its reason and its moment."""
    query = select(StoryVersion.text, StoryVersion.reason, StoryVersion.created_at).where(StoryVersion.title == title)
    with read_transaction(engine) as connection:
        found = connection.execute(query.order_by(StoryVersion.story_id, StoryVersion.number)).tuples().all()
    return [(int(text.split("panels on ")[1].split()[0]), reason, iso(at) or "") for text, reason, at in found]


@pytest.fixture
def take(command: Call, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Give a way to call the command on an archive of the test's own."""
    monkeypatch.setenv(f"{PREFIX}DATABASE_URL", database_url)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    return command


@on_both
def test_each_change_of_a_page_is_a_version(take: Call, tmp_path: Path, engine: Engine) -> None:
    """The oldest first, seen when it was captured; a page that stands once is taken once, and all of it adds up."""
    once = ("https://one.example/other", page("Wind farms at sea", CLIMATE.replace("solar", "wind")), HTML)
    (tmp_path / "one.warc.gz").write_bytes(web_archive(capture(1, 11), once, capture(2, 22), capture(3, 33)))
    answer = take("import", "one.warc.gz")
    assert (answer.code, answer.out) == (0, "2 new, 0 known before, 2 updated, 0 failed, from 1 document.\n")
    assert answer.err.splitlines() == ["Further captures of 1 page: 2 more runs."]
    versions = [(11, "first", moment(1)), (22, "revised", moment(2)), (33, "revised", moment(3))]
    assert told(engine) == versions
    story = next(one for one in rows(engine, "stories") if one["title"] == TITLE)
    assert (iso(story["first_seen_at"]), story["revisions"], story["flapping"]) == (moment(1), 2, False)
    assert [(one["seen"], one["new"], one["updated"]) for one in rows(engine, "feed_runs")] == [
        (2, 2, 0),
        (1, 0, 1),
        (1, 0, 1),
    ]
    assert [one["parent_run_id"] for one in rows(engine, "runs")] == [None, 1, 1]
    assert take("runs", "check").code == 0
    shown = take("show", URL, "--revisions", "--json").document
    assert [one["created_at"] for one in shown["versions"]] == [moment(1), moment(2), moment(3)]
    corrected = take("corrected", "--since", "2020-01-01", "--json").document
    numbers = {
        (one["before"][:2], one["after"][:2], one["corrected_at"]) for one in corrected if one["kind"] == "number"
    }
    assert numbers == {("11", "22", moment(2)), ("22", "33", moment(3))}

    before = counts(engine)
    again = take("import", "one.warc.gz", "--json").document
    assert (again["totals"]["unchanged"], again["totals"]["seen"], again["further_runs"]) == (4, 4, [])
    assert [one["passed_over"] for one in again["documents"]] == [0]
    assert {name for name, count in counts(engine).items() if count != before[name]} == {"runs", "feed_runs"}


def test_the_runs_of_an_import_are_told_as_one(take: Call, tmp_path: Path) -> None:
    """Sums over its runs, in all and for each document, under the number of the first."""
    (tmp_path / "one.warc.gz").write_bytes(web_archive(capture(1, 11), capture(2, 22)))
    (tmp_path / "two.warc.gz").write_bytes(web_archive(capture(3, 33), (URL, b"<p></p>", HTML, "200 OK", moment(4))))
    answer = take("import", "one.warc.gz", "two.warc.gz", "--strict", "--json")
    told = answer.document
    assert (answer.code, told["run_id"], told["status"], told["further_runs"]) == (
        3,
        1,
        "completed_with_errors",
        [2, 3, 4],
    )
    names = ("seen", "new", "updated", "unchanged", "duplicate", "off_topic", "failed")
    sums = dict(zip(names, (4, 1, 2, 0, 0, 0, 1), strict=True))
    assert told["totals"] == {name: told["feeds"][0][name] for name in names} == sums
    assert [[one[name] for name in names] for one in told["documents"]] == [
        [2, 1, 1, 0, 0, 0, 0],
        [2, 0, 1, 0, 0, 0, 1],
    ]
    assert told["documents"][1]["refused"][0].startswith(f"{URL}: ")
    assert take("runs", "check").code == 0


def test_what_did_not_change_takes_no_other_run(take: Call, tmp_path: Path, engine: Engine) -> None:
    """The same bytes are not read again, and the same text in other bytes is no version."""
    same, changed = capture(1, 11), capture(4, 22)
    pages = [same, (*same[:4], moment(2)), capture(3, 11, extra="<!-- 3 -->"), changed, (*changed[:4], moment(5))]
    (tmp_path / "one.warc.gz").write_bytes(web_archive(*pages))
    answer = take("import", "one.warc.gz", "--json").document
    totals = answer["totals"]
    assert (totals["new"], totals["updated"], totals["unchanged"], totals["seen"]) == (1, 1, 3, 5)
    assert answer["further_runs"] == [2]
    assert told(engine) == [(11, "first", moment(1)), (22, "revised", moment(4))]


@on_both
def test_captures_are_taken_in_the_order_of_their_moments(take: Call, tmp_path: Path, engine: Engine) -> None:
    """However they stand in the files, and in whichever order those are named."""
    (tmp_path / "august.warc").write_bytes(web_archive(capture(8, 88), capture(2, 22), is_packed=False))
    (tmp_path / "july.warc.gz").write_bytes(web_archive(capture(7, 77), capture(9, 99), capture(1, 11)))
    assert take("import", "august.warc", "july.warc.gz").code == 0
    assert [(roofs, at) for roofs, _, at in told(engine)] == [(month * 11, moment(month)) for month in (1, 2, 7, 8, 9)]
    assert take("runs", "check").code == 0


def test_two_captures_of_one_moment_are_both_taken(take: Call, tmp_path: Path, engine: Engine) -> None:
    """A moment is a second in most archives; read again, neither is new."""
    (tmp_path / "one.warc.gz").write_bytes(web_archive(capture(1, 11), capture(1, 22)))
    assert take("import", "one.warc.gz").code == 0
    assert [roofs for roofs, *_ in told(engine)] == [11, 22]
    again = take("import", "one.warc.gz", "--json").document
    assert (again["totals"]["unchanged"], again["documents"][0]["passed_over"], again["further_runs"]) == (2, 0, [])


def test_a_text_in_other_bytes_is_no_change_of_the_moment_of_another(
    take: Call, tmp_path: Path, engine: Engine
) -> None:
    """Captures of one moment have no order that the archive could know later: read again, none of them is new."""
    (tmp_path / "one.warc.gz").write_bytes(
        web_archive(capture(1, 11), capture(2, 11, extra="<!-- 2 -->"), capture(2, 22))
    )
    versions = [(11, "first", moment(1)), (22, "revised", moment(2))]
    for updated in (1, 0, 0):
        totals = take("import", "one.warc.gz", "--json").document["totals"]
        assert (totals["seen"], totals["updated"], told(engine)) == (3, updated, versions)
    assert take("runs", "check").code == 0


def test_a_text_that_came_back_behind_one_in_other_bytes_is_restored(
    take: Call, tmp_path: Path, engine: Engine
) -> None:
    """What was met at its moment without a change does not stand for it."""
    other = capture(3, 22, extra="<!-- 3 -->")
    (tmp_path / "one.warc.gz").write_bytes(web_archive(capture(1, 11), capture(2, 22), other, capture(3, 11)))
    versions = [(11, "first", moment(1)), (22, "revised", moment(2)), (11, "restored", moment(3))]
    for updated in (2, 0):
        totals = take("import", "one.warc.gz", "--json").document["totals"]
        assert (totals["seen"], totals["updated"], told(engine)) == (4, updated, versions)


def test_a_text_that_came_back_years_ago_is_restored_each_time(take: Call, tmp_path: Path, engine: Engine) -> None:
    """To and fro is told by the moments of the captures, not by the minute in which they are all read."""
    roofs = [11, 22] * 4
    (tmp_path / "one.warc.gz").write_bytes(web_archive(*(capture(at, one) for at, one in enumerate(roofs, start=1))))
    assert take("import", "one.warc.gz").code == 0
    assert [(one, at) for one, _, at in told(engine)] == [(one, moment(at)) for at, one in enumerate(roofs, start=1)]
    assert [reason for _, reason, _ in told(engine)] == ["first", "revised", *["restored"] * 6]
    assert [one["flapping"] for one in rows(engine, "stories")] == [False]


def test_a_page_that_went_to_and_fro_within_days_flaps(take: Call, tmp_path: Path, engine: Engine) -> None:
    """As one does that nights meet, though its captures are years old."""
    pages = [(*capture(1, roofs)[:4], f"2020-01-{day:02}T10:00:00Z") for day, roofs in enumerate([11, 22] * 4, start=1)]
    (tmp_path / "one.warc.gz").write_bytes(web_archive(*pages))
    assert take("import", "one.warc.gz").code == 0
    assert [reason for _, reason, _ in told(engine)] == ["first", "revised", "restored", "restored"]
    assert [one["flapping"] for one in rows(engine, "stories")] == [True]


def test_captures_that_fail_or_are_off_topic_keep_no_other_back(take: Call, tmp_path: Path, engine: Engine) -> None:
    """A page without a story, one that was cut, one about a game: each is counted, and the others are versions."""
    empty = (URL, b"<p></p>", HTML, "200 OK", moment(2))
    cut = (URL, gzip.compress(page(TITLE, CLIMATE))[:-9], (*HTML, ("Content-Encoding", "gzip")), "200 OK", moment(3))
    games = [
        ("https://one.example/game", page("The game", BALL.replace("three", goals)), HTML, "200 OK", moment(month))
        for month, goals in ((1, "three"), (3, "four"))
    ]
    data = web_archive(games[0], capture(1, 11), empty, cut, games[1], capture(4, 22), capture(5, 33))
    (tmp_path / "one.warc.gz").write_bytes(data)
    answer = take("import", "one.warc.gz", "--json")
    totals = answer.document["totals"]
    assert [totals[name] for name in ("seen", "new", "updated", "off_topic", "failed")] == [7, 1, 2, 2, 2]
    assert (answer.code, len(answer.document["documents"][0]["refused"])) == (0, 2)
    assert [roofs for roofs, *_ in told(engine)] == [11, 22, 33]
    goals = [
        one["text"].split(" won by ")[1].split()[0] for one in rows(engine, "story_versions") if "won" in one["text"]
    ]
    assert goals == ["three", "four"]
    assert take("runs", "check").code == 0


@contextmanager
def interrupted_after(captures: int) -> Iterator[None]:
    """Press Ctrl-C when so many captures were met in a run, for as long as the context lasts."""

    class Pressing(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if (record.step.kind, record.step.done) == ("captures", captures):  # type: ignore[attr-defined]
                raise KeyboardInterrupt

    handler, level = Pressing(), PROGRESS.level
    PROGRESS.addHandler(handler)
    PROGRESS.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        PROGRESS.removeHandler(handler)
        PROGRESS.setLevel(level)


def test_an_import_that_was_cut_off_goes_on_where_it_was(take: Call, tmp_path: Path, engine: Engine) -> None:
    """Cut off once more behind each capture of each run, until nothing is left: no change is lost, none is doubled."""
    data = web_archive(*(capture(month, month * 11) for month in (3, 1, 2, 4)))
    (tmp_path / "one.warc.gz").write_bytes(data)
    for captures in (1, 2, 3, 4):
        with interrupted_after(captures):
            assert take("import", "one.warc.gz").code == 130
        assert len(told(engine)) == captures
        assert take("runs", "check").code == 0
    answer = take("import", "one.warc.gz", "--json").document
    assert (answer["totals"]["unchanged"], answer["totals"]["seen"]) == (4, 4)
    assert told(engine)[0] == (11, "first", moment(1))
    assert told(engine)[1:] == [(month * 11, "revised", moment(month)) for month in (2, 3, 4)]
    assert take("runs", "check").code == 0


def test_a_capture_older_than_what_is_known_is_named(take: Call, tmp_path: Path, engine: Engine) -> None:
    """It is counted as known before, and said to be passed over: by the command, its JSON and the ledger."""
    (tmp_path / "new.warc.gz").write_bytes(web_archive(capture(7, 77)))
    (tmp_path / "old.warc.gz").write_bytes(web_archive(*(capture(month, month * 11) for month in (1, 2, 3, 4, 5))))
    assert take("import", "new.warc.gz").code == 0
    answer = take("import", "old.warc.gz")
    assert answer.out == "0 new, 5 known before, 0 failed, from 1 document.\n"
    assert answer.err.splitlines() == [
        *(f"passed over: old.warc.gz: {URL} as captured 2020-0{month}-01 10:00:00 UTC" for month in (1, 2, 3)),
        "passed over: old.warc.gz: and 2 more",
        "Passed over: 5 captures from before what the archive knows of their pages, counted as known before.",
    ]
    assert take("import", "old.warc.gz", "--json").document["documents"][0]["passed_over"] == 5
    shown = take("runs", "show", "latest", "--json").document
    assert shown["feeds"][0]["warnings"] == [
        "passed over: 5 captures from before what the archive knows of their pages"
    ]
    assert told(engine) == [(77, "first", moment(7))]


MOVED = "https://one.example/archive/roofs"


def dated(url: str, month: int, roofs: int) -> tuple[Any, ...]:
    """Return a capture by whose date and text its story is known at whichever address."""
    one = capture(month, roofs, url)
    published = b'<meta property="article:published_time" content="2019-12-30T11:12:13Z">'
    return (url, one[1].replace(b"<title>", published + b"<title>"), *one[2:])


def test_a_story_that_moved_loses_no_text(take: Call, tmp_path: Path, engine: Engine) -> None:
    """Known again at another address, it changes there within the same import."""
    (tmp_path / "one.warc.gz").write_bytes(web_archive(dated(URL, 1, 11), dated(MOVED, 2, 11), dated(MOVED, 3, 33)))
    assert take("import", "one.warc.gz").err.splitlines() == ["Further captures of 1 page: 1 more run."]
    assert len(rows(engine, "stories")) == 1
    assert told(engine) == [(11, "first", moment(1)), (33, "revised", moment(3))]


@pytest.mark.parametrize("third", [URL, "https://one.example/print/roofs"], ids=["the first", "a third"])
def test_a_text_that_comes_back_at_another_address_waits_for_the_one_between(
    take: Call, tmp_path: Path, engine: Engine, third: str
) -> None:
    """A story's captures are taken in order, whatever their addresses."""
    pages = [dated(URL, 1, 11), dated(MOVED, 2, 11), dated(MOVED, 3, 33), dated(third, 4, 11)]
    (tmp_path / "one.warc.gz").write_bytes(web_archive(*pages))
    for _ in range(2):
        totals = take("import", "one.warc.gz", "--json").document
        assert (totals["totals"]["seen"], totals["documents"][0]["passed_over"]) == (4, 0)
        assert told(engine) == [
            (11, "first", moment(1)),
            (33, "revised", moment(3)),
            (11, "restored", moment(4)),
        ]


def test_bytes_that_come_back_behind_another_address_are_a_change(take: Call, tmp_path: Path, engine: Engine) -> None:
    """Though they are those that were met last at their own address."""
    other = dated(URL, 2, 11)
    again = (URL, other[1] + b"<!-- 2 -->", *other[2:])
    pages = [dated(URL, 1, 11), again, dated(MOVED, 3, 11), dated(MOVED, 4, 33), (*again[:4], moment(5))]
    (tmp_path / "one.warc.gz").write_bytes(web_archive(*pages))
    assert take("import", "one.warc.gz").code == 0
    assert told(engine) == [(11, "first", moment(1)), (33, "revised", moment(4)), (11, "restored", moment(5))]


def test_an_export_brings_each_version_into_another_archive(
    take: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its moment, also where a text came back."""

    def versions() -> list[tuple[str, str]]:
        shown = take("show", URL, "--revisions", "--json").document
        return [(one["sha256"], one["created_at"]) for one in shown["versions"]]

    pages = [capture(month, roofs) for month, roofs in ((1, 11), (2, 22), (3, 33), (4, 22))]
    (tmp_path / "one.warc.gz").write_bytes(web_archive(*pages))
    assert take("import", "one.warc.gz").code == 0
    assert take("export", "-o", "two.warc.gz").code == 0
    assert [json.loads(line)["revisions"] for line in take("export").out.splitlines()] == [3]
    before = versions()
    monkeypatch.setenv(f"{PREFIX}DATABASE_URL", f"sqlite:///{tmp_path / 'another.db'}")
    assert take("import", "two.warc.gz").code == 0
    assert versions() == before
    assert [at for _, at in before] == [moment(month) for month in (1, 2, 3, 4)]
