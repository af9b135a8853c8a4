"""Try the grown set-up for real: `make compose-test`. Where no Docker engine answers it says so, and that is all."""

import base64
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import click

ROOT = Path(__file__).parents[2]
PORT = "4299"
PATIENCE_S = 600.0
KEPT = ("stories", "story_versions", "sightings", "story_keys", "classifications", "raw_blobs")
PASSWORD = "tried4once"
ENVIRONMENT = os.environ | {"POSTGRES_PASSWORD": PASSWORD, "PREFECT_PASSWORD": PASSWORD, "PREFECT_PORT": PORT}
PROJECT = "climate-archive-test"
_US = "compose-test"
FILES = ("--file", str(ROOT / "docker-compose.yml"), "--file", str(Path(__file__).with_name("docker-compose.yml")))


def main() -> int:
    """Run all steps, one line each; 1 where one fails."""
    docker = next((one for one in ("/usr/bin/docker", shutil.which("docker")) if one and Path(one).exists()), None)
    if docker is None or _call(docker, "info").returncode or _call(docker, "compose", "version").returncode:
        click.echo("compose-test: SKIPPED, no Docker engine with Compose v2 answers here")
        return 0
    setup = Setup(docker)
    try:
        for step in (
            setup.comes_up,
            setup.starts_nights_by_itself,
            setup.starts_a_night_by_hand,
            setup.runs_and_reruns_by_the_documented_commands,
            setup.refuses_wrong_parameters,
            setup.refuses_other_sites_and_strangers,
            setup.keeps_all_of_it_through_down_and_up,
            setup.survives_a_killed_worker,
            setup.shares_a_night_between_two_workers,
        ):
            began = time.monotonic()
            said = step()
            click.echo(
                f"compose-test: {step.__name__.replace('_', ' ')}: {said} ({time.monotonic() - began:.0f} s)",
            )
    except (AssertionError, subprocess.CalledProcessError) as error:
        click.echo(f"compose-test: FAILED, {error}")
        click.echo(setup.compose("logs", "--tail=40", is_checked=False))
        return 1
    finally:
        setup.compose("down", "--volumes", "--timeout=10", is_checked=False)
    return 0


class Setup:
    """The containers under test."""

    def __init__(self, docker: str) -> None:
        self._docker = docker
        self._first_night: dict[str, int] = {}  # rows after the first night of one worker

    def comes_up(self) -> str:
        """Build, start, and wait until all that stays is healthy."""
        self.compose("down", "--volumes", is_checked=False)
        if not os.environ.get("COMPOSE_TEST_IMAGE_IS_BUILT"):
            self.compose("build")
        self.compose("up", "--detach", "--wait", "--wait-timeout=300", "worker")
        with urlopen(f"http://127.0.0.1:{PORT}/", timeout=30) as page:
            assert page.headers.get_content_type() == "text/html", "Prefect's pages are not there"
        return ", ".join(sorted(self.compose("ps", "--format", "{{.Service}} {{.Health}}").split("\n"))).strip(", ")

    def starts_nights_by_itself(self) -> str:
        """Wait for a night of the schedule, and count what it left."""
        self._until(lambda: self._count("runs WHERE started_by = 'schedule' AND status LIKE 'completed%'") > 0)
        self._first_night = self._kept()
        assert self._first_night["stories"], "an empty night"
        return f"{self._count('stories')} stories, {self._count('story_versions')} versions in PostgreSQL"

    def starts_a_night_by_hand(self) -> str:
        """Start one by Prefect's API, as its pages do."""
        before = self._count("stories")
        self._ask(f"/deployments/{self._deployment()}/create_flow_run", {"parameters": {"strict": False}})
        self._until(lambda: self._count("runs WHERE started_by = 'api' AND status LIKE 'completed%'") == 1)
        assert self._count("stories") == before, "an unchanged site gave more stories"
        return "completed, nothing doubled"

    def refuses_wrong_parameters(self) -> str:
        """Ask for a mode that is none."""
        try:
            self._ask(f"/deployments/{self._deployment()}/create_flow_run", {"parameters": {"mode": "x"}})
        except OSError as refusal:
            return str(refusal)
        raise AssertionError("a wrong mode was taken")

    def runs_and_reruns_by_the_documented_commands(self) -> str:
        """Type what docs/operations.md names: a run and a rerun in the worker, and both through Prefect."""
        page = (ROOT / "docs" / "operations.md").read_text("utf-8")
        commands = re.findall(r"^docker compose exec worker (.*)$", page, re.MULTILINE)
        wanted = ("climate-archive run", "climate-archive rerun latest", "prefect deployment run nightly/nightly")
        assert all(any(command.startswith(one) for command in commands) for one in wanted), commands
        before = self._count("stories")
        for command in commands:
            self._until(partial(self._does, command))
        self._until(lambda: self._count("runs WHERE started_by = 'api' AND status LIKE 'completed%'") > 1)
        assert self._count("runs WHERE started_by = 'hand' AND mode IN ('run', 'rerun')") > 1
        assert self._count("stories") == before, "an unchanged site gave more stories"
        return f"{len(commands)} commands"

    def refuses_other_sites_and_strangers(self) -> str:
        """Ask as a page of another site would, under another name, and without the secret."""
        url = f"http://127.0.0.1:{PORT}/api/flow_runs/count"
        for headers, status in (
            ({"Host": "rebound.example"}, 421),
            ({"Origin": "http://elsewhere.example"}, 403),
            ({}, 401),
        ):
            answered = _status(Request(url, headers=headers))
            assert answered == status, f"{headers} was answered {answered}"
        return "421, 403, 401"

    def keeps_all_of_it_through_down_and_up(self) -> str:
        """Take the containers away and bring new ones."""
        before = self._count("stories")
        self.compose("down", "--timeout=20")
        self.compose("up", "--detach", "--wait", "--wait-timeout=300", "worker")
        assert self._count("stories") == before, "stories were lost"
        return f"{before} stories before and after"

    def survives_a_killed_worker(self) -> str:
        """Kill the worker while a night is at work; the next night goes on."""
        self._until(lambda: self._count("runs WHERE status = 'running'") > 0, pause_s=0.05)
        runs = self._count("runs")
        self.compose("kill", "worker")
        self.compose("up", "--detach", "--wait", "--wait-timeout=300", "worker")
        done = f"runs WHERE id > {runs} AND status LIKE 'completed%'"
        self._until(lambda: self._count(done) > 0)
        left = self._count("runs WHERE status = 'crashed'")
        assert left == 1, f"{left} runs are marked as crashed"
        assert not self._count("runs WHERE status = 'running' AND started_at < now() - interval '2 minutes'")
        return f"{left} run marked as crashed, the next one completed; {self._check()}"

    def shares_a_night_between_two_workers(self) -> str:
        """Begin anew with two workers: both are at work in the first night, and it leaves what one alone left."""
        self.compose("down", "--volumes", "--timeout=20")
        self.compose("up", "--detach", "--wait", "--wait-timeout=300", "--scale", "worker=2", "worker")
        self._until(lambda: self._count("runs WHERE status LIKE 'completed%'") > 0)
        kept = self._kept()
        assert kept == self._first_night, f"{kept} by two, {self._first_night} by one"
        night, shard = self._first_run("nightly"), self._first_run("shard")
        workers = {run["labels"]["prefect.worker.name"] for run in (night, shard)}
        assert len(workers) == 2, f"the night and its shard ran on {workers}"
        assert shard["state_type"] == "COMPLETED", shard["state"]
        rows = "feed_runs WHERE run_id = 1"
        assert self._count(rows) == self._count(f"(SELECT DISTINCT feed_id FROM {rows}) AS feeds") > 0
        return f"the same {kept} as by one worker; {self._check()}"

    def compose(self, *arguments: str, is_checked: bool = True) -> str:
        """Call Compose on both files and return what it printed."""
        done = _call(self._docker, "compose", *FILES, "--project-name", PROJECT, *arguments)
        if is_checked and done.returncode:
            raise AssertionError(f"docker compose {arguments[0]}: {done.stderr[-2000:]}")
        return done.stdout + ("" if is_checked else done.stderr)

    def _kept(self) -> dict[str, int]:
        return {table: self._count(table) for table in KEPT}

    def _count(self, what: str) -> int:
        query = f"SELECT count(*) FROM {what}"
        said = self.compose(
            "exec",
            "-T",
            "--env",
            f"PGPASSWORD={PASSWORD}",
            "db",
            "psql",
            "-U",
            "archive",
            "-h",
            "/var/run/postgresql",
            "-Atc",
            query,
            is_checked=False,
        )
        return int(said) if said.strip().isdecimal() else 0

    def _does(self, command: str) -> bool:
        """Type a command in the worker; a night of the schedule may be at work, which refuses a rerun."""
        words = ("exec", "-T", "worker", *shlex.split(command))
        done = _call(self._docker, "compose", *FILES, "--project-name", PROJECT, *words)
        assert not done.returncode or "Another process works" in done.stderr, f"{command}: {done.stderr[-2000:]}"
        return not done.returncode

    def _check(self) -> str:
        said = self.compose("exec", "-T", "worker", "climate-archive", "runs", "check", is_checked=False)
        assert "adds up" in said, said
        return said.strip().splitlines()[-1]

    def _deployment(self) -> str:
        found: str = next(one["id"] for one in self._ask("/deployments/filter", {}) if one["name"] == "nightly")
        return found

    def _first_run(self, flow: str) -> dict[str, Any]:
        found = self._ask("/flow_runs/filter", {"flows": {"name": {"any_": [flow]}}, "sort": "START_TIME_ASC"})
        assert found, f"Prefect has no run of {flow}"
        return found[0]

    def _ask(self, path: str, body: object) -> list[dict[str, Any]]:
        token = _ask_prefect(f"/csrf-token?client={_US}")["token"]
        guard = {"Content-Type": "application/json", "Prefect-Csrf-Client": _US, "Prefect-Csrf-Token": token}
        answered: list[dict[str, Any]] = _ask_prefect(path, json.dumps(body).encode(), guard)
        return answered

    def _until(self, holds: Callable[[], bool], pause_s: float = 1.0) -> None:
        give_up_at = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < give_up_at, "it took too long"
            time.sleep(pause_s)


def _ask_prefect(path: str, body: bytes | None = None, headers: Mapping[str, str] = MappingProxyType({})) -> Any:
    secret = base64.b64encode(f"archive:{PASSWORD}".encode()).decode()
    known = {"Authorization": f"Basic {secret}"} | dict(headers)
    with urlopen(Request(f"http://127.0.0.1:{PORT}/api{path}", body, known), timeout=60) as answer:
        return json.load(answer)


def _status(request: Request) -> int:
    try:
        with urlopen(request, timeout=60) as answer:
            return int(answer.status)
    except HTTPError as refusal:
        return refusal.code


def _call(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, check=False, capture_output=True, text=True, env=ENVIRONMENT, cwd=ROOT)


if __name__ == "__main__":
    sys.exit(main())
