"""`import`: documents that somebody hands in, ours and the sample that lies beside a checkout."""

import asyncio
import hashlib
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from config.settings import PREFIX, Secret, Settings
from flows.ingest.imports import import_documents
from flows.runs.opening import SILENT_FOR
from flows.runs.progress import PROGRESS
from flows.runs.session import utc_now
from models.archive.ledger.runs import NewRun, start_run
from models.queries.ledger.checks import audit
from models.reports import Counts
from models.storage.database import read_transaction, write_transaction
from tests.databases import on_both, on_one
from tests.nights import counts, rows

Call = Callable[..., Any]
# The form of the sample: paragraphs a line, then the title, which no mark closes.
TWO_STORIES = """The harbour of Tern Bay stood under water for 31 hours in March, the port authority said on Monday.
Climate change lifts the sea by 4.6 millimetres a year there, “faster than the quay can be raised”.
Engineers of the Bay Institute want a sea wall of 2.75 metres, for which 118 million crowns are missing.

Tern Bay counts the hours under water

Ministers of nine river states signed 14 climate agreements in Osk on Friday.
They want to halve the carbon emissions of their cement works by 2035.
Nine river states sign a climate pact on cement
"""
PAGE = """<!DOCTYPE html><html lang="en"><head><title>Solar roofs for every school</title></head><body><article>
<h1>Solar roofs for every school</h1><p>The climate plan of the county puts solar panels on 212 school roofs.</p>
<p>Each school will sell the power that it does not need, and the county expects its emissions to fall by a fifth.</p>
</article></body></html>"""


@pytest.fixture
def take(command: Call, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Give a way to call the command on an archive of the test's own."""
    monkeypatch.setenv(f"{PREFIX}DATABASE_URL", database_url)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    return command


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """Write a file of two stories."""
    file = tmp_path / "clippings.txt"
    file.write_text(TWO_STORIES, encoding="utf-8")
    return file


def test_a_text_file_is_its_stories(take: Call, sample: Path, engine: Engine) -> None:
    """Two stories with the titles that end them and all paragraphs, found by their facts; again, nothing is new."""
    first = take("import", sample)
    assert (first.code, first.out) == (0, "2 new, 0 known before, 0 failed, from 1 document.\n")
    texts = {row["title"]: row["text"] for row in rows(engine, "story_versions")}
    written = [line for line in TWO_STORIES.splitlines() if line]
    assert set(texts) == {written[3], written[6]}
    assert texts[written[3]].split("\n\n") == written[:3]
    assert texts[written[6]].split("\n\n") == written[4:6]
    for query, title in (('"2.75 metres"', written[3]), ("118 crowns", written[3]), ('"14 climate"', written[6])):
        assert [found["title"] for found in take("search", query, "--json").document] == [title]

    before = counts(engine)
    again = take("import", sample, "--json")
    assert again.document["totals"] == totals_of(unchanged=2)
    grown = {name for name, count in counts(engine).items() if count != before[name]}
    assert grown == {"runs", "feed_runs"}
    assert take("runs", "check").code == 0


def totals_of(**given: int) -> dict[str, int]:
    """Return the sums of a run in which nothing else happened."""
    nothing = dict.fromkeys(("new", "updated", "unchanged", "duplicate", "off_topic", "failed"), 0)
    return {"seen": sum(given.values())} | nothing | given


def test_a_folder_is_its_documents(take: Call, sample: Path, tmp_path: Path, engine: Engine) -> None:
    """Texts and pages of a folder under one source; a document that cannot be read is named, the others are taken."""
    folder = tmp_path / "folder"
    folder.mkdir()
    sample.rename(folder / sample.name)
    (folder / "roofs.html").write_text(PAGE, encoding="utf-8")
    (folder / "slides.pdf").write_bytes(b"%PDF-1.7")
    (folder / ".hidden").write_text("nobody's")
    answer = take("import", folder, "--source", "clippings", "--json")
    assert answer.code == 0
    assert answer.document["totals"] == totals_of(new=3, failed=1)
    (row,) = answer.document["feeds"]
    assert (row["feed"], row["status"]) == ("import:clippings", "ok")
    assert [one["new"] for one in answer.document["documents"]] == [2, 1, 0]
    assert "slides.pdf: PDF: this form is not read" in answer.document["documents"][2]["reason"]
    assert {story["text_source"] for story in rows(engine, "stories")} == {"import:clippings"}


def test_strict_tells_a_document_that_could_not_be_read(take: Call, sample: Path, tmp_path: Path) -> None:
    """Exit 3 where some could not be read, 1 where none could, 0 where all were; a path is said as it was typed."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "page.html").write_text("no page")
    assert take("import", sample, "--strict").code == 0
    some = take("import", sample.name, "folder", "--strict")
    assert some.code == 3
    assert "not read: folder/page.html: " in some.err
    assert take("import", sample.name, "folder").code == 0
    assert take("import", "folder", "--strict").code == 1


def test_links_devices_and_hidden_folders_are_left_alone(take: Call, sample: Path, tmp_path: Path) -> None:
    """What a folder links to outside of it is not taken, a pipe or a device never read; each is named."""
    folder = tmp_path / "folder"
    (folder / ".git").mkdir(parents=True)
    sample.rename(folder / "one.txt")
    (folder / "two.txt").symlink_to("one.txt")
    (folder / ".git" / "three.txt").write_text(TWO_STORIES.replace("Tern", "Gull"))
    (tmp_path / "private.txt").write_text(TWO_STORIES.replace("Tern", "Hern"))
    (folder / "four.txt").symlink_to("../private.txt")
    (folder / "five").symlink_to(tmp_path)
    (folder / "zero").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe.txt")
    answer = take("import", folder, "/dev/zero", "--strict")
    assert answer.code == 3
    assert answer.out == "2 new, 2 known before, 1 failed, from 3 documents.\n"
    assert sorted(line.split(": ")[1] for line in answer.err.splitlines() if line.startswith("not read: ")) == sorted(
        [*(f"{folder}/{name}" for name in ("five", "four.txt", "pipe.txt", "zero")), "/dev/zero cannot be read"]
    )


def test_a_name_that_is_no_text_is_a_name(take: Call, tmp_path: Path) -> None:
    """A file's name may hold bytes that are not UTF-8: the document is taken, or named when it cannot be read."""
    folder = os.fsencode(tmp_path / "named")
    (tmp_path / "named").mkdir()
    Path(os.fsdecode(folder + b"/caf\xe9.txt")).write_text(TWO_STORIES, encoding="utf-8")
    Path(os.fsdecode(folder + b"/caf\xe9.pdf")).write_bytes(b"%PDF-1.7")
    answer = take("import", tmp_path / "named", "--json")
    assert (answer.code, answer.document["totals"]) == (0, totals_of(new=2, failed=1))
    assert "/caf\ufffd.pdf: PDF: this form is not read" in answer.document["feeds"][0]["reason"]


def test_another_source_brings_the_same_story(take: Call, sample: Path) -> None:
    """The same document is one story, whatever source it is handed in under."""
    take("import", sample)
    totals = take("import", sample, "--source", "other", "--json").document["totals"]
    assert (totals["new"], totals["duplicate"]) == (0, 2)


def test_a_document_goes_with_the_last_of_its_stories(take: Call, sample: Path, home: Path) -> None:
    """Until then a withdrawal names it, for it holds the words that were to go; nor does a later import keep it."""
    take("import", sample)
    digest = hashlib.sha256(sample.read_bytes()).hexdigest()
    first, second = (take("withdraw", number, "--reason", "asked", "--json").document for number in "12")
    assert (first["pages_deleted"], first["documents_that_stay"]) == (0, [digest])
    assert (second["pages_deleted"], second["documents_that_stay"]) == (1, [])
    assert list((home / "raw").rglob("*.zst")) == []
    assert take("import", sample, "--json").document["totals"] == totals_of(unchanged=2)
    assert list((home / "raw").rglob("*.zst")) == []
    assert take("verify").code == 0


def test_nothing_that_can_be_read_is_a_failure(take: Call, tmp_path: Path) -> None:
    """Exit 1 and the reason; the run is in the ledger."""
    broken = tmp_path / "broken.txt"
    broken.write_text("The sea rises.\nIt rises more.\n")
    answer = take("import", broken)
    assert answer.code == 1
    assert "broken.txt, line 2: the file ends without a title after its last story" in answer.err
    assert take("runs", "list", "--json").document[0]["status"] == "failed"
    take("import", broken, broken)
    (run,) = (one for one in take("runs", "list", "--json").document if one["run_id"] == 2)
    assert run["reason"] == "2 documents or pages could not be read; `runs show` names what"
    assert take("runs", "show", "2").out.count("line 2: the file ends without a title") == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param(["nowhere.txt"], "does not exist", id="a file that is not there"),
        pytest.param([], "Missing argument", id="no file at all"),
        pytest.param([".", "--source", "My Clippings"], "small letters", id="a source with a space"),
        pytest.param(["empty"], "hold no document", id="an empty folder"),
        pytest.param([__file__, "--host", "one.example"], "narrows web archives", id="hosts of no web archive"),
    ],
)
@on_one
def test_what_makes_no_sense_is_a_usage_error(
    take: Call, home: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], sentence: str
) -> None:
    """Exit 2; no run begins."""
    monkeypatch.chdir(home)
    (home / "empty").mkdir()
    answer = take("import", *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert sentence in answer.err
    assert take("runs", "list", "--json").document == []


def test_a_dead_import_is_told_by_its_silence(take: Call, sample: Path, engine: Engine) -> None:
    """No lock tells that an import was killed: after ten minutes without a sign of life it counts as crashed."""
    new = NewRun(mode="import", started_by="hand", code_version="x")
    with write_transaction(engine) as connection:
        start_run(connection, new, utc_now() - SILENT_FOR - timedelta(minutes=1))
        start_run(connection, new, utc_now())
    take("import", sample)
    assert [row["status"] for row in rows(engine, "runs")] == ["crashed", "running", "completed"]


def test_the_users_sample(take: Call, shared_path: Path, engine: Engine) -> None:
    """The sample gives its two stories, each with the title after it, its paragraphs, its facts and its topics."""
    files = sorted((shared_path / "seeds").glob("*.txt"))
    lines = [line.strip() for file in files for line in file.read_text("utf-8").splitlines() if line.strip()]
    titles = [line for line in lines if line[-1].isalnum()]
    assert take("import", *files, "--json").document["totals"] == totals_of(new=2)
    texts = {row["title"]: row["text"] for row in rows(engine, "story_versions")}
    assert sorted(texts) == sorted(titles)
    assert sorted(line for text in texts.values() for line in text.split("\n\n")) == sorted(set(lines) - set(titles))

    forum, talks = (_only(take, fact) for fact in ("METI", "Baku"))
    for fact in ("457", '"27 cooperation agreements"'):
        assert _only(take, fact) == forum
    assert _only(take, "1.54") == talks
    assert _topics(take, talks)[:2] == ["science", "negotiations"]
    assert _topics(take, forum)[0] in {"industry-buildings", "negotiations"}
    assert take("import", *files, "--json").document["totals"]["new"] == 0


def _only(take: Call, query: str) -> str:
    (found,) = take("search", query, "--json").document
    uid: str = found["uid"]
    return uid


def _topics(take: Call, uid: str) -> list[str]:
    return [topic["id"] for topic in take("show", uid, "--json").document["topics"]]


class _Interrupt(logging.Handler):
    """Ctrl-C as soon as one document has been read."""

    def __init__(self, work: asyncio.Task[Any]) -> None:
        super().__init__(logging.DEBUG)
        self._work = work

    def emit(self, _record: logging.LogRecord) -> None:
        """Interrupt."""
        self._work.cancel()


@on_both
async def test_an_import_that_is_cut_short_adds_up(
    sample: Path, tmp_path: Path, database_url: str, engine: Engine
) -> None:
    """What came before Ctrl-C stands in its row of the ledger, and the same import goes on from there."""
    page, pdf = tmp_path / "roofs.html", tmp_path / "atlas.pdf"
    page.write_text(PAGE, encoding="utf-8")
    pdf.write_bytes(b"%PDF-1.7 no text")
    settings = Settings(home=tmp_path / "home", database_url=Secret(database_url))
    work = asyncio.create_task(import_documents(settings, [pdf, sample, page], "desk"))
    with _told_of("documents", 2, _Interrupt(work)), pytest.raises(asyncio.CancelledError):
        await work
    [row] = rows(engine, "feed_runs")
    assert [row[name] for name in ("status", "seen", "new", "failed")] == ["failed", 2, 2, 0]
    assert row["reason"].startswith("the import was cut off")
    again = await import_documents(settings, [pdf, sample, page], "desk")
    assert again.report.totals == Counts(seen=4, new=1, unchanged=2, failed=1)
    assert [row["status"] for row in rows(engine, "runs")] == ["interrupted", "completed_with_errors"]
    with read_transaction(engine) as connection:
        assert audit(connection).findings == ()


@contextmanager
def _told_of(kind: str, done: int, listener: logging.Handler) -> Iterator[None]:
    """Have a listener told of one step of a run."""
    listener.addFilter(lambda record: (vars(record)["step"].kind, vars(record)["step"].done) == (kind, done))
    level = PROGRESS.level
    PROGRESS.setLevel(logging.DEBUG)
    PROGRESS.addHandler(listener)
    try:
        yield
    finally:
        PROGRESS.removeHandler(listener)
        PROGRESS.setLevel(level)
