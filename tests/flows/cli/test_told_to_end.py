"""A run that is told to end from outside, as by systemd, docker, `timeout` or a terminal that is closed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
import yaml
from sqlalchemy import Engine

from flows.demo.answers import SiteAnswer
from flows.demo.server import DemoSite
from tests.nights import Nights, rows
from tests.processes import PATIENCE_S, ROOT, Command

pytestmark = pytest.mark.system


class SlowSite(DemoSite):
    """The demo site; it answers from the third request on when it is told to, and tells that it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.goes_on = Event(), Event()

    def answer(self, path: str, if_none_match: str | None, if_modified_since: str | None) -> SiteAnswer:
        """Answer as ever, in the end."""
        answer = super().answer(path, if_none_match, if_modified_since)
        if len(self.requests) > 2:
            self.asked.set()
            self.goes_on.wait(PATIENCE_S)
        return answer


@pytest.fixture
def slow_site() -> Iterator[SlowSite]:
    """Run a site for one test."""
    with SlowSite() as running:
        try:
            yield running
        finally:
            running.goes_on.set()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("options", [["--direct"], []], ids=["direct", "with Prefect"])
def test_a_run_that_is_told_to_end_is_closed(
    slow_site: SlowSite, tmp_path: Path, engine: Engine, options: list[str], how: signal.Signals
) -> None:
    """It is interrupted as by Ctrl-C, leaves no process, and ends by that signal, which whoever sent it looks for."""
    feeds = yaml.safe_load(slow_site.feeds_yaml())["feeds"]
    url = engine.url.render_as_string(hide_password=False)
    nights = Nights(home=tmp_path / "home", database_url=url, allow=slow_site.address, feeds=feeds)
    command = Command("run", *options, cwd=tmp_path, environment=nights.environment())
    assert slow_site.asked.wait(PATIENCE_S)
    os.kill(command.process.pid, how)
    ended = command.end()
    assert (ended.code, ended.err.splitlines()[-1]) == (-how, "Interrupted."), ended.err
    assert "bug" not in ended.err
    assert command.survivors() == []
    assert [run["status"] for run in rows(engine, "runs")] == ["interrupted"]


_WAIT = """
import signal, sys
sys.path.insert(0, {root!r})
signal.signal(signal.SIGINT, signal.SIG_IGN)
{before}
from flows.workers.interrupts import end_as_told, heed_endings
heed_endings()
try:
    print("ready", flush=True)
    sys.stdin.read()
except KeyboardInterrupt:
    print("interrupted", flush=True)
    end_as_told()
print("went on", flush=True)
"""


@pytest.mark.parametrize(
    ("before", "answer", "code"),
    [
        pytest.param("", "interrupted\n", -signal.SIGHUP, id="in the background"),
        pytest.param("signal.signal(signal.SIGHUP, signal.SIG_IGN)", "went on\n", 0, id="under nohup"),
    ],
)
def test_what_a_shell_asked_for_holds(before: str, answer: str, code: int) -> None:
    """Where Ctrl-C is ignored the others are heeded all the same, and what nohup ignores is ignored."""
    program = _WAIT.format(root=str(ROOT), before=before)
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGHUP)
        out, _ = process.communicate(timeout=PATIENCE_S)
    assert (out, process.returncode) == (answer, code)


_LEAVE = """
import atexit, os, signal, sys
sys.path.insert(0, {root!r})
from flows.workers.interrupts import end_at_once, heed_endings
heed_endings()
try:
    {first}
except KeyboardInterrupt:
    pass
end_at_once(3)
atexit.register(lambda: os.kill(os.getpid(), signal.{second}))
"""


@pytest.mark.parametrize("second", ["SIGTERM", "SIGHUP", "SIGINT"])
@pytest.mark.parametrize(
    ("first", "code"), [("os.kill(os.getpid(), signal.SIGTERM)", -signal.SIGTERM), ("pass", 3)], ids=["told", "done"]
)
def test_a_second_signal_ends_a_command_that_is_ending(first: str, code: int, second: str) -> None:
    """At once, without a traceback, and as it would have ended anyway."""
    program = _LEAVE.format(root=str(ROOT), first=first, second=second)
    command = [sys.executable, "-c", program]
    ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=PATIENCE_S)
    assert (ended.returncode, ended.stderr) == (code, "")
