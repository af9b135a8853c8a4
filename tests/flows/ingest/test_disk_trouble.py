"""A disk that is full or cannot be written: one sentence, exit 1, a sound archive, and a next run that converges.

The commands are real processes; so are the limits: a small file system where it can be mounted, else one on file sizes.
"""

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest
import yaml

from flows.demo.server import DemoSite
from models.queries.ledger.checks import audit
from models.storage.database import create_database_engine, read_transaction
from models.storage.raw_store import RawStore
from tests.databases import about_sqlite
from tests.nights import Nights, contents, rows
from tests.processes import OF_A_FEED, Command, Ended

SIZE_BYTES = 16_000_000
# Free bytes for a night that needs more: not enough for the opening, for the first feed, for all of them.
ROOMS = (8_000, 400_000, 1_200_000)
FILE_BLOCKS = (800, 1_600)  # of 512 bytes: what one file may hold, less than the database comes to
_TROUBLE = re.compile(r"disk full|No space left|input/output error|File too large|cannot be (written|opened|made)")
pytestmark = [pytest.mark.system, about_sqlite]


@pytest.fixture
def nights(demo_site: DemoSite, tmp_path: Path) -> Nights:
    """Give nights over the demo site into an archive with tables and nothing else."""
    home = tmp_path / "home"
    home.mkdir()
    feeds = yaml.safe_load(demo_site.feeds_yaml())["feeds"]
    return Nights(home=home, database_url=f"sqlite:///{home}/archive.db", allow=demo_site.address, feeds=feeds)


@pytest.fixture
def small_disk(nights: Nights) -> Iterator[Path]:
    """Mount a small file system as the archive's folder; give the file that fills it."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_BYTES}", "tmpfs", str(nights.home)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a file system")
    yield nights.home / "ballast"
    subprocess.run(["umount", str(nights.home)], check=True)


async def test_a_full_disk_ends_the_run_and_the_next_one_converges(
    nights: Nights, small_disk: Path, database_url: str, tmp_path: Path
) -> None:
    """However early the disk is full, nothing is lost, doubled or half-written."""
    shutil.copy(database_url.removeprefix("sqlite:///"), nights.home / "archive.db")
    for room in ROOMS:
        _expect_one_sentence(_run_on_full_disk(nights, small_disk, room))
        _expect_sound(nights)
    await _expect_convergence(nights, tmp_path)


async def test_files_that_may_not_grow_end_the_run_and_the_next_one_converges(
    nights: Nights, database_url: str, tmp_path: Path
) -> None:
    """A limit of file sizes, which any user can set, is met as a full disk is."""
    shutil.copy(database_url.removeprefix("sqlite:///"), nights.home / "archive.db")
    for blocks in FILE_BLOCKS:
        _expect_one_sentence(_run(nights, ("sh", "-c", f'ulimit -f {blocks} && exec "$@"', "sh")))
        _expect_sound(nights)
    await _expect_convergence(nights, tmp_path)


async def test_what_cannot_be_written_ends_the_run(nights: Nights, database_url: str, tmp_path: Path) -> None:
    """A read-only database and a read-only folder are told in one sentence; with the rights back the run works."""
    shutil.copy(database_url.removeprefix("sqlite:///"), nights.home / "archive.db")
    for path, mode in ((nights.home / "archive.db", 0o444), (nights.home, 0o555)):
        ended = _run_where_modes_bind(nights, path, mode)
        _expect_one_sentence(ended)
        assert ("is read-only, or another user's)" in ended.err) is (path == nights.home)
        _expect_sound(nights)
    await _expect_convergence(nights, tmp_path)


def _run(nights: Nights, wrapper: Sequence[str] = (), environment: Mapping[str, str] | None = None) -> Ended:
    environment = environment or nights.environment()
    return Command("run", "--direct", cwd=nights.home.parent, environment=environment, wrapper=wrapper).end()


def _run_on_full_disk(nights: Nights, ballast: Path, room: int) -> Ended:
    ballast.touch()
    ballast.write_bytes(bytes(max(shutil.disk_usage(nights.home).free - room, 0)))
    try:
        return _run(nights)
    finally:
        ballast.unlink()


def _run_where_modes_bind(nights: Nights, path: Path, mode: int) -> Ended:
    environment, before = nights.environment(), path.stat().st_mode
    path.chmod(mode)
    try:
        return _run(nights, _without_overrides(), environment)
    finally:
        path.chmod(before)


def _without_overrides() -> tuple[str, ...]:
    """Return how a command is started so that file modes bind it, as they bind anybody but root."""
    if os.geteuid():
        return ()
    if shutil.which("setpriv") is None:
        pytest.skip("needs setpriv, so that file modes bind root")
    return ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search")


def _expect_one_sentence(ended: Ended) -> None:
    """Besides the lines of feeds and pages there is one line that says what stopped the run."""
    assert ended.code == 1, ended.err
    assert "Traceback" not in ended.err
    assert "bug" not in ended.err.lower()
    told = [line for line in ended.err.splitlines() if not OF_A_FEED.match(line)]
    assert len(told) == 1, ended.err
    assert _TROUBLE.search(told[0]), ended.err


def _expect_sound(nights: Nights) -> None:
    with closing(sqlite3.connect(nights.home / "archive.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    engine = create_database_engine(nights.database_url)
    with read_transaction(engine) as connection:
        assert audit(connection).findings == ()
    store = RawStore(nights.home / "raw", nights.home / "tmp")
    assert [row["digest"] for row in rows(engine, "raw_blobs") if store.verify(row["digest"])] == []
    engine.dispose()


async def _expect_convergence(nights: Nights, tmp_path: Path) -> None:
    ended = _run(nights)
    assert ended.code == 0, ended.err
    _expect_sound(nights)
    home = tmp_path / "undisturbed"
    undisturbed = nights.elsewhere(home, f"sqlite:///{home}/archive.db")
    await undisturbed.run()
    expected, found = contents(undisturbed.database_url), contents(nights.database_url)
    for name in expected:
        assert found[name] == expected[name], name
