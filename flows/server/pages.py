"""The archive's pages beside `serve`: a process of their own, whose trouble is no night's."""

import os
import subprocess
import sys

from config.settings import Settings
from flows.server.process import LOOPBACK
from flows.server.server import STOP_S, port_at


class Pages:
    """A process that serves the archive's pages on a port of loopback: that of the settings, else any that is free."""

    def __init__(self, settings: Settings) -> None:
        """Start it."""
        self._port = port_at(settings.web.port) or port_at(0)
        self.url = f"http://{LOOPBACK}:{self._port}"
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
        """End the process, by force where it takes its time: it only reads."""
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _started(self) -> subprocess.Popen[bytes]:
        # By its name: pages stand above the commands, and what they cost is their own process's.
        command = [sys.executable, "-m", "flows.web.process", str(self._port), f"--parent={os.getpid()}"]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603
