"""The commands `health` and `reprocess`, called as a person does."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from models.storage.database import read_transaction, write_transaction
from models.tables.feeds import Feed
from models.tables.runs import Run

Command = Callable[..., Any]


def test_health_names_what_needs_a_person(full: Command, engine: Engine, home: Path) -> None:
    """It exits with 1 and a sentence each; the alert is remembered, so that it is sent once."""
    with write_transaction(engine) as connection:
        connection.execute(update(Feed).where(Feed.id == "one").values(failing_nights=4, state_reason="it is down"))
    answer = full("health", "--alert")
    assert answer.code == 1
    assert "one: it has failed on 4 nights in a row: it is down." in answer.out
    assert "one dead" in (home / "health.json").read_text()
    found = full("health", "--json").document["findings"]
    assert {"subject": "one", "state": "dead"}.items() <= found[-1].items()


def test_health_counts_the_stories_with_doubtful_topics(full: Command) -> None:
    """They are for a person to look at and no trouble: `search --needs-review` lists as many."""
    listed = full("search", "--needs-review", "--json").document
    assert full("health", "--json").document["needs_review"] == len(listed) == 1
    assert "Doubtful topics: 1; `climate-archive search --needs-review`" in full("health").out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["--run", "99"], 4), (["--feed", "nobody"], 2), (["--since", "yesterday"], 2)],
    ids=["a run that is not there", "an unknown feed", "no day"],
)
def test_reprocess_refuses_what_is_not_there(full: Command, arguments: list[str], code: int) -> None:
    """The exit codes are those of the contracts."""
    assert full("reprocess", *arguments).code == code


def test_reprocess_works_what_a_run_brought(full: Command, engine: Engine) -> None:
    """What has a source in the archive is made again; the run is in the ledger with its parameters."""
    answer = full("reprocess", "--run", "latest", "--since", "2020-01-01", "--json")
    assert answer.code == 0
    assert answer.document["mode"] == "reprocess"
    assert answer.document["totals"]["seen"] == 1
    with read_transaction(engine) as connection:
        runs = connection.execute(select(Run.mode, Run.parameters).order_by(Run.id)).all()
    mode, parameters = runs[-1]
    assert (mode, parameters["run"], parameters["since"]) == ("reprocess", 2, "2020-01-01T00:00:00+00:00")


def test_alerts_are_looked_at_and_tried(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """`doctor` refuses what apprise cannot read, a test says who took it and why not, and nobody reads a password."""
    assert command("health", "--test-alert").code == 2
    monkeypatch.setenv(
        "CLIMATE_ARCHIVE_ALERTS__URLS", "nonsense://hunter2@x, mailto://ann:hunter2@, json://ann:hunter2@127.0.0.1:9/"
    )
    doctor, tried = command("doctor"), command("health", "--test-alert")
    assert (doctor.code, tried.code) == (1, 1)
    assert "address 1 of 3: apprise knows no nonsense://" in " ".join(doctor.out.split())
    assert "address 2 of 3: Invalid ~From~ email specified" in " ".join(doctor.out.split())
    assert "address 3 of 3" not in doctor.out
    lines = tried.out.splitlines()
    assert lines[0].startswith("Address 1 of 3 (nonsense://) took nothing: apprise knows no nonsense://")
    assert lines[2].startswith("Address 3 of 3 (json://) took nothing: A Connection error occurred")
    assert "hunter2" not in doctor.out + doctor.err + tried.out + tried.err
