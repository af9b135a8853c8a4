"""A real `serve` in a process of its own, on a data folder of the test's, with all that a test asks of it."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Row, select

from config.settings import PREFIX, Settings
from models.database import create_database_engine, reading
from models.tables import Run
from tests.site.server import Site

PATIENCE_S = 180.0  # for an event on a busy machine; a test that works waits for seconds
FEEDS = """feeds:
  - {{id: tide, name: Tide, url: "{site}/feed", relevance: assume}}
"""


def environment(home: Path, site: Site, **more: str) -> dict[str, str]:
    """Return the environment in which a command works on a data folder and asks the site alone."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith((PREFIX, "PREFECT_", "PYTEST_XDIST"))
    }
    home.mkdir(exist_ok=True)
    (home / "feeds.yaml").write_text(FEEDS.format(site=site.url("").rstrip("/")))
    ours = {
        "HOME": str(home),
        "FEEDS_FILE": str(home / "feeds.yaml"),
        "FETCH__ALLOW_PRIVATE": site.address,
        "FETCH__HOST_INTERVAL_S": "0",
        "FETCH__SECOND_PASS_DELAY_S": "0",
    } | more
    prefect = {"PREFECT_RUNNER_POLL_FREQUENCY": "1", "PREFECT_SERVER_API_PORT": str(_free_port())}
    return kept | prefect | {f"{PREFIX}{name}": value for name, value in ours.items()}


async def until(holds: Callable[[], Awaitable[bool]], what: str) -> None:
    """Wait for an event, not longer than patience allows."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not await holds():  # noqa: ASYNC110 (the event is another process's)
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"it never came to this: {what}") from None


class Serving:
    """A `serve` at work."""

    def __init__(self, process: Process, home: Path, said: list[str]) -> None:
        self.process = process
        self.home = home
        self.said = said  # its lines so far

    @property
    def api_url(self) -> str:
        """Return the address that it wrote down."""
        address: str = json.loads((self.home / "prefect-api.json").read_text())["api_url"]
        return address

    @property
    def server_pid(self) -> int:
        """Return the number of Prefect's server process."""
        return self.child("_server_process")

    def child(self, words: str) -> int:
        """Return the number of its child whose command line holds some words; 0 where there is none."""
        return next((pid for pid in children(self.process.pid) if words in command_line(pid)), 0)

    def runs(self) -> list[Row[Any]]:
        """Read the heads of the ledger, the oldest first."""
        return ledger(self.home)

    async def ask(self, path: str, body: object) -> httpx.Response:
        """Ask Prefect's API; wait for a server that is just starting again."""
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            while True:
                try:
                    return await client.post(f"{self.api_url}{path}", json=body)
                except httpx.TransportError:
                    await asyncio.sleep(0.1)

    async def deployment_id(self) -> str:
        """Return the id of the nightly deployment."""
        answer = await self.ask("/deployments/filter", {})
        found: str = next(one["id"] for one in answer.json() if one["name"] == "nightly")
        return found

    async def flow_runs(self) -> list[dict[str, Any]]:
        """Read Prefect's runs of nights that are over or at work, the oldest first."""
        begun = ["PENDING", "RUNNING", "COMPLETED", "FAILED", "CRASHED", "CANCELLING", "CANCELLED"]
        states = {"state": {"type": {"any_": begun}}}
        answer = await self.ask("/flow_runs/filter", {"flow_runs": states, "sort": "START_TIME_ASC"})
        rows: list[dict[str, Any]] = answer.raise_for_status().json()
        return rows

    async def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and wait for the end."""
        self.process.send_signal(how)
        return await self.process.wait()


def ledger(home: Path) -> list[Row[Any]]:
    """Read the heads of an archive's ledger, the oldest first."""
    engine = create_database_engine(Settings(home=home).sqlalchemy_url)
    try:
        with reading(engine) as connection:
            return list(connection.execute(select(Run.__table__).order_by(Run.id)))
    finally:
        engine.dispose()


def children(pid: int) -> list[int]:
    """Return the numbers of a process's children."""
    try:
        lists = [file.read_text() for file in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return []
    return [int(number) for one in lists for number in one.split()]


def command_line(pid: int) -> str:
    """Return how a process was called; nothing where it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def mapped(pid: int) -> str:
    """Return which compiled libraries a process has loaded."""
    return Path(f"/proc/{pid}/maps").read_text()


@asynccontextmanager
async def serving(home: Path, environ: dict[str, str], *arguments: str) -> AsyncIterator[Serving]:
    """Start `serve`, wait until it greets, and end it afterwards where the test has not."""
    command = (sys.executable, "-u", "-m", "flows", "serve", *arguments)
    process = await asyncio.create_subprocess_exec(*command, env=environ, stdout=PIPE, stderr=asyncio.subprocess.STDOUT)
    said: list[str] = []
    listening = asyncio.create_task(_listen(process, said))
    served = Serving(process, home, said)

    async def greets() -> bool:
        assert process.returncode is None, "".join(said)
        return any("next night begins" in line for line in said)

    try:
        await until(greets, "serve greets")
        yield served
    except AssertionError as error:
        error.add_note("".join(said[-40:]))
        raise
    finally:
        if process.returncode is None:
            await served.end()
        await listening


async def _listen(process: Process, said: list[str]) -> None:
    assert process.stdout is not None
    while line := await process.stdout.readline():
        said.append(line.decode())


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
