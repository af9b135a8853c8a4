"""A real `serve` in a process of its own, on a data folder of the test's, with all that a test asks of it."""

import asyncio
import json
import signal
import socket
import sqlite3
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Row, select, update

from config.settings import PREFIX, Settings
from flows.runs.schedule import last_time
from models.storage.database import create_database_engine, read_transaction, write_transaction
from models.tables.runs import Run
from tests.processes import outer_environment
from tests.site.server import Site

PATIENCE_S = 180.0  # for an event on a busy machine; a test that works waits for seconds
NIGHTLY = "nightly"  # what Prefect calls the flow, and its deployment
FEEDS = """feeds:
  - {{id: tide, name: Tide, url: "{site}/feed", relevance: assume}}
  - {{id: gate, name: Gate, url: "{site}{second}", relevance: assume}}
"""
_US = "a test"  # by which Prefect's server knows whom it gave a token
ENDED = frozenset({"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})


def environment(home: Path, site: Site, second: str, **more: str) -> dict[str, str]:
    """Return the environment in which a command works on a data folder and asks the site alone, for two feeds."""
    home.mkdir(exist_ok=True)
    (home / "feeds.yaml").write_text(FEEDS.format(site=site.url("").rstrip("/"), second=second))
    ours = {
        "HOME": str(home),
        "FEEDS_FILE": str(home / "feeds.yaml"),
        "FETCH__ALLOW_PRIVATE": site.address,
        "FETCH__HOST_INTERVAL_S": "0",
        "FETCH__SECOND_PASS_DELAY_S": "0",
    } | more
    return surroundings({f"{PREFIX}{name}": value for name, value in ours.items()})


def surroundings(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a `serve` with these settings, at a port of its own; no test meets its schedule."""
    kept = {name: value for name, value in outer_environment().items() if not name.startswith("PYTEST_XDIST")}
    prefect = {"PREFECT_RUNNER_POLL_FREQUENCY": "1", "PREFECT_SERVER_API_PORT": str(free_port())}
    return kept | prefect | {f"{PREFIX}NIGHTLY_CRON": far_from_now()} | dict(settings)


def far_from_now() -> str:
    """Return a daily schedule whose times are half a day away: no test meets one, whenever it runs."""
    return f"15 {(datetime.now(UTC).hour + 12) % 24} * * *"


async def until(holds: Callable[[], Awaitable[bool]], what: str) -> None:
    """Wait for an event, not longer than patience allows."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not await holds():  # noqa: ASYNC110 (the event is another process's)
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"it never came to this: {what}") from None


# Prefect writes moments as text with six digits behind the point.
_EARLIER = "strftime('%Y-%m-%d %H:%M:%S.000000', {}, ?)"


class Serving:
    """A `serve` at work."""

    def __init__(self, process: Process, environ: Mapping[str, str], said: list[str]) -> None:
        self.process = process
        self.home = Path(environ[f"{PREFIX}HOME"])
        self.database_url = environ[f"{PREFIX}DATABASE_URL"]
        self.said = said  # its lines so far

    @property
    def api_url(self) -> str:
        """Return the address that it wrote down."""
        address: str = json.loads((self.home / "prefect-api.json").read_text())["api_url"]
        return address

    @property
    def secret(self) -> tuple[str, str]:
        """Return user and password of the API."""
        user, _, password = json.loads((self.home / "prefect-api.json").read_text())["secret"].partition(":")
        return user, password

    @property
    def port(self) -> int:
        """Return the port of Prefect's server."""
        return int(self.api_url.rpartition(":")[2].partition("/")[0])

    @property
    def server_pid(self) -> int:
        """Return the number of Prefect's server process."""
        return self.child("flows.server.process")

    def child(self, words: str) -> int:
        """Return the number of its child whose command line holds some words; 0 where there is none."""
        return next((pid for pid in children(self.process.pid) if words in command_line(pid)), 0)

    def runs(self) -> list[Row[Any]]:
        """Read the heads of the ledger, the oldest first."""
        return ledger(self.database_url)

    async def until(self, holds: Callable[[], Awaitable[bool]], what: str) -> None:
        """Wait for an event as `until` does; where it does not come, say what `serve` said last and who is at work."""
        try:
            await until(holds, what)
        except AssertionError as error:
            ended = self.process.returncode
            state = f"it ended by {ended}" if ended is not None else "it runs"
            at_work = [command_line(pid) for pid in children(self.process.pid)]
            error.add_note("\n".join(["".join(self.said[-40:]), f"{state}, its processes:", *at_work]))
            raise

    async def ask(self, path: str, body: object) -> httpx.Response:
        """Ask Prefect's API; wait for a server that is just starting again, or busy with its database."""
        async with (
            asyncio.timeout(PATIENCE_S),
            httpx.AsyncClient(trust_env=False, timeout=60, auth=self.secret) as client,
        ):
            while True:
                with suppress(httpx.TransportError):
                    answer = await client.post(f"{self.api_url}{path}", json=body, headers=await self.guard(client))
                    if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                        return answer
                await asyncio.sleep(0.1)

    async def guard(self, client: httpx.AsyncClient) -> dict[str, str]:
        """Return the headers that Prefect's API wants with every change; wait for a server that is busy."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                url = f"{self.api_url}/csrf-token"
                token = await client.get(url, params={"client": _US}, auth=self.secret)
                if token.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                    return {"Prefect-Csrf-Client": _US, "Prefect-Csrf-Token": token.json()["token"]}
                await asyncio.sleep(0.1)

    async def deployment_id(self) -> str:
        """Return the id of the nightly deployment."""
        answer = await self.ask("/deployments/filter", {})
        found: str = next(one["id"] for one in answer.json() if one["name"] == NIGHTLY)
        return found

    async def start(self) -> None:
        """Start a night by hand."""
        answer = await self.try_to_start()
        assert answer.status_code == httpx.codes.CREATED, answer.text

    async def try_to_start(self, **parameters: object) -> httpx.Response:
        """Ask for a night with these parameters, and return what Prefect says to that."""
        path = f"/deployments/{await self.deployment_id()}/create_flow_run"
        return await self.ask(path, {"parameters": parameters})

    async def reads(self, after: int, statuses: list[str]) -> None:
        """Wait until the ledger reads so after so many runs."""

        async def is_so() -> bool:
            return [run.status for run in self.runs()[after:]] == statuses

        await self.until(is_so, f"the ledger reads {statuses}")

    async def concluded(self, count: int) -> list[str]:
        """Wait until so many of Prefect's runs have ended, and return their states' names."""

        async def have_ended() -> bool:
            ended = [run["state"]["type"] in ENDED for run in await self.flow_runs()]
            return len(ended) >= count and all(ended)

        await self.until(have_ended, f"{count} runs of Prefect's have ended")
        return [run["state"]["name"] for run in await self.flow_runs()]

    async def flow_runs(self) -> list[dict[str, Any]]:
        """Read Prefect's runs of nights that are over or at work, the oldest first; the weekly `prune` is none."""
        begun = ["PENDING", "RUNNING", "COMPLETED", "FAILED", "CRASHED", "CANCELLING", "CANCELLED"]
        chosen = {"flow_runs": {"state": {"type": {"any_": begun}}}, "flows": {"name": {"any_": [NIGHTLY]}}}
        answer = await self.ask("/flow_runs/filter", chosen | {"sort": "START_TIME_ASC"})
        rows: list[dict[str, Any]] = answer.raise_for_status().json()
        return rows

    async def has_started_its_server_again(self) -> bool:
        """Tell whether a server was started in the place of one that had ended."""
        return any("server ended and is started again" in line for line in self.said)

    async def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and wait for the end."""
        self.process.send_signal(how)
        return await asyncio.wait_for(self.process.wait(), PATIENCE_S)


def ledger(database_url: str) -> list[Row[Any]]:
    """Read the heads of an archive's ledger, the oldest first."""
    engine = create_database_engine(database_url)
    try:
        with read_transaction(engine) as connection:
            return list(connection.execute(select(Run.__table__).order_by(Run.id)))
    finally:
        engine.dispose()


def let_time_pass(home: Path, database_url: str, span: timedelta) -> None:
    """Make all that an archive and its Prefect know of happen earlier, as if nothing had run since."""
    earlier = (f"-{span.total_seconds()} seconds",)
    with closing(sqlite3.connect(home / "prefect" / "prefect.db")) as prefect, prefect:
        for column in ("expected_start_time", "next_scheduled_start_time", "start_time", "end_time"):
            prefect.execute(f"UPDATE flow_run SET {column} = {_EARLIER.format(column)}", earlier)
        # The server lets no run begin before the time that its state names.
        planned = "json_extract(state_details, '$.scheduled_time')"
        prefect.execute(
            "UPDATE flow_run_state SET state_details = json_set(state_details, '$.scheduled_time', "
            f"{_EARLIER.format(planned)} || '+00:00') WHERE {planned} IS NOT NULL",
            earlier,
        )
    engine = create_database_engine(database_url)
    with write_transaction(engine) as connection:
        for run in connection.execute(select(Run.id, Run.started_at)).all():
            connection.execute(update(Run).where(Run.id == run.id).values(started_at=run.started_at - span))
    engine.dispose()


_NEXT_OF_A_DEPLOYMENT = """
SELECT flow_run.id FROM flow_run JOIN deployment ON deployment.id = flow_run.deployment_id
WHERE deployment.name = ? AND flow_run.auto_scheduled AND flow_run.state_type = 'SCHEDULED'
ORDER BY flow_run.expected_start_time
"""


def make_late(home: Path, settings: Settings) -> None:
    """Have the night's next start that Prefect holds be due at the last time of its schedule.

    Other deployments have starts of their own there: on Sundays the weekly `prune` stands before the night.
    """
    due_at = last_time(settings.nightly_cron, settings.zone, datetime.now(UTC))
    moment = due_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    with closing(sqlite3.connect(home / "prefect" / "prefect.db", timeout=60)) as prefect, prefect:
        (run,) = prefect.execute(_NEXT_OF_A_DEPLOYMENT, (NIGHTLY,)).fetchone()
        prefect.execute(
            "UPDATE flow_run_state SET state_details = json_set(state_details, '$.scheduled_time', ?) "
            "WHERE flow_run_id = ?",
            (due_at.isoformat(), run),
        )
        prefect.execute(
            "UPDATE flow_run SET expected_start_time = ?1, next_scheduled_start_time = ?1 WHERE id = ?2", (moment, run)
        )


async def are_gone(*pids: int) -> None:
    """Wait until processes have ended."""

    async def have_ended() -> bool:
        return not any(command_line(pid) for pid in pids)

    await until(have_ended, "the processes have ended")


def children(pid: int) -> list[int]:
    """Return the numbers of a process's children."""
    try:
        lists = [file.read_text() for file in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return []
    return [int(number) for one in lists for number in one.split()]


def workers_of(engine: int) -> list[int]:
    """Return the process that a night's workers are forked from, and the workers."""
    servers = [pid for pid in children(engine) if "workers.server" in command_line(pid)]
    return servers + [worker for server in servers for worker in children(server)]


def command_line(pid: int) -> str:
    """Return how a process was called; nothing where it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def mapped(pid: int) -> str:
    """Return which compiled libraries a process has loaded; nothing where it is gone."""
    try:
        return Path(f"/proc/{pid}/maps").read_text()
    except OSError:
        return ""


@asynccontextmanager
async def serving(environ: Mapping[str, str], *arguments: str) -> AsyncIterator[Serving]:
    """Start `serve`, wait until it greets, and end it afterwards where the test has not."""
    command = (sys.executable, "-u", "-m", "flows", "serve", *arguments)
    process = await asyncio.create_subprocess_exec(*command, env=environ, stdout=PIPE, stderr=asyncio.subprocess.STDOUT)
    said: list[str] = []
    listening = asyncio.create_task(_listen(process, said))
    served = Serving(process, environ, said)

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


def free_port() -> int:
    """Return a port of loopback that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
