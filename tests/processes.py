"""The command in a process group of its own, which can be killed whole; and what is left of it then."""

import atexit
import functools
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Event

from msgspec import Struct

import flows
from config.settings import PREFIX

ROOT = Path(flows.__file__).parents[1]
PATIENCE_S = 120.0
HANG = "__import__('re').match(r'(a+)+$', 'a' * 60 + 'b')"  # Python code that hangs within C, for ever
OF_A_FEED = re.compile(r"[a-z0-9-]+: (ok|failed|gone|skipped|unchanged)|pages: ")  # a line of what a run says
_PROC = Path("/proc")
_NO_CACHE = "PYTHONDONTWRITEBYTECODE"


def end_at_once(code: int) -> None:
    """End the process that calls it: what a worker can be told, also where coverage has its own os._exit."""
    os._exit(code)


class Ended(Struct, frozen=True):
    """A command that has ended."""

    code: int
    out: str
    err: str


class Command:
    """`python -m flows ARGUMENTS`, started; the leader of its process group."""

    def __init__(self, *arguments: str, cwd: Path, environment: Mapping[str, str], wrapper: Sequence[str] = ()) -> None:
        self.process = subprocess.Popen(
            [*wrapper, sys.executable, "-m", "flows", *arguments],
            env=outer_environment() | {"PYTHONPATH": str(ROOT)} | dict(environment),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def end(self) -> Ended:
        """Wait for its end."""
        out, err = self.process.communicate(timeout=PATIENCE_S)
        return Ended(self.process.returncode, out, err)

    def lives_for(self, seconds: float) -> bool:
        """Wait this long for its end; tell whether it did not come."""
        try:
            self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            return True
        return False

    def kill(self, *, whole_tree: bool = True) -> Ended:
        """End it at once, with all that it started or alone, as the kernel does when memory is short."""
        if whole_tree:
            self._signal_group(signal.SIGKILL)
        else:
            self.process.kill()
        return self.end()

    def members(self) -> dict[int, str]:
        """Return the living members of its process group: number and command line."""
        return _group(self.process.pid)

    def survivors(self, within_s: float = PATIENCE_S) -> list[str]:
        """Wait until nothing of its process group lives; return the command lines of what lives on."""
        until = time.monotonic() + within_s
        while (left := self.members()) and time.monotonic() < until:
            Event().wait(0.05)  # nobody's children any more: nothing tells of their end
        self._signal_group(signal.SIGKILL)
        return list(left.values())

    def _signal_group(self, number: signal.Signals) -> None:
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return


def run(*arguments: str, cwd: Path, environment: Mapping[str, str]) -> Ended:
    """Run a command to its end."""
    command = Command(*arguments, cwd=cwd, environment=environment)
    try:
        return command.end()
    finally:
        command.kill()


def outer_environment() -> dict[str, str]:
    """Return the shell's environment; what it says of archives and of Prefect is no matter of the tests."""
    outer = {name: value for name, value in os.environ.items() if not name.startswith((PREFIX, "PREFECT_"))}
    if outer.pop(_NO_CACHE, None):
        outer["PYTHONPYCACHEPREFIX"] = _compiled_modules()
    return outer


@functools.cache
def _compiled_modules() -> str:
    """Return a folder for compiled modules: else each start would compile all, where none may be kept."""
    folder = tempfile.mkdtemp(prefix="climate-archive-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _group(group_id: int) -> dict[int, str]:
    if not _PROC.is_dir():
        return _unnamed_group(group_id)
    found = {}
    for path in _PROC.glob("[0-9]*"):
        try:
            state, _parent, group = (path / "stat").read_text().rpartition(")")[2].split()[:3]
            if int(group) == group_id and state != "Z":
                found[int(path.name)] = (path / "cmdline").read_text().replace("\0", " ")
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def _unnamed_group(group_id: int) -> dict[int, str]:
    try:
        os.killpg(group_id, 0)
    except ProcessLookupError:
        return {}
    return {group_id: "somebody of this group"}
