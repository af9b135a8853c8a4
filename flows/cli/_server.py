"""Prefect's server beside `serve`: started, watched, ended, and its address written down for `run`. No Prefect here."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from config.settings import Settings
from models.errors import StorageError

PORT: Final = 4200  # Prefect's own
PORT_SETTING: Final = "PREFECT_SERVER_API_PORT"
START_S: Final = 120.0  # the first start makes the database
STOP_S: Final = 4.0
_ASK_S: Final = 2.0
_LOOK_AGAIN_S: Final = 0.1
_LOOPBACK: Final = "127.0.0.1"


class Server:
    """A server process on a port of loopback."""

    def __init__(self, port: int) -> None:
        self.url = f"http://{_LOOPBACK}:{port}"
        self.api_url = f"{self.url}/api"
        self._port = port
        self._process = self._started()

    @property
    def is_running(self) -> bool:
        """Tell whether the process is there."""
        return self._process.poll() is None

    def wait_until_ready(self) -> None:
        """Wait for the first answer. Raise StorageError where the server ended before it, or gave none."""
        give_up_at = time.monotonic() + START_S
        while not answers(self.api_url):
            if not self.is_running or time.monotonic() > give_up_at:
                raise StorageError(f"Prefect's server did not start on {self.url}: its messages are above.")
            time.sleep(_LOOK_AGAIN_S)

    def restart(self) -> None:
        """Start the process again on the same port, after its own end."""
        self._close()
        self._process = self._started()

    def stop(self) -> None:
        """End the process, by force where it takes its time."""
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._close()

    def _started(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "flows.cli._server_process", str(self._port)]
        environment = os.environ | {PORT_SETTING: str(self._port)}  # the UI asks the API at this port
        # A session of its own: Ctrl-C is for `serve`, which ends the runs first.
        return subprocess.Popen(command, stdin=subprocess.PIPE, env=environment, start_new_session=True)  # noqa: S603

    def _close(self) -> None:
        self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()


@contextmanager
def announced(settings: Settings, server: Server) -> Iterator[None]:
    """Write the server's address for other commands, for as long as the context lasts."""
    path = address_file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(json.dumps({"api_url": server.api_url, "ui_url": server.url, "process": os.getpid()}))
    unfinished.replace(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def live_address(settings: Settings) -> str | None:
    """Return the API's address that `serve` wrote, if a server answers there."""
    try:
        written = json.loads(address_file(settings).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    address = written.get("api_url") if isinstance(written, dict) else None
    return address if isinstance(address, str) and answers(address) else None


def address_file(settings: Settings) -> Path:
    """Return where the address stands."""
    return settings.home / "prefect-api.json"


def answers(api_url: str) -> bool:
    """Tell whether Prefect's API answers at an address."""
    opener = build_opener(ProxyHandler({}))  # a proxy is for the web, not for loopback
    with contextlib.suppress(URLError, OSError, ValueError), opener.open(f"{api_url}/health", timeout=_ASK_S) as answer:
        return bool(answer.status == 200)
    return False


def free_port() -> int:
    """Return the port asked for, else Prefect's own if it is free, else any that is."""
    asked = os.environ.get(PORT_SETTING, "")
    if asked.isdecimal():
        return int(asked)
    return _bound(PORT) or _bound(0) or PORT


def _bound(port: int) -> int | None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_LOOPBACK, port))
        except OSError:
            return None
        number: int = probe.getsockname()[1]
        return number
