"""`run` and `rerun` from a person's side: exit codes, what is said where, and what bad input comes to."""

import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from config.settings import PREFIX
from flows.demo.server import DemoSite
from flows.runs.locks import run_lock
from tests.databases import on_both, on_one
from tests.nights import Nights, counts, rows
from tests.processes import ROOT

Call = Callable[..., Any]
SMALL = ("--direct", "--feed", "qingfeng", "--feed", "polder-bulletin")


def test_a_run_is_told_as_a_table_and_a_line_a_feed(command: Call, nights: Nights) -> None:
    """Progress goes to stderr, plain lines in a pipe; the report to stdout; failed feeds are no failure of the run."""
    answer = command("run", *SMALL)
    assert answer.code == 0
    assert "qingfeng: ok, 5 seen, 5 new, 0 updated\n" in answer.err
    tries = ("", " at the second try", " at the third try")
    told = [line for line in answer.err.splitlines() if line.startswith("polder-bulletin: ")]
    assert told == [f"polder-bulletin: failed{one}, the server answered 503 Service Unavailable" for one in tries]
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


def test_what_follows_a_night_follows_it_without_prefect_too(
    command: Call, nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report is written and those who watch are tried; that nobody is there is no failure of the night."""
    file = nights.home / "watches.yaml"
    file.write_text("watches:\n  - {name: coast, query: mangroves, languages: en, to: NEWSROOM}\n")
    monkeypatch.setenv(f"{PREFIX}WATCHES_FILE", str(file))
    monkeypatch.setenv("NEWSROOM", "nonsense://hunter2")
    nights.feeds = [feed for feed in nights.feeds if feed["id"] in {"qingfeng", "meridian-climate"}]
    nights.environment()
    answer = command("run", "--direct")
    assert answer.code == 0
    report = (nights.home / "report.md").read_text("utf-8")
    assert report.startswith("# Run 1: completed")
    assert "NEWSROOM took nothing of the watch coast" in report
    assert "NEWSROOM took nothing of the watch coast" in command("runs", "show", "latest").out
    assert "The watch coast did not reach NEWSROOM" in command("health").out
    assert "hunter2" not in report + answer.out + answer.err


@on_one
def test_a_dry_run_keeps_nothing(command: Call, nights: Nights, engine: Engine) -> None:
    """It says what a run would bring."""
    before = counts(engine)
    answer = command("run", "--dry-run", "--feed", "qingfeng", "--json")
    assert (answer.code, answer.document["totals"]["new"]) == (0, 5)
    assert counts(engine) == before
    assert not list(nights.home.rglob("*.zst"))


@on_both
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
    assert answer.err == "No feed failed in run 4: there is nothing to fetch again.\n"
    report = command("rerun", "4", "--failed", "--json")
    assert (report.code, report.document["mode"], report.document["status"]) == (0, "rerun", "skipped")
    assert report.document["reason"] == "No feed failed in run 4: there is nothing to fetch again."
    assert rows(engine, "runs")[-1]["parent_run_id"] == 4


def test_while_another_works(command: Call, nights: Nights, engine: Engine, tmp_path: Path) -> None:
    """A second run ends `skipped` with exit 0 and is in the ledger; rerun says who works; an import works beside."""
    command("run", "--direct", "--feed", "qingfeng")
    note = tmp_path / "note.txt"
    note.write_text("Climate change warms the sea, said the report.\nA sea that warms\n")
    with run_lock(engine, "run since noon"):
        answer = command("run", "--direct", "--json")
        assert (answer.code, answer.document["status"], answer.document["feeds"]) == (0, "skipped", [])
        assert "Another process works on this archive: " in answer.document["reason"]
        again = command("rerun", "1", "--direct")
        assert (again.code, again.out, again.err) == (1, "", answer.document["reason"] + "\n")
        assert command("import", note).code == 0
    latest = command("rerun", "latest", "--failed")
    assert (latest.code, "No feed failed in run 1" in latest.err) == (0, True)
    ledger = [(row["mode"], row["status"]) for row in rows(engine, "runs")]
    assert ledger == [("run", "completed"), ("run", "skipped"), ("import", "completed"), ("rerun", "skipped")]


@on_one
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
