"""The grown set-up without its containers: a Prefect server, two workers and PostgreSQL, in processes of their own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import httpx
from msgspec import Struct, field
from sqlalchemy import Engine

from config.settings import PREFIX
from flows.demo.answers import SiteAnswer
from flows.demo.server import DemoSite
from flows.runs.locks import run_lock_is_held
from models.storage.database import read_transaction
from tests.nights import Nights, rows
from tests.processes import ROOT, outer_environment
from tests.serving import PATIENCE_S, children, command_line, far_from_now
from tests.site.behaviours import FEED

ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


class OneFeed(DemoSite):
    """A site with one feed, which can be made to wait."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.is_open = Event(), Event()
        self.is_open.set()

    def answer(self, path: str, if_none_match: str | None, if_modified_since: str | None) -> SiteAnswer:
        """Answer once the site is open."""
        super().answer(path, if_none_match, if_modified_since)
        self.asked.set()
        self.is_open.wait(PATIENCE_S)
        return SiteAnswer(content_type="application/rss+xml", body=FEED)


class Scene(Struct):
    """Two sites, an archive on PostgreSQL, a Prefect server and two workers."""

    sites: tuple[OneFeed, OneFeed]
    nights: Nights
    engine: Engine
    api_url: str
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def ask(self, path: str, body: object) -> Any:
        """Ask Prefect's API."""
        return httpx.post(f"{self.api_url}{path}", json=body, timeout=60, trust_env=False).raise_for_status().json()

    def start(self) -> str:
        """Start a night by hand and return its name."""
        started: str = self.ask(f"/deployments/{self.deployment('nightly')['id']}/create_flow_run", {})["id"]
        return started

    def deployment(self, name: str) -> dict[str, Any]:
        """Read a deployment."""
        found: dict[str, Any] = next(one for one in self.ask("/deployments/filter", {}) if one["name"] == name)
        return found

    def close_sites(self) -> None:
        """Let nobody be answered from now on."""
        for site in self.sites:
            site.is_open.clear()
            site.asked.clear()

    def open_sites(self) -> None:
        """Answer whoever waits."""
        for site in self.sites:
            site.is_open.set()

    def await_both_asked(self) -> None:
        """Wait until the night and its shard are both at work."""
        for site in self.sites:
            assert site.asked.wait(PATIENCE_S)

    def runs(self, flow: str) -> list[dict[str, Any]]:
        """Read Prefect's runs of a flow, the oldest first."""
        found: list[dict[str, Any]] = self.ask(
            "/flow_runs/filter", {"flows": {"name": {"any_": [flow]}}, "sort": "START_TIME_ASC"}
        )
        return [run for run in found if not run["auto_scheduled"]]

    def concluded(self, flow: str, count: int) -> list[str]:
        """Wait until so many runs of a flow have ended, and return the names of their states."""
        until(lambda: sum(run["state_type"] in ENDED for run in self.runs(flow)) >= count, f"{count} {flow} end")
        return [run["state_name"] for run in self.runs(flow)]

    def process_of(self, flow_run_id: str) -> int:
        """Return the number of the process that works a flow run."""
        mark = f"PREFECT__FLOW_RUN_ID={flow_run_id}"
        everybody = [pid for worker in self.workers for pid in offspring(worker.pid)]
        (found,) = (pid for pid in everybody if "prefect.engine" in command_line(pid) and mark in _environment_of(pid))
        return found

    def run_lock_is_held(self) -> bool:
        """Tell whether a process holds the night's lock."""
        with read_transaction(self.engine) as connection:
            return run_lock_is_held(connection)

    def statuses(self) -> list[str]:
        """Read how the ledger's runs stand."""
        return [row["status"] for row in rows(self.engine, "runs")]


def until(holds: Callable[[], bool], what: str) -> None:
    """Wait for an event in another process."""
    give_up_at = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < give_up_at, f"it never came to this: {what}"
        Event().wait(0.2)


def offspring(pid: int) -> list[int]:
    """Return the processes that a process started, and those that they started."""
    return [one for child in children(pid) for one in (child, *offspring(child))]


def _environment_of(pid: int) -> str:
    return Path(f"/proc/{pid}/environ").read_text()


def environ_of(nights: Nights, port: int) -> dict[str, str]:
    """Return the environment of all processes."""
    prefect = {
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_HOME": str(nights.home / "prefect"),
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        f"{PREFIX}SHARDS": "8",
        f"{PREFIX}FETCH__TOTAL_TIMEOUT_S": "300",
        f"{PREFIX}FETCH__FEED_DEADLINE_S": "300",
        f"{PREFIX}NIGHTLY_CRON": far_from_now(),  # by hand alone
    }
    patient = nights.environment() | {f"{PREFIX}FETCH__READ_TIMEOUT_S": "300"}
    return outer_environment() | {"PYTHONPATH": str(ROOT)} | patient | prefect


@contextmanager
def running(environ: dict[str, str], *module: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a module for as long as the context lasts."""
    process = subprocess.Popen(
        [sys.executable, "-m", *module], env=environ, cwd=ROOT, stdin=subprocess.PIPE, start_new_session=True
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def answers(api_url: str) -> bool:
    """Tell whether the server is there."""
    try:
        return httpx.get(f"{api_url}/health", trust_env=False).is_success
    except httpx.TransportError:
        return False
