"""The commands that look after an archive: withdraw, verify, doctor, db."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, update

from config.settings import PREFIX
from flows.runs.locks import archive_lock
from flows.upkeep.withdraw import Done, withdraw_by_hand
from flows.upkeep.withdraw import TakedownScope as Archived
from models.acts import ActVia, Hand
from models.archive.ledger.documents import Document, record_document
from models.archive.ledger.runs import RequestOwner, record_requests
from models.stages import Request
from models.storage.database import create_database_engine, write_transaction
from models.storage.raw_store import RawStore
from models.tables.runs import FeedRun
from models.wording import counted
from tests.builders import NOON, Archive, Piece
from tests.databases import on_both
from tests.leftovers import terminal, words_in_files

Command = Callable[..., Any]
PAGE, DOCUMENT, FOREIGN = b"<html>page</html>", b"<rss/>", b"left over"


PROJECT = Path(__file__).parents[3]


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@pytest.fixture
def store(home: Path) -> RawStore:
    """Give the store of original documents."""
    return RawStore(home / "raw", home / "tmp")


@pytest.fixture
def kept(full: Command, engine: Engine, store: RawStore) -> Command:
    """Give the command on an archive whose first story has a page and a feed document in the store."""
    with write_transaction(engine) as connection:
        for body, kind in ((PAGE, "page"), (DOCUMENT, "feed")):
            store.put(body)
            document = Document(digest=_digest(body), kind=kind, content_type="", size_bytes=len(body))
            record_document(connection, document, NOON)
        request = Request(url="https://one.example/sea", attempt=1, started_at=NOON, elapsed_ms=1, digest=_digest(PAGE))
        record_requests(connection, RequestOwner(run_id=1, story_id=1), [request])
        of_first = (FeedRun.run_id == 1) & (FeedRun.feed_id == "one")
        connection.execute(update(FeedRun).where(of_first).values(document_digest=_digest(DOCUMENT)))
    return full


def test_a_withdrawn_story_is_gone(kept: Command, store: RawStore) -> None:
    """Its words and page are deleted, what stays is said, and it is found no more."""
    answer = kept("withdraw", "https://one.example/sea", "--reason", " its author asked ")
    assert answer.code == 0
    assert "Withdrawn: story 1. Deleted: 2 versions with labels, 1 stored document." in answer.out
    assert _digest(DOCUMENT) in answer.out
    assert "Copies outside the archive" in answer.out
    assert list(store.digests()) == [_digest(DOCUMENT)]
    assert kept("search", "sea", "--json").document == []
    shown = kept("show", "1")
    assert shown.code == 4
    assert "its author asked" in shown.err
    assert kept("runs", "check").code == 0
    assert kept("verify").code == 0


def test_a_second_withdrawal_is_no_error(kept: Command) -> None:
    """It finds nothing left to delete, says when the first was and why, and the same in JSON."""
    kept("withdraw", "1", "--reason", "asked")
    answer = kept("withdraw", "1", "--reason", "asked again")
    assert answer.code == 0
    assert re.match(r"Story 1 was withdrawn before, on \d{4}-\d\d-\d\d: asked\. Deleted: 0 versions", answer.out)
    document = kept("withdraw", "1", "--reason", "asked", "--json").document
    assert document.pop("withdrawn_before")
    assert document == {
        "withdrawn": [1],
        "versions_deleted": 0,
        "pages_deleted": 0,
        "documents_that_stay": [_digest(DOCUMENT)],
        "not_overwritten": None,
    }


def test_a_withdrawal_shows_what_it_is_about_and_can_be_rehearsed(kept: Command) -> None:
    """Title and address come first; a rehearsal changes nothing and needs no reason."""
    answer = kept("withdraw", "2", "--dry-run")
    assert (answer.code, answer.err) == (0, "")
    assert "https://one.example/red" in answer.out
    assert answer.out.endswith("Nothing was withdrawn.\n")
    assert kept("withdraw", "1", "--dry-run", "--json").document["title"] == "Sea level rises"
    assert kept("show", "1").code == 0
    answer = kept("withdraw", "1", "--yes", "--reason", "asked")
    assert answer.err.startswith("Story 1: Sea level rises\n  https://one.example/sea\n")
    assert kept("withdraw", "1", "--dry-run").out.startswith("Story 1: (withdrawn before)\n  https://one.example/sea\n")


@pytest.mark.parametrize(("typed", "code"), [("n\n", 1), ("\n", 1), ("y\n", 4)])
def test_a_withdrawal_asks_on_a_terminal(kept: Command, typed: str, code: int) -> None:
    """Only a yes withdraws."""
    command = [sys.executable, "-m", "flows", "withdraw", "1", "--reason", "asked"]
    with terminal() as (mine, theirs):
        os.write(mine, typed.encode())
        done = subprocess.run(command, stdin=theirs, capture_output=True, check=False, text=True, cwd=PROJECT)
    assert "Sea level rises" in done.stderr
    assert ("Nothing was withdrawn." in done.stderr) == (code == 1)
    assert done.returncode == (1 if code == 1 else 0)
    assert kept("show", "1").code == (0 if code == 1 else 4)


def test_no_file_holds_a_word_of_a_withdrawn_story(
    kept: Command, engine: Engine, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not in rows, index, free pages or journal; whatever runs afterwards, nor where the story is shown again."""
    secret = Piece(title="Quaxolot returns", text="Zirbelnuss and varioquark.", url="https://one.example/quaxo")
    words = ("quaxolot", "zirbelnuss", "varioquark", "blimborax")
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        one = archive.feed("one")
        for text in (secret.text, "Zirbelnuss without blimborax."):
            archive.night(one, replace(secret, text=text))
    assert words_in_files(engine, home, words) == set(words)
    assert kept("backup", home.parent / "backup").code == 0
    assert kept("withdraw", "https://one.example/quaxo", "--reason", "asked").code == 0
    assert words_in_files(engine, home, words) == set()
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        archive.night(archive.feed("one"), secret, replace(secret, text="Blimborax again."))
    for again in (["reprocess"], ["reclassify", "--yes"], ["prune"]):
        assert kept(*again).code == 0
        assert words_in_files(engine, home, words) == set()
    assert kept("search", "zirbelnuss", "--json").document == []
    restore_older_backup(kept, home, words, monkeypatch)


def restore_older_backup(kept: Command, home: Path, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """Restore a backup that was taken before a withdrawal, beside the list of what was withdrawn."""
    place = home.parent / "new"
    place.mkdir()
    shutil.copy(home / "withdrawn.jsonl", place)
    monkeypatch.setenv(f"{PREFIX}HOME", str(place))
    monkeypatch.setenv(f"{PREFIX}DATABASE_URL", f"sqlite:///{place}/archive.db")
    restored = kept("restore", home.parent / "backup")
    assert (restored.code, "Withdrawn again: 1 story" in restored.err) == (0, True)
    assert words_in_files(create_database_engine(f"sqlite:///{place}/archive.db"), place, words) == set()
    assert len(kept("search", "--json").document) == 3


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_withdrawal_that_cannot_be_remembered_is_not_made(kept: Command, home: Path) -> None:
    """Where the list of withdrawals cannot be written, nothing is changed."""
    (home / "withdrawn.jsonl").touch()
    (home / "withdrawn.jsonl").chmod(0o400)
    answer = kept("withdraw", "1", "--reason", "asked")
    assert (answer.code, "nothing was withdrawn" in answer.err) == (1, True)
    assert kept("show", "1").code == 0


def test_two_withdrawals_at_once_are_one(kept: Command, engine: Engine, home: Path) -> None:
    """One of them is the second, and says so; both people stand in the ledger, and the list has the story once."""
    (home / "withdrawn.jsonl").write_text('{"uid": "cut o')
    archive = Archived(engine=engine, raw=RawStore(home / "raw", home / "tmp"), home=home)
    people = [Hand(name=name, via=ActVia.WEB) for name in ("Ada", "Eve")]
    both = Barrier(2)

    def withdraw(hand: Hand) -> Done:
        both.wait()
        return withdraw_by_hand(archive, 1, f"asked by {hand.name}", hand, NOON)

    with ThreadPoolExecutor(2) as threads:
        done = list(threads.map(withdraw, people))
    (second,) = [one.taken for one in done if one.taken.before]
    assert second.before is not None
    assert sum(one.taken.withdrawal.versions for one in done) == 2
    assert len((home / "withdrawn.jsonl").read_text().splitlines()) == 2
    acts = kept("runs", "acts", "--json").document
    assert [(one["name"], one["via"], one["kind"], one["story_id"]) for one in acts] == [
        (one["name"], "web", "withdrew", 1) for one in acts
    ]
    assert sorted(one["name"] for one in acts) == ["Ada", "Eve"]
    assert acts[-1]["detail"] == second.before.reason


def test_a_withdrawal_waits_for_nobody(kept: Command, engine: Engine) -> None:
    """While the archive is held alone it ends with exit 1, and nothing is changed."""
    with archive_lock(engine, "restore", exclusive=True):
        answer = kept("withdraw", "1", "--reason", "asked")
    assert answer.code == 1
    assert "Another process works on this archive" in answer.err
    assert kept("show", "1").code == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["withdraw", "1"], 2), (["withdraw", "1", "--reason", " "], 2), (["withdraw", "9", "--reason", "x"], 4)],
)
def test_a_withdrawal_needs_a_story_and_a_reason(kept: Command, arguments: list[str], code: int) -> None:
    """Without a reason it is a usage error, without a story not found."""
    assert kept(*arguments).code == code


def test_whole_documents_are_verified(kept: Command, store: RawStore) -> None:
    """All well is exit 0; a document that nothing names is told, and is no error."""
    store.put(FOREIGN)
    answer = kept("verify")
    assert answer.code == 0
    assert answer.out == f"Named nowhere: {_digest(FOREIGN)}\n"
    assert "2 documents read: none missing or damaged" in answer.err


def test_missing_and_damaged_documents_are_found(kept: Command, home: Path, store: RawStore) -> None:
    """Exit 1, each by name with what is wrong."""
    store.delete(_digest(PAGE))
    path = home / "raw" / _digest(DOCUMENT)[:2] / f"{_digest(DOCUMENT)}.zst"
    path.write_bytes(path.read_bytes()[:-3])
    assert kept("verify").code == 1
    report = kept("verify", "--json")
    assert report.code == 1
    assert {one["digest"] for one in report.document["problems"]} == {_digest(PAGE), _digest(DOCUMENT)}
    assert report.document["ok"] is False


def test_the_doctor_finds_a_good_archive_well(kept: Command) -> None:
    """Exit 0, a line for each thing, warnings among them."""
    answer = kept("doctor", "--json")
    assert answer.code == 0
    checks = {one["check"]: one for one in answer.document["checks"]}
    assert [name for name, one in checks.items() if one["status"] == "problem"] == []
    assert "2 feeds" in checks["feeds"]["message"]
    assert "3 stories" in checks["database"]["message"]
    assert "2 documents" in checks["raw store"]["message"]
    assert "CLIMATE_ARCHIVE_FETCH__CONTACT" in checks["settings"]["message"]
    assert kept("doctor").err == "Nothing is in the way.\n"


def test_the_doctor_is_content_before_the_first_run(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No archive yet, and a folder still to be made, are no problem."""
    monkeypatch.setenv(f"{PREFIX}HOME", str(tmp_path / "new" / "home"))
    monkeypatch.setenv(f"{PREFIX}FETCH__CONTACT", "me@example.org")
    answer = command("doctor")
    assert answer.code == 0
    assert "will be made" in answer.out
    assert "contact me@example.org" in answer.out
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("name", "value", "check"),
    [
        pytest.param("NO_SUCH", "1", "settings", id="a misspelt setting"),
        pytest.param("FEEDS_FILE", "/no/such/feeds.yaml", "feeds", id="no list of feeds"),
        pytest.param("TOPICS_FILE", "/no/such/topics.yaml", "topics", id="no list of topics"),
        pytest.param("HOME", "/dev/null/x", "data folder", id="a folder that cannot be"),
        pytest.param("HOME", f"/tmp/{'x' * 300}", "data folder", id="a folder that cannot be looked at"),
        pytest.param("DATABASE_URL", "postgresql://x@127.0.0.1:1/x", "database", id="no database"),
    ],
)
def test_the_doctor_finds_what_is_in_the_way(
    command: Command, monkeypatch: pytest.MonkeyPatch, name: str, value: str, check: str
) -> None:
    """Exit 1; the line of that thing says why."""
    monkeypatch.setenv(f"{PREFIX}{name}", value)
    answer = command("doctor", "--json")
    assert answer.code == 1
    found = [one["check"] for one in answer.document["checks"] if one["status"] == "problem"]
    assert check in found
    assert f"{counted(len(found), 'problem')}.\n" in command("doctor").err


@pytest.mark.parametrize(
    ("requires", "found"),
    [
        pytest.param("click>=8", ("ok", "climate-archive 9.9, 1 package as declared"), id="as declared"),
        pytest.param("click<1", ("problem", "click<1 is needed"), id="too new"),
        pytest.param("no-such-package", ("problem", "no-such-package is missing"), id="missing"),
        pytest.param('no-such-package; python_version < "3"', ("ok", "as declared"), id="not for this Python"),
    ],
)
def test_the_doctor_compares_the_packages(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, requires: str, found: tuple[str, str]
) -> None:
    """What is installed is held against what the package declares."""
    folder = tmp_path / "site" / "climate_archive-9.9.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: climate-archive\nVersion: 9.9\nRequires-Dist: {requires}\n"
    )
    monkeypatch.syspath_prepend(folder.parent)
    (check,) = [one for one in command("doctor", "--json").document["checks"] if one["check"] == "packages"]
    assert check["status"] == found[0]
    assert found[1] in check["message"]
    assert command("--version").out == "climate-archive 9.9\n"


def test_the_doctor_misses_documents(kept: Command, store: RawStore) -> None:
    """Fewer files than the archive names are a problem, and the next step is named."""
    store.delete(_digest(PAGE))
    answer = kept("doctor")
    assert answer.code == 1
    assert "climate-archive verify" in answer.out


@on_both
def test_an_upgrade_makes_the_tables_and_then_does_nothing(
    command: Command, empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first call makes an archive that can be read; the second changes nothing."""
    monkeypatch.setenv(f"{PREFIX}DATABASE_URL", empty_database_url)
    assert command("search", "x").code == 1
    assert "went from revision none to" in command("db", "upgrade").err
    assert command("search", "x").code == 0
    again = command("db", "upgrade", "--json").document
    assert again["before"] == again["after"] is not None
    assert again["copy"] is None
    assert "nothing to do" in command("db", "upgrade").err


def test_an_upgrade_waits_for_nobody(command: Command, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """While somebody writes it ends with exit 1."""
    monkeypatch.setenv(f"{PREFIX}DATABASE_URL", database_url)
    engine = create_database_engine(database_url)
    with archive_lock(engine, "run"):
        answer = command("db", "upgrade")
    engine.dispose()
    assert answer.code == 1
