"""A server that `serve` has beside it: a Python module as a process of its own on a port of loopback."""

import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Final

LOOPBACK: Final = "127.0.0.1"
STOP_S: Final = 3.0  # with the time of serve for its runs, far below the 15 s that are promised


class ChildServer:
    """A process that serves a port, may be started again on it, and ends with this one."""

    def __init__(self, module: str, port: int, environment: Mapping[str, str] | None = None) -> None:
        """Start `python -m module PORT --parent=PID`, with this environment beside our own."""
        self.url = f"http://{LOOPBACK}:{port}"
        self._command = [sys.executable, "-m", module, str(port), f"--parent={os.getpid()}"]
        self._environment = dict(environment or {})
        self._process = self._started()

    @property
    def is_running(self) -> bool:
        """Tell whether the process is there."""
        return self._process.poll() is None

    def restart(self) -> None:
        """Start the process again on the same port, after its own end."""
        self._process.wait()
        self._process = self._started()

    def stop(self) -> None:
        """End the process, by force where it takes its time."""
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _started(self) -> subprocess.Popen[bytes]:
        # A session of its own: Ctrl-C is for `serve`, which ends the runs first.
        return subprocess.Popen(  # noqa: S603 (this very interpreter)
            self._command,
            stdin=subprocess.DEVNULL,
            env=os.environ | self._environment,
            start_new_session=True,
        )
