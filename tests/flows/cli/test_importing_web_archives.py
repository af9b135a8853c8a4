"""`import` of web archives: pages of stories by their URLs, behind the gate, as first seen when they were captured."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from config.settings import PREFIX
from flows.exports.shape import iso
from tests.flows.steps.test_captures import web_archive
from tests.nights import counts, rows

Call = Callable[..., Any]
HTML = (("Content-Type", "text/html; charset=utf-8"),)
CLIMATE = (
    "The climate plan of the county puts solar panels on 212 school roofs and cuts its carbon emissions by a fifth."
)
BALL = "The home side won by three goals to one on Saturday after a long first half in which nobody had scored at all."


def page(title: str, text: str) -> bytes:
    """Return an article page."""
    words = "".join(f"<p>{text} Line {number} of the report says so.</p>" for number in range(4))
    head = f"<html lang=en><head><title>{title}</title></head>"
    return f"{head}<body><article><h1>{title}</h1>{words}</article></body></html>".encode()


ROOFS = ("https://one.example/roofs?utm_source=x", page("Solar roofs for every school", CLIMATE), HTML)
GAME = ("https://one.example/game", page("The game on Saturday", BALL), HTML)
OTHER = ("https://two.example/roofs", page("Climate plan with solar roofs", f"Elsewhere too: {CLIMATE}"), HTML)


@pytest.fixture
def take(command: Call, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Give a way to call the command on an archive of the test's own."""
    monkeypatch.setenv(f"{PREFIX}DATABASE_URL", database_url)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    return command


def test_pages_of_a_web_archive_become_stories(take: Call, tmp_path: Path, engine: Engine) -> None:
    """About climate or not, first seen at their capture; read again, nothing is new, and an older capture adds none."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "one.warc.gz").write_bytes(web_archive(ROOFS, GAME, OTHER))
    totals = take("import", folder, "--host", "one.example", "--json").document["totals"]
    assert (totals["new"], totals["off_topic"], totals["seen"]) == (1, 1, 2)
    stories = rows(engine, "stories")
    assert [(one["title"], one["relevant_at"] is None) for one in stories] == [
        ("Solar roofs for every school", False),
        ("The game on Saturday", True),
    ]
    assert {iso(one["first_seen_at"]) for one in stories} == {"2020-03-01T10:00:00Z"}
    shown = take("show", "https://one.example/roofs", "--json").document
    assert (shown["published_at"], shown["outlets"]) == (None, ["one.example"])
    assert "outlets    one.example" in take("show", "https://one.example/roofs").out.splitlines()

    before = counts(engine)
    older = (ROOFS[0], page("Solar roofs for some schools", CLIMATE), HTML, "200 OK", "2019-03-01T10:00:00Z")
    (folder / "old.warc").write_bytes(web_archive(older, is_packed=False))
    totals = take("import", folder, "--host", "one.example", "--json").document["totals"]
    assert (totals["unchanged"], totals["seen"]) == (3, 3)
    assert {name for name, count in counts(engine).items() if count != before[name]} == {"runs", "feed_runs"}

    assert take("import", folder, "--json").document["totals"]["new"] == 1
    assert take("runs", "check").code == 0


def test_what_is_off_topic_or_of_no_host_is_said(take: Call, tmp_path: Path) -> None:
    """A page of another host is no story, and a host that no archive has is named; each count says what it counts."""
    (tmp_path / "one.warc.gz").write_bytes(web_archive(ROOFS, GAME))
    (tmp_path / "two.warc.gz").write_bytes(web_archive(OTHER, (OTHER[0], OTHER[1][:900], HTML)))
    answer = take("import", "one.warc.gz", "two.warc.gz", "--host", "one.example", "--host", "three.example")
    assert answer.code == 0
    assert answer.out == "1 new, 0 known before, 1 off topic, 0 failed, from 2 documents.\n"
    assert answer.err.splitlines() == [
        "nothing taken: two.warc.gz: none of its 2 HTML pages is of one.example or three.example",
        "nothing taken: no HTML page of three.example is in these web archives",
        "What is off topic is kept, and hidden unless asked for: search --include-off-topic.",
    ]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--host", "three.example"], "one.warc.gz: none of its 1 HTML page is of three.example"),
        ([], "one.warc.gz: no HTML page is in it: only answers of that kind, with status 200, are read"),
    ],
    ids=["of no such host", "no page"],
)
def test_an_import_of_nothing_says_why(take: Call, tmp_path: Path, options: list[str], reason: str) -> None:
    """Exit 1 with its reason, which the ledger has too."""
    picture = ("https://one.example/a.png", b"x", (("Content-Type", "image/png"),))
    (tmp_path / "one.warc.gz").write_bytes(web_archive(ROOFS if options else picture, picture))
    answer = take("import", "one.warc.gz", *options)
    assert (answer.code, answer.out) == (1, "0 new, 0 known before, 0 failed, from 1 document.\n")
    assert answer.err == f"nothing taken: {reason}\n"
    assert take("runs", "show", "latest", "--json").document["reason"] == reason


def test_a_later_capture_revises_its_story(take: Call, tmp_path: Path, engine: Engine) -> None:
    """As another night would."""
    later = (ROOFS[0], page("Solar roofs for every school", CLIMATE.replace("212", "98")), HTML, "200 OK")
    (tmp_path / "one.warc.gz").write_bytes(web_archive(ROOFS))
    (tmp_path / "two.warc.gz").write_bytes(web_archive((*later, "2020-04-01T10:00:00Z")))
    assert take("import", tmp_path / "one.warc.gz", "--json").document["totals"]["new"] == 1
    assert (
        take("import", tmp_path / "two.warc.gz").out == "0 new, 0 known before, 1 updated, 0 failed, from 1 document.\n"
    )
    assert [one["reason"] for one in rows(engine, "story_versions")] == ["first", "revised"]
    assert "98 school roofs" in rows(engine, "story_versions")[1]["text"]


def test_an_export_is_read_again_as_the_same_stories(
    take: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages that were handed in have their addresses, digests and moments of capture in another archive too."""

    def told() -> list[tuple[str, ...]]:
        stories = [json.loads(line) for line in take("export", "--include-off-topic").out.splitlines()]
        return sorted((one["url"], one["title"], one["sha256"], one["first_seen_at"]) for one in stories)

    (tmp_path / "one.warc.gz").write_bytes(web_archive(ROOFS, GAME, OTHER))
    assert take("import", "one.warc.gz").code == 0
    assert take("export", "--include-off-topic", "-o", "two.warc.gz").code == 0
    before = told()
    monkeypatch.setenv(f"{PREFIX}DATABASE_URL", f"sqlite:///{tmp_path / 'another.db'}")
    assert take("import", "two.warc.gz").out == "2 new, 0 known before, 1 off topic, 0 failed, from 1 document.\n"
    assert told() == before
    assert {moment for *_, moment in before} == {"2020-03-01T10:00:00Z"}


def test_what_could_not_be_taken_is_named(take: Call, tmp_path: Path) -> None:
    """A page without a story, a file that is none; the others are taken."""
    (tmp_path / "one.warc.gz").write_bytes(web_archive(("https://one.example/", b"<p></p>", HTML), ROOFS))
    (tmp_path / "two.warc").write_bytes(b"nothing")
    answer = take("import", tmp_path / "one.warc.gz", tmp_path / "two.warc", "--json")
    first, second = answer.document["documents"]
    assert "https://one.example/: " in first["reason"]
    assert "no web archive" in second["reason"]
    assert (answer.document["totals"]["new"], answer.document["totals"]["failed"]) == (1, 2)
    assert take("runs", "check").code == 0


def test_pages_that_failed_are_counted_as_pages(take: Call, tmp_path: Path) -> None:
    """Each is named, and in how many of the documents they are."""
    bad = [(f"https://one.example/{number}", b"<p></p>", HTML) for number in range(5)]
    (tmp_path / "one.warc.gz").write_bytes(web_archive(ROOFS, *bad))
    (tmp_path / "two.warc.gz").write_bytes(web_archive(OTHER))
    answer = take("import", "one.warc.gz", "two.warc.gz")
    assert answer.out == "2 new, 0 known before, 5 failed, from 2 documents.\n"
    *named, last = answer.err.splitlines()
    assert [line.split()[3] for line in named] == [f"{url}:" for url, _, _ in bad]
    assert (
        last
        == "NOT IN THE ARCHIVE: 5 pages or documents that could not be read, in 1 of 2 documents. Each is named above."
    )
    assert take("runs", "list", "--json").document[0]["reason"].startswith("5 documents or pages could not be read")


@pytest.mark.parametrize("is_packed", [True, False], ids=["packed", "plain"])
def test_a_page_that_was_cut_off_is_told_and_not_kept(
    take: Call, tmp_path: Path, home: Path, engine: Engine, is_packed: bool
) -> None:
    """It is failed, with its reason in the ledger; what stood before is taken, and the whole file adds the rest."""
    whole = web_archive(ROOFS, OTHER, is_packed=is_packed)
    (tmp_path / "one.warc.gz").write_bytes(whole[:-90])
    answer = take("import", tmp_path / "one.warc.gz", "--strict", "--json")
    totals = answer.document["totals"]
    assert (answer.code, totals["seen"], totals["new"], totals["failed"]) == (3, 2, 1, 1)
    (row,) = rows(engine, "feed_runs")
    assert "is damaged: the file ends within" in row["reason"]
    assert [story["title"] for story in rows(engine, "stories")] == ["Solar roofs for every school"]
    assert len(list((home / "raw").rglob("*.zst"))) == 1
    assert take("runs", "check").code == 0

    (tmp_path / "one.warc.gz").write_bytes(whole)
    totals = take("import", tmp_path / "one.warc.gz", "--json").document["totals"]
    assert (totals["new"], totals["unchanged"], totals["failed"]) == (1, 1, 0)
