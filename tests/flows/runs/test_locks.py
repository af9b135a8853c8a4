"""The two locks of an archive: who may work beside whom, whom the message names, and how they end."""

import os
import signal
import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from flows.runs.locks import _NUMBERS, archive_lock, run_lock
from models.errors import LockHeld
from models.storage.database import create_database_engine
from tests.databases import about_sqlite, on_both, on_postgresql
from tests.processes import ROOT

pytestmark = on_both  # each has locks of its own
HOLDER = """
import sys
from flows.runs.locks import archive_lock, run_lock
from models.storage.database import create_database_engine
engine = create_database_engine(sys.argv[1])
with archive_lock(engine, "run since midnight"), run_lock(engine, "run since midnight"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other(database_url: str):
    """Give an engine of somebody else."""
    engine = create_database_engine(database_url)
    yield engine
    engine.dispose()


def test_one_works_at_night(engine: Engine, other: Engine) -> None:
    """A second holder of the night is turned away, until the first has ended."""
    with run_lock(engine, "run"), pytest.raises(LockHeld), run_lock(other, "run"):
        pass
    with run_lock(other, "run"):
        pass


def test_writers_share_the_archive(engine: Engine, other: Engine) -> None:
    """Any number of writers work beside each other; who wants the archive alone is turned away, and they by it."""
    with archive_lock(engine, "run"), archive_lock(other, "import"), pytest.raises(LockHeld), _alone(engine):
        pass
    with _alone(engine), pytest.raises(LockHeld), archive_lock(other, "import"):
        pass


def test_the_locks_are_independent(engine: Engine, other: Engine) -> None:
    """An import works beside a night."""
    with archive_lock(engine, "run"), run_lock(engine, "run"), archive_lock(other, "import"):
        pass


@about_sqlite
def test_a_file_names_its_holders(engine: Engine, other: Engine) -> None:
    """The message says which process holds the lock for what, and forgets those that have ended."""
    me = f"process {os.getpid()}"
    with run_lock(engine, "run since noon"):
        assert _refusal(other) == f"Another process works on this archive: {me}, run since noon."
    file = Path(f"{engine.url.database}.archive")
    file.write_text(f"process {_ended_process()}, an import of yesterday\nno process at all\n")
    with archive_lock(engine, "import"), archive_lock(other, "run"):
        with pytest.raises(LockHeld) as held, _alone(engine):
            pass
        assert str(held.value) == f"Another process works on this archive: {me}, import; {me}, run."
    with _alone(engine):
        assert file.read_text() == f"{me}, migration\n"


@about_sqlite
def test_a_holder_that_is_not_written_down_is_a_holder(engine: Engine, other: Engine) -> None:
    """A name that was lost opens no lock."""
    with run_lock(engine, "run"):
        Path(f"{engine.url.database}.night").write_text("")
        assert _refusal(other) == "Another process works on this archive: its name is not known."


@on_postgresql
def test_a_server_names_its_session(engine: Engine, other: Engine) -> None:
    """On PostgreSQL the message names the session of this very database."""
    with run_lock(engine, "run"):
        told = _refusal(other)
    assert told.startswith("Another process works on this archive: database session ")
    assert told.endswith(" of climate-archive at this machine.")


def test_a_killed_holder_holds_nothing(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """A kill -9 ends the lock with its holder."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, database_url],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        told = _refusal(engine)
        assert f"process {holder.pid}, run since midnight" in told or "database session" in told
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    _await_end_of_sessions(engine)
    with _alone(engine), run_lock(engine, "run"):
        pass


def _alone(engine: Engine) -> AbstractContextManager[None]:
    return archive_lock(engine, "migration", exclusive=True)


def _await_end_of_sessions(engine: Engine) -> None:
    """Wait until PostgreSQL has seen that a killed session's process is gone: only then do its locks end."""
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(text("SET LOCAL lock_timeout = '30s'"))
            for number in _NUMBERS.values():
                connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


def _refusal(engine: Engine) -> str:
    with pytest.raises(LockHeld) as held, run_lock(engine, "run"):
        pass
    return str(held.value)


def _ended_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid
