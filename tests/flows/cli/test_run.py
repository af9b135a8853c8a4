"""`run` and `rerun` from a person's side: exit codes, what is said where, and what bad input comes to."""

import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import Engine

from config.settings import PREFIX
from flows.demo.server import DemoSite
from flows.night.desk import utc_now
from flows.night.lock import night_lock
from models.database import writing
from tests.nights import Nights, contents, counts, rows
from tests.processes import ROOT, Command

Call = Callable[..., Any]
on_sqlite = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
SMALL = ("--direct", "--feed", "qingfeng", "--feed", "polder-bulletin")


@pytest.fixture
def demo_site() -> Iterator[DemoSite]:
    """Run the demo site for one test."""
    with DemoSite() as running:
        yield running


@pytest.fixture
def nights(demo_site: DemoSite, home: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Nights:
    """Give nights over the demo site; the settings of this process are theirs."""
    feeds = yaml.safe_load(demo_site.feeds_yaml())["feeds"]
    made = Nights(home=home, database_url=database_url, allow=demo_site.address, feeds=feeds)
    for name, value in made.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)  # one worker process is enough for so little
    return made


def test_a_run_is_told_as_a_table_and_a_line_a_feed(command: Call, nights: Nights) -> None:
    """Progress goes to stderr, plain lines in a pipe; the report to stdout; failed feeds are no failure of the run."""
    answer = command("run", *SMALL)
    assert answer.code == 0
    assert "qingfeng: ok, 5 seen, 5 new, 0 updated\n" in answer.err
    assert "polder-bulletin: failed, the server answered 503 Service Unavailable\n" in answer.err
    assert "\x1b" not in answer.err
    assert "qingfeng\tok\t5\t5\t" in answer.out
    assert "Run 1: completed with errors" in answer.out


def test_json_and_strict(command: Call, nights: Nights) -> None:
    """--json is one document on stdout, of the contract's shape; --strict makes a failed feed exit code 3."""
    answer = command("run", *SMALL, "--json", "--strict")
    assert answer.code == 3
    document = answer.document
    assert document.keys() >= {"run_id", "status", "started_at", "finished_at", "totals", "pages", "feeds"}
    assert document["status"] == "completed_with_errors"
    nothing = {"updated": 0, "unchanged": 0, "duplicate": 0, "off_topic": 0, "failed": 0}
    assert document["totals"] == nothing | {"seen": 5, "new": 5}
    assert " ".join(document["pages"]) == "due completed unchanged revised refused gone failed left"
    feeds = {row["feed"]: row for row in document["feeds"]}
    assert feeds.keys() == {"qingfeng", "polder-bulletin"}
    assert (
        feeds["qingfeng"].items() >= {**document["totals"], "status": "ok", "reason": None, "http_status": 200}.items()
    )
    assert feeds["polder-bulletin"]["http_status"] == 503
    assert feeds["polder-bulletin"]["reason"] == "the server answered 503 Service Unavailable"
    assert feeds["polder-bulletin"]["attempts"] == 5


@on_sqlite
def test_a_dry_run_keeps_nothing(command: Call, nights: Nights, engine: Engine) -> None:
    """It says what a run would bring."""
    before = counts(engine)
    answer = command("run", "--dry-run", "--feed", "qingfeng", "--json")
    assert (answer.code, answer.document["totals"]["new"]) == (0, 5)
    assert counts(engine) == before
    assert not list(nights.home.rglob("*.zst"))


def test_rerun_asks_the_failed_feeds_again(command: Call, nights: Nights, engine: Engine, demo_site: DemoSite) -> None:
    """A new run with a parent; without a failed feed there is nothing to do."""
    command("run", *SMALL)
    demo_site.requests.clear()
    answer = command("rerun", "latest", "--failed", "--direct", "--json")
    assert answer.code == 1
    assert [row["feed"] for row in answer.document["feeds"]] == ["polder-bulletin"]
    assert {one.path for one in demo_site.requests} == {"/polder/feed.xml"}
    assert [(row["mode"], row["parent_run_id"]) for row in rows(engine, "runs")] == [("run", None), ("rerun", 1)]
    answer = command("rerun", "1", "--direct", "--json")
    assert [row["status"] for row in answer.document["feeds"]] == ["unchanged", "failed"]
    command("run", "--direct", "--feed", "qingfeng")
    answer = command("rerun", "latest", "--failed")
    assert (answer.code, answer.out) == (0, "")
    assert "No feed failed in run 4" in answer.err


def test_while_another_works(command: Call, nights: Nights, engine: Engine, tmp_path: Path) -> None:
    """A second run ends `skipped` with exit 0 and is in the ledger; rerun says who works; an import works beside."""
    command("run", "--direct", "--feed", "qingfeng")
    note = tmp_path / "note.txt"
    note.write_text("Climate change warms the sea, said the report.\nA sea that warms\n")
    with night_lock(engine, "run since noon"):
        answer = command("run", "--direct", "--json")
        assert (answer.code, answer.document["status"], answer.document["feeds"]) == (0, "skipped", [])
        assert "Another process works on this archive: " in answer.document["reason"]
        again = command("rerun", "1", "--direct")
        assert (again.code, again.out, again.err) == (1, "", answer.document["reason"] + "\n")
        assert command("import", note).code == 0
    ledger = [(row["mode"], row["status"]) for row in rows(engine, "runs")]
    assert ledger == [("run", "completed"), ("run", "skipped"), ("import", "completed")]


@dataclass(frozen=True)
class Mistake:
    """A setting that is wrong, or names a file with this content; and where the sentence says that it is."""

    setting: str
    sentence: str
    content: str | None = None
    arguments: tuple[str, ...] = ()


FTP = "feeds:\n  - {id: one, name: One, url: 'ftp://one.example/feed', relevance: assume}\n"


@pytest.mark.parametrize(
    "mistake",
    [
        pytest.param(Mistake("FEEDS_FILE", "feeds.yaml:2: this is not YAML", "feeds: ["), id="feeds that are no YAML"),
        pytest.param(Mistake("FEEDS_FILE", "feeds.yaml:2", FTP), id="a feed with a wrong address"),
        pytest.param(Mistake("TOPICS_FILE", "topics.yaml:2", "version: 1\ntopics: 7\n"), id="topics that are none"),
        pytest.param(Mistake("NIGHTLY_CORN", "NIGHTLY_CRON"), id="a misspelt setting"),
        pytest.param(
            Mistake("TIMEZONE", "There is no feed 'nope'", arguments=("--feed", "nope")), id="an unknown feed"
        ),
    ],
)
@pytest.mark.parametrize("how", [["--direct"], []], ids=["direct", "with Prefect"])
def test_a_mistake_is_told_before_anything_begins(
    command: Call, home: Path, monkeypatch: pytest.MonkeyPatch, mistake: Mistake, how: list[str]
) -> None:
    """Exit 2 and a sentence on stderr that names the place; nothing is made, and Prefect is not waited for."""
    value = "UTC"
    if mistake.content is not None:
        file = home / mistake.setting.lower().replace("_file", ".yaml")
        file.write_text(mistake.content)
        value = str(file)
    monkeypatch.setenv(PREFIX + mistake.setting, value)
    before = sorted(home.iterdir())
    answer = command("run", *mistake.arguments, *how)
    assert (answer.code, answer.out) == (2, "")
    assert mistake.sentence in answer.err
    assert "Traceback" not in answer.err
    assert sorted(home.iterdir()) == before


def test_a_newer_database_is_left_alone(command: Call, nights: Nights, engine: Engine) -> None:
    """Exit 1; no command writes into tables that it does not know."""
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    before = counts(engine)
    for arguments in (("run",), ("run", "--direct"), ("import", __file__)):
        answer = command(*arguments)
        assert (answer.code, answer.out) == (1, "")
        assert "newer version" in answer.err
        assert len(answer.err.splitlines()) == 1
    assert counts(engine) == before


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
def test_a_server_without_tables_waits_for_a_person(
    command: Call, monkeypatch: pytest.MonkeyPatch, empty_database_url: str
) -> None:
    """A shared database is not migrated on the way: exit 2 and the command that does it."""
    monkeypatch.setenv(f"{PREFIX}DATABASE_URL", empty_database_url)
    answer = command("run")
    assert (answer.code, answer.out) == (2, "")
    assert "climate-archive db upgrade" in answer.err
    assert command("db", "upgrade").code == 0


def test_an_unreachable_server_is_one_sentence(command: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 1; the password is not shown."""
    monkeypatch.setenv(f"{PREFIX}DATABASE_URL", "postgresql://ann:secret@127.0.0.1:1/archive")
    answer = command("run")
    assert (answer.code, answer.out) == (1, "")
    assert "cannot be reached" in answer.err
    assert "secret" not in answer.err
    assert len(answer.err.splitlines()) == 1


@on_sqlite
def test_a_data_folder_that_cannot_be(command: Call, nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file where the folder should be: exit 1 and a sentence."""
    (nights.home / "file").touch()
    monkeypatch.setenv(f"{PREFIX}HOME", str(nights.home / "file" / "below"))
    monkeypatch.setenv(f"{PREFIX}DATABASE_URL", "")
    for arguments in (("run",), ("run", "--direct")):
        answer = command(*arguments)
        assert (answer.code, answer.out) == (1, "")
        assert "cannot be made" in answer.err
        assert len(answer.err.splitlines()) == 1


@on_sqlite
def test_a_data_folder_that_is_read_only(command: Call, nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 1 and a sentence; an administrator can write everywhere, and is not asked."""
    folder = nights.home / "shut"
    folder.mkdir(mode=0o555)
    if os.access(folder, os.W_OK):
        pytest.skip("this user can write into a read-only folder")
    monkeypatch.setenv(f"{PREFIX}HOME", str(folder))
    monkeypatch.setenv(f"{PREFIX}DATABASE_URL", "")
    answer = command("run")
    assert (answer.code, answer.out) == (1, "")
    assert len(answer.err.splitlines()) == 1


def test_a_store_that_cannot_be_written_stops_the_run(command: Call, nights: Nights, engine: Engine) -> None:
    """The run is `failed` with the reason, nothing is half-written, and the next run goes on once the way is free."""
    (nights.home / "raw").touch()
    answer = command("run", "--direct", "--feed", "qingfeng")
    assert answer.code == 1
    assert answer.err.splitlines()[-1].startswith("The store of documents ")
    assert "Traceback" not in answer.err
    assert counts(engine)["stories"] == 0
    assert [row["status"] for row in rows(engine, "runs")] == ["failed"]
    (nights.home / "raw").unlink()
    answer = command("run", "--direct", "--feed", "qingfeng", "--json")
    assert (answer.code, answer.document["totals"]["new"]) == (0, 5)


@on_sqlite
def test_without_a_network_a_run_says_so(command: Call, nights: Nights, engine: Engine) -> None:
    """No feed can be connected to: one sentence that names `make demo`, and exit 1. No second pass is made."""
    with DemoSite() as closed:
        address = closed.address
    nights.allow = address
    nights.feeds = [
        {"id": f"feed-{number}", "name": "Feed", "url": f"http://{address}/{number}", "relevance": "gate"}
        for number in range(7)
    ]
    os.environ.update(nights.environment())
    answer = command("run", "--direct")
    assert answer.code == 1
    assert answer.out == ""
    sentence = "No feed could be reached: this machine seems to be offline. `make demo` shows"
    assert answer.err.splitlines()[-1].startswith(sentence)
    assert "Traceback" not in answer.err
    (row,) = rows(engine, "runs")
    assert row["status"] == "failed"
    assert max(row["attempts"] for row in rows(engine, "feed_runs")) <= 3


@pytest.mark.parametrize("blocks", [900, 2400], ids=["at the first feeds", "later"])
@on_sqlite
async def test_a_disk_that_fills(
    demo_site: DemoSite, tmp_path: Path, new_database: Callable[[], str], blocks: int
) -> None:
    """No file may grow beyond a size: exit 1 and a sentence. With room again, the archive is as if nothing had been."""
    feeds = yaml.safe_load(demo_site.feeds_yaml())["feeds"]
    nights = Nights(home=tmp_path / "full", database_url=new_database(), allow=demo_site.address, feeds=feeds)
    limit = ("/bin/sh", "-c", f'ulimit -f {blocks}; exec "$@"', "sh")
    ended = Command("run", "--direct", cwd=tmp_path, environment=nights.environment(), wrapper=limit).end()
    assert ended.code == 1, ended
    assert "Traceback" not in ended.err
    assert re.match(r"The (database|store of documents) .*: ", ended.err.splitlines()[-1])
    whole = nights.elsewhere(tmp_path / "whole", new_database())
    nights.clock.now = utc_now()
    await nights.run()
    await whole.run()
    assert _news(nights) == _news(whole)


def _news(nights: Nights) -> list[Any]:
    """Return what an archive holds but for its history, which may show that there were two runs."""
    found = contents(nights.database_url, ("mangroves", "carbon", "珊瑚"))
    told = ("uid", "title", "lead", "content_hash", "revisions", "is_admitted", "page_state")
    stories = [[story[name] for name in told] for story in found["stories"]]
    return [stories, *(found[name] for name in ("hits", "sightings", "story_keys", "story_topics", "quarantine"))]


@on_sqlite
def test_a_terminal_sees_a_bar_that_goes_away(nights: Nights) -> None:
    """On a terminal the feeds and pages move a bar, which leaves no trace; failures stay above it."""
    ours, theirs = pty.openpty()
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "100"}
    command = [sys.executable, "-m", "flows", "run", *SMALL]
    with subprocess.Popen(command, env=environment, cwd=nights.home, stdout=subprocess.PIPE, stderr=theirs) as process:
        os.close(theirs)
        shown = b"".join(_chunks(ours))
        assert process.stdout is not None
        report = process.stdout.read()
    text = shown.decode()
    assert process.returncode == 0
    assert "feeds" in text
    assert "2/2" in text
    assert "polder-bulletin: failed" in text
    assert text.rstrip().endswith("\x1b[2K") or "\x1b[2K" in text[-40:]
    assert b"\x1b" not in report
    assert b"completed with errors" in report


def _chunks(terminal: int) -> Iterator[bytes]:
    """Read a terminal until nobody writes to it any more."""
    with open(terminal, "rb", buffering=0, closefd=True) as file:
        while True:
            try:
                chunk = file.read(65_536)
            except OSError:  # Linux says so that the other end is closed
                return
            if not chunk:
                return
            yield chunk
