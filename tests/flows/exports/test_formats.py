"""Every export format gives back what it was given."""

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from flows.exports.context import ExportContext
from flows.exports.registry import FORMATS, format_of
from flows.exports.safe_json import json_text
from flows.exports.shape import iso, story_shape
from flows.steps.parse import parse_feed
from models.queries.stories import StoryRecord
from models.stages import TopicScore

STORY = StoryRecord(
    id=12,
    uid="0123456789abcdef",
    url="https://one.example/sea?a=1&utm_source=rss&b=2",
    title='Sea level: "it rises", 海平面上升',
    text="A first paragraph, with a comma.\n\nA second; with a semicolon.",
    authors=("Ada Lind", "Bo Ek"),
    language="en",
    published_at=datetime(2026, 7, 14, 4, 15, tzinfo=UTC),
    first_seen_at=datetime(2026, 7, 14, 5, 0, 30, 250_000, tzinfo=UTC),
    feeds=("one", "two"),
    outlets=("The One", "Two & Co"),
    tags=("Sea", "Coast"),
    relevance=0.925,
    topics=(TopicScore(id="science", score=0.9, primary=True), TopicScore(id="policy", score=0.4, primary=False)),
    classifier_version="1-abc",
    labelled_by="auto",
    revisions=2,
    cluster_id=7,
    method="trafilatura",
    confidence=0.8,
    content_hash="f" * 64,
    run_id=3,
    relevant_at=None,
)
BARE = replace(
    STORY,
    id=13,
    url=None,
    title="",
    text="",
    authors=(),
    language=None,
    published_at=None,
    feeds=(),
    outlets=(),
    tags=(),
    relevant_at=datetime(2026, 7, 14, 5, 0, 30, tzinfo=UTC),
    relevance=None,
    topics=(),
    classifier_version=None,
    labelled_by=None,
    method=None,
    confidence=None,
)
HOSTILE = replace(
    STORY,
    id=14,
    title="=HYPERLINK(1)",
    text="'+1\n\u2028\u0085\x9b31m\u202ered\ud800\ufeff;'=SUM(1);\n- a list (of one)\n-- b",
    authors=("@admin", "-x"),
    url="+https://x.example/",
)
STORIES = (STORY, BARE, HOSTILE)


def _read_jsonl(data: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in data.decode().splitlines()]


def _read_csv(data: bytes) -> list[dict[str, Any]]:
    return [_unfolded(row) for row in csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))]


_MARKS = re.compile(r"\A'(?='*[=+\-@\t\r\n])|(?<=[;\t\r\n])'(?=['\" ]*[=+\-@][^;\t\r\n]*[(|!])")


def _unfolded(row: dict[str, str]) -> dict[str, Any]:
    cells = {name: _MARKS.sub("", cell) for name, cell in row.items()}
    ids, scores = _parts(cells["topics"]), _parts(cells["topic_scores"])
    topics = [
        {"id": topic, "score": float(score), "primary": topic == cells["primary_topic"]}
        for topic, score in zip(ids, scores, strict=True)
    ]
    confidence = cells.pop("extraction_confidence")
    extraction = {
        "method": cells.pop("extraction_method") or None,
        "confidence": float(confidence) if confidence else None,
    }
    for name in ("primary_topic", "topic_scores"):
        del cells[name]
    numbers = {name: int(cells[name]) for name in ("id", "revisions", "cluster_id", "run_id")}
    lists = {name: _parts(cells[name]) for name in ("authors", "feeds", "outlets", "tags")}
    names = ("url", "canonical_url", "language", "published_at", "classifier_version", "labelled_by")
    optional: dict[str, Any] = {name: cells[name] or None for name in names}
    optional["off_topic"] = {"yes": True, "no": False}[cells["off_topic"]]
    relevance = float(cells["relevance"]) if cells["relevance"] else None
    return cells | numbers | lists | optional | {"relevance": relevance, "topics": topics, "extraction": extraction}


def _parts(cell: str) -> list[str]:
    return cell.split("; ") if cell else []


def _read_parquet(data: bytes) -> list[dict[str, Any]]:
    rows = pytest.importorskip("pyarrow.parquet").read_table(io.BytesIO(data)).to_pylist()
    return [row | {name: iso(row[name]) for name in ("published_at", "first_seen_at")} for row in rows]


READERS: dict[str, Callable[[bytes], list[dict[str, Any]]]] = {
    "jsonl": _read_jsonl,
    "csv": _read_csv,
    "parquet": _read_parquet,
}
OCCASION = ExportContext(made_at=datetime(2026, 7, 15, tzinfo=UTC))


def _written(name: str, *stories: StoryRecord) -> bytes:
    out = io.BytesIO()
    assert FORMATS[name].write(iter(stories), out, OCCASION) == len(stories)
    return out.getvalue()


@pytest.mark.parametrize("name", READERS)
def test_what_was_written_is_read_back(name: str) -> None:
    """Every field of every story comes back the same; a table drops only what no text may hold."""
    expected = [story_shape(story) for story in STORIES]
    if name == "csv":
        expected[2]["text"] = "'+1\n\u202831mred;'=SUM(1);\n- a list (of one)\n-- b"
    if name == "parquet":
        expected[2]["text"] = expected[2]["text"].replace("\ud800", "?")
    assert READERS[name](_written(name, *STORIES)) == expected


@pytest.mark.parametrize("name", READERS)
def test_nothing_is_a_document_too(name: str) -> None:
    """An export of no story is readable and empty."""
    assert READERS[name](_written(name)) == []


def test_a_story_has_the_shape_of_the_contract() -> None:
    """The names that users rely on, in their order."""
    assert list(story_shape(STORY)) == [
        "id",
        "uid",
        "url",
        "canonical_url",
        "title",
        "text",
        "authors",
        "language",
        "published_at",
        "first_seen_at",
        "feeds",
        "outlets",
        "tags",
        "off_topic",
        "relevance",
        "topics",
        "classifier_version",
        "labelled_by",
        "revisions",
        "cluster_id",
        "extraction",
        "sha256",
        "run_id",
    ]
    assert story_shape(STORY)["first_seen_at"] == "2026-07-14T05:00:30Z"
    assert (story_shape(STORY)["off_topic"], story_shape(BARE)["off_topic"]) == (True, False)


def test_an_address_is_the_publishers_and_the_canonical_one_tracks_nobody() -> None:
    """The publisher's own string stays in its field; what is shown and compared holds no tracking parameter."""
    shape = story_shape(STORY)
    assert shape["url"] == "https://one.example/sea?a=1&utm_source=rss&b=2"
    assert shape["canonical_url"] == "https://one.example/sea?a=1&b=2"


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\t=1", "\n=1", "'=1"])
def test_no_cell_of_a_table_runs(cell: str) -> None:
    """A cell that a spreadsheet would run begins with a mark against it."""
    rows = csv.DictReader(io.StringIO(_written("csv", replace(STORY, title=cell)).decode("utf-8-sig"), newline=""))
    assert next(rows)["title"] == f"'{cell}"


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        pytest.param("Sea;=cmd|' /C calc'!A0", "Sea;'=cmd|' /C calc'!A0", id="behind a semicolon"),
        pytest.param('Sea; "@SUM(1)', "Sea;' \"@SUM(1)", id="behind a quote too"),
        pytest.param("Sea\n+A(1)\n- ice", "Sea\n'+A(1)\n- ice", id="at the start of a line"),
        pytest.param("Sea;'=A(1)", "Sea;''=A(1)", id="a mark of its own"),
        pytest.param("Sea; -5 %; ice (and snow)", "Sea; -5 %; ice (and snow)", id="a figure calls nothing"),
    ],
)
def test_no_cell_runs_where_lines_are_split_at_semicolons(cell: str, shown: str) -> None:
    """A spreadsheet with a comma as its decimal sign begins cells within ours; each that could act has a mark."""
    assert f"{shown}\n".replace('"', '""') in _written("csv", replace(STORY, title=f"{cell}\n")).decode()


def test_a_table_opens_in_a_spreadsheet() -> None:
    """It begins with a byte order mark, its lines end by CRLF, and a list keeps its separator to itself."""
    data = _written("csv", replace(STORY, authors=("Lind; Ek", "Bo")))
    assert data.startswith(b"\xef\xbb\xbfid,uid,")
    assert data.count(b"\r\n") == 2
    assert "Lind, Ek; Bo" in data.decode()


@pytest.mark.parametrize("character", ["\x1b", "\x00", "\x7f", "\x9b", "\u2028", "\u202e", "\u2066", "\ufeff"])
def test_json_holds_no_character_that_acts_on_a_terminal(character: str) -> None:
    """It is escaped, and read back the same."""
    text = json_text({"title": f"a{character}b"})
    assert character not in text
    assert json.loads(text) == {"title": f"a{character}b"}


def test_an_atom_feed_is_read_as_the_stories_that_it_holds() -> None:
    """By the archive's own parser: names, titles, moments, links and texts, whatever a publisher wrote."""
    data = _written("atom", *STORIES)
    parsed = parse_feed(data, content_type="application/atom+xml", url="https://archive.example/")
    assert (parsed.is_complete, parsed.warnings) == (True, ())
    assert [entry.guid for entry in parsed.entries] == ["urn:climate-archive:story:0123456789abcdef"] * 3
    assert parsed.entries[0].url == STORY.url
    assert parsed.entries[0].published_at == STORY.published_at
    assert "A second; with a semicolon." in parsed.entries[0].html


def test_a_json_feed_is_read_as_the_stories_that_it_holds() -> None:
    """No address but one of the web is a link."""
    data = _written("jsonfeed", STORY, replace(BARE, url="javascript:alert(1)"), HOSTILE)
    parsed = parse_feed(data, content_type="application/feed+json", url="https://archive.example/")
    assert [entry.url for entry in parsed.entries] == [STORY.url, None, None][: len(parsed.entries)]
    assert [item["title"] for item in json.loads(data)["items"]] == [STORY.title, "", HOSTILE.title]
    assert json.loads(_written("jsonfeed"))["items"] == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.xml", "atom"),
        ("a.atom", "atom"),
        ("a.json", "jsonfeed"),
        ("a.warc", "warc"),
        ("b/A.WARC.GZ", "warc"),
        ("a.parquet", "parquet"),
        ("a.csv", "csv"),
        ("a.jsonl", "jsonl"),
        ("a.jsonl.gz", None),
        ("a.gz", None),
        ("csv.d", None),
        ("a", None),
    ],
)
def test_a_files_name_tells_its_format(name: str, kind: str | None) -> None:
    """By its ending; what is packed is a web archive alone, and only where it is named so."""
    assert format_of(name) == kind
