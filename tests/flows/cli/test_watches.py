"""`watches`: the saved searches, checked and shown."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from config.settings import PREFIX, load_settings
from flows.upkeep.telling.after_night import look_after
from models.queries.ledger.runs import run_report
from models.storage.database import read_transaction
from tests.flows.cli.conftest import Command

WATCHES = "watches:\n  - {name: sea, query: sea, feeds: [one], to: [atom, NEWSROOM]}\n"


@pytest.fixture
def watched(full: Command, home: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Give an archive in which the sea is watched for, before any night has looked for it."""
    (home / "watches.yaml").write_text(WATCHES)
    monkeypatch.setenv(f"{PREFIX}WATCHES_FILE", str(home / "watches.yaml"))
    monkeypatch.setenv("NEWSROOM", "json://ann:hunter2@127.0.0.1:9/")
    return full


def _tell(engine: Engine) -> None:
    with read_transaction(engine) as connection:
        report = run_report(connection, 1)
    look_after(load_settings(), report, lambda _address, _title, _text: "nobody is there")


def test_a_watch_is_listed_and_shown(watched: Command, engine: Engine) -> None:
    """Before a night as after it; the JSON has what has met it and who was told."""
    assert "not yet" in watched("watches", "list").out
    assert "it begins with the next one" in watched("watches", "show", "sea").err
    _tell(engine)
    (listed,) = watched("watches", "list", "--json").document
    shown = watched("watches", "show", "sea", "--json").document
    assert [(one["title"], one["is_known"]) for one in shown["matches"]] == [("Sea level rises", False)]
    assert {key: shown[key] for key in listed} == listed
    assert (listed["stories"], listed["to"]) == (1, ["atom", "NEWSROOM"])
    assert [(one["recipient"], one["refusal"]) for one in listed["notices"]] == [("NEWSROOM", "nobody is there")]
    assert "NEWSROOM took nothing: nobody is there" in watched("watches", "list").out
    assert watched("watches", "show", "sea").err == "1 story met the watch sea.\n"
    assert "NEWSROOM took nothing of the watch sea (1 story): nobody is there." in watched("runs", "show", "1").out
    assert [one["refusal"] for one in watched("runs", "show", "1", "--json").document["notices"]] == ["nobody is there"]
    assert watched("watches", "show", "lake").code == 4


def test_the_file_is_checked(watched: Command, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake is 2 with its line, somebody who cannot be told is 1 with the variable; the address is never shown."""
    good = watched("watches", "check")
    assert (good.code, good.err) == (0, "")
    assert good.out == "sea finds 1 story today.\nNEWSROOM (json://) can be read; it is told of sea.\n"
    monkeypatch.setenv("NEWSROOM", "nonsense://hunter2")
    wrong = watched("watches", "check", "--json")
    assert wrong.code == 1
    assert wrong.document["recipients"][0]["problem"].startswith("apprise knows no nonsense://")
    assert "nonsense" in watched("doctor").out
    assert "hunter2" not in wrong.out + wrong.err
    monkeypatch.delenv("NEWSROOM")
    assert "NEWSROOM cannot be told: there is no such variable" in watched("watches", "check").out
    (home / "watches.yaml").write_text("watches:\n  - {name: sea, qery: sea, to: atom}\n")
    broken = watched("watches", "check")
    assert broken.code == 2
    assert "watches.yaml:2: watch 1 has an unknown key 'qery'" in broken.err


def test_a_test_is_sent_to_each(watched: Command) -> None:
    """Where nobody listens it says so."""
    tried = watched("watches", "check", "--test")
    assert tried.code == 1
    assert "NEWSROOM (json://) cannot be told: A Connection error occurred" in tried.out


def test_without_a_file_the_command_says_how_to_begin(full: Command) -> None:
    """There are no saved searches unless the settings name them."""
    answer = full("watches", "list")
    assert answer.code == 2
    assert answer.err.startswith("CLIMATE_ARCHIVE_WATCHES_FILE names no file of saved searches")
    assert "none: CLIMATE_ARCHIVE_WATCHES_FILE" in full("doctor").out
