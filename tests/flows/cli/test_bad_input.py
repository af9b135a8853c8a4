"""What bad input of a run comes to: settings, files, databases, folders, disks, the network.

Always one clear sentence on stderr and an exit code; nothing half-written, and a later run converges.
"""

import os
import re
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec import Struct
from sqlalchemy import Engine

from config.settings import PREFIX
from flows.demo.server import DemoSite
from flows.runs.session import utc_now
from models.storage.database import create_database_engine, write_transaction
from tests.databases import about_sqlite, on_both, on_one, on_postgresql
from tests.nights import Nights, contents, counts, rows
from tests.processes import Command

Call = Callable[..., Any]
# A file's greatest size in units of 512 bytes: an empty archive is below it, one of the demo's nights is above.
_BLOCKS = 1600


class Mistake(Struct, frozen=True):
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


@on_both
def test_a_newer_database_is_left_alone(command: Call, nights: Nights, engine: Engine) -> None:
    """Exit 1; no command writes into tables that it does not know."""
    with write_transaction(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    before = counts(engine)
    for arguments in (("run",), ("run", "--direct"), ("import", __file__)):
        answer = command(*arguments)
        assert (answer.code, answer.out) == (1, "")
        *before_it, sentence = answer.err.splitlines()
        assert "newer version" in sentence
        assert [line.partition(",")[0] for line in before_it] == ["Starting Prefect"] * (arguments == ("run",))
    assert counts(engine) == before


@on_postgresql
def test_a_server_with_tables_of_others_waits_for_a_person(
    command: Call, monkeypatch: pytest.MonkeyPatch, empty_database_url: str
) -> None:
    """A shared database is not migrated on the way: exit 2 and the command that does it."""
    monkeypatch.setenv(f"{PREFIX}DATABASE_URL", empty_database_url)
    engine = create_database_engine(empty_database_url)
    with write_transaction(engine) as connection:
        connection.exec_driver_sql("CREATE TABLE somebody_elses (id BIGINT)")
    engine.dispose()
    answer = command("run")
    assert (answer.code, answer.out) == (2, "")
    assert "climate-archive db upgrade" in answer.err
    assert command("db", "upgrade").code == 0


@on_both
def test_the_first_command_makes_the_tables(
    command: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, empty_database_url: str
) -> None:
    """An empty database holds nothing to protect, on a server either: what writes first begins the archive."""
    monkeypatch.setenv(f"{PREFIX}DATABASE_URL", empty_database_url)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    unread = command("search", "sea")
    assert unread.code == 1
    assert "`climate-archive run` begins one" in unread.err
    note = tmp_path / "note.txt"
    note.write_text("Climate change warms the sea, said the report.\nA sea that warms\n")
    assert command("import", note).code == 0
    assert command("search", "sea", "--json").document[0]["title"] == "A sea that warms"


def test_an_unreachable_server_is_one_sentence(command: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 1; the password is not shown."""
    monkeypatch.setenv(f"{PREFIX}DATABASE_URL", "postgresql://ann:secret@127.0.0.1:1/archive")
    answer = command("run")
    assert (answer.code, answer.out) == (1, "")
    starting, sentence = answer.err.splitlines()
    assert starting.startswith("Starting Prefect")
    assert "cannot be reached" in sentence
    assert "secret" not in answer.err


@on_one
def test_a_data_folder_that_cannot_be(
    command: Call, nights: Nights, monkeypatch: pytest.MonkeyPatch, archive_of: Callable[[Path], str]
) -> None:
    """A file where the folder should be, or above it, or a link to nowhere: exit 1 and a sentence."""
    (nights.home / "file").touch()
    (nights.home / "link").symlink_to(nights.home / "nowhere")
    reasons = {"file/below": "Not a directory.", "file": "a file has that name", "link": "a link that leads nowhere."}
    for (place, reason), arguments in product(reasons.items(), (("run",), ("run", "--direct"))):
        folder = nights.home / place
        monkeypatch.setenv(f"{PREFIX}HOME", str(folder))
        monkeypatch.setenv(f"{PREFIX}DATABASE_URL", archive_of(folder))
        answer = command(*arguments)
        assert (answer.code, answer.out) == (1, "")
        *before_it, sentence = answer.err.splitlines()
        assert f"The folder {folder} cannot be made: " in sentence
        assert reason in sentence
        assert [line.partition(",")[0] for line in before_it] == ["Starting Prefect"] * (arguments == ("run",))


@on_one
def test_a_data_folder_that_is_read_only(
    command: Call, nights: Nights, monkeypatch: pytest.MonkeyPatch, archive_of: Callable[[Path], str]
) -> None:
    """Exit 1 and a sentence; an administrator can write everywhere, and is not asked."""
    folder = nights.home / "shut"
    folder.mkdir(mode=0o555)
    if os.access(folder, os.W_OK):
        pytest.skip("this user can write into a read-only folder")
    monkeypatch.setenv(f"{PREFIX}HOME", str(folder))
    monkeypatch.setenv(f"{PREFIX}DATABASE_URL", archive_of(folder))
    answer = command("run", "--direct")
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


@on_one
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


@pytest.mark.system
@about_sqlite
async def test_a_disk_that_fills(demo_site: DemoSite, tmp_path: Path, new_database: Callable[[], str]) -> None:
    """No file may grow beyond a size: exit 1 and a sentence. With room again, the archive is as if nothing had been."""
    feeds = yaml.safe_load(demo_site.feeds_yaml())["feeds"]
    nights = Nights(home=tmp_path / "full", database_url=new_database(), allow=demo_site.address, feeds=feeds)
    limit = ("/bin/sh", "-c", f'ulimit -f {_BLOCKS}; exec "$@"', "sh")
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
    told = ("uid", "title", "text_source", "content_hash", "revisions", "is_relevant", "page_state")
    stories = [[story[name] for name in told] for story in found["stories"]]
    return [stories, *(found[name] for name in ("hits", "sightings", "story_keys", "story_topics", "quarantine"))]
