"""An archive that one may only read: another user's folder, in which nothing can be written."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from config.settings import PREFIX
from config.topics import load_topics
from tests.databases import about_sqlite, on_postgresql

Command = Callable[..., Any]
NOBODY = 65534
READ = (
    ["search", "sea"],
    ["show", "1", "--revisions"],
    ["runs", "list"],
    ["runs", "show", "1"],
    ["runs", "check"],
    ["feeds", "list"],
    ["export", "--format", "jsonl"],
)
WRITE = (["prune"], ["backup", "../copy"])


@pytest.fixture
def theirs(full: Command, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give the folder of a whole archive that is somebody else's; the settings name it."""
    folder = Path(tempfile.mkdtemp(prefix="climate-archive-tests-"))  # pytest's own are closed to other users
    assert engine.url.database is not None
    with closing(sqlite3.connect(engine.url.database)) as source, closing(sqlite3.connect(folder / "archive.db")) as to:
        source.backup(to)
    (folder / "feeds.yaml").write_bytes(Path(os.environ[f"{PREFIX}FEEDS_FILE"]).read_bytes())
    for name, value in {"HOME": folder, "DATABASE_URL": "", "FEEDS_FILE": folder / "feeds.yaml"}.items():
        monkeypatch.setenv(PREFIX + name, str(value))
    monkeypatch.chdir(folder)
    yield folder
    folder.chmod(0o700)
    shutil.rmtree(folder)


@pytest.fixture
def as_reader(full: Command, theirs: Path) -> Iterator[Callable[[], None]]:
    """Give a way to have only the right to read it from then on: root, who may write anywhere, becomes nobody."""
    for words in (*READ, *WRITE):  # nobody may be kept from Python's own modules: what is imported late is there now
        full(*words, "--help")
    for words in READ:
        full(*words)
    load_topics(None)

    def give_up() -> None:
        for path in theirs.iterdir():
            path.chmod(0o444)
        theirs.chmod(0o555)
        if os.geteuid() == 0:
            os.seteuid(NOBODY)

    yield give_up
    if os.getuid() == 0:
        os.seteuid(0)
    theirs.chmod(0o755)


@about_sqlite
def test_an_archive_can_be_read_without_the_right_to_write(
    full: Command, theirs: Path, as_reader: Callable[[], None]
) -> None:
    """Every reading command says the same as before, and leaves nothing behind."""
    with closing(sqlite3.connect(theirs / "archive.db")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    before = [full(*words) for words in READ]
    names = sorted(path.name for path in theirs.iterdir())
    as_reader()
    assert [(answer.code, answer.out) for answer in before] == [
        (answer.code, answer.out) for answer in (full(*words) for words in READ)
    ]
    assert [answer.code for answer in before] == [0] * len(READ)
    assert sorted(path.name for path in theirs.iterdir()) == names


@about_sqlite
def test_it_can_be_read_while_its_owner_writes(full: Command, theirs: Path, as_reader: Callable[[], None]) -> None:
    """What is committed is seen, though it stands beside the file still."""
    with closing(sqlite3.connect(theirs / "archive.db")) as owner:
        owner.execute("PRAGMA wal_autocheckpoint=0")
        owner.execute("UPDATE runs SET reason = 'just now' WHERE id = 1")
        owner.commit()
        as_reader()
        assert full("runs", "show", "1", "--json").document["reason"] == "just now"


@about_sqlite
def test_what_stands_beside_it_is_not_passed_over(full: Command, theirs: Path, as_reader: Callable[[], None]) -> None:
    """Without the owner's help the last changes cannot be read there: that is said, and no older state is shown."""
    with closing(sqlite3.connect(theirs / "archive.db")) as owner:
        owner.execute("PRAGMA wal_autocheckpoint=0")
        owner.execute("UPDATE runs SET reason = 'just now' WHERE id = 1")
        owner.commit()
        kept = {name: (theirs / name).read_bytes() for name in ("archive.db", "archive.db-wal")}
    for name, content in kept.items():
        (theirs / name).write_bytes(content)
    (theirs / "archive.db-shm").unlink(missing_ok=True)
    as_reader()
    answer = full("runs", "list")
    assert answer.code == 1
    assert "its last changes stand in archive.db-wal" in " ".join(answer.err.split())


@about_sqlite
def test_a_command_that_writes_says_that_it_cannot(full: Command, theirs: Path, as_reader: Callable[[], None]) -> None:
    """In one sentence, with nothing done."""
    as_reader()
    for words in WRITE:
        answer = full(*words)
        assert (answer.code, answer.out) == (1, ""), words
        assert "cannot be" in answer.err
        assert "Traceback" not in answer.err


@on_postgresql
def test_a_server_that_takes_no_writes_can_be_read(
    full: Command, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A standby, or a user who may only read."""
    url = engine.url.update_query_dict({"options": "-c timezone=utc -c default_transaction_read_only=on"})
    monkeypatch.setenv(f"{PREFIX}DATABASE_URL", url.render_as_string(hide_password=False))
    assert [full(*words).code for words in READ] == [0] * len(READ)
