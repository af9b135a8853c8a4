"""Prefect's server beside `serve`: started, watched, ended, and its address written down for `run`. No Prefect here."""

import atexit
import contextlib
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from config.settings import Settings
from flows.runs.locks import file_lock
from flows.server.child import LOOPBACK, ChildServer
from flows.server.process import own_names
from flows.server.secret import (
    CLIENT_SETTING,
    SERVER_SETTING,
    chosen_secret,
    kept_secret,
    new_secret,
)
from models.errors import LockHeld, StorageError
from models.storage.whole_file import replace_text

PORT: Final = 4200  # Prefect's own
PORT_SETTING: Final = "PREFECT_SERVER_API_PORT"
API_SETTING: Final = "PREFECT_API_URL"
START_S: Final = 120.0  # the first start makes the database
_ASK_S: Final = 2.0
_LOOK_AGAIN_S: Final = 0.1
# As Prefect starts a temporary one: without pages, schedules and the like.
_TEMPORARY: Final = {"PREFECT_UI_ENABLED": "0", "PREFECT__SERVER_EPHEMERAL": "1", "PREFECT__SERVER_FINAL": "1"}


class Server(ChildServer):
    """Prefect's server on a port of loopback, whose API wants to be shown the secret."""

    def __init__(self, port: int, secret: str, *, is_temporary: bool = False) -> None:
        more = _guarded(port, secret) | (_TEMPORARY if is_temporary else {})
        super().__init__("flows.server.process", port, more)
        self.secret = secret
        self.api_url = f"{self.url}/api"

    def wait_until_ready(self) -> None:
        """Wait for the first answer. Raise StorageError where the server ended before it, or gave none."""
        give_up_at = time.monotonic() + START_S
        while not answers(self.api_url):
            if not self.is_running or time.monotonic() > give_up_at:
                raise StorageError(f"Prefect's server did not start on {self.url}: its messages are above.")
            time.sleep(_LOOK_AGAIN_S)


def _guarded(port: int, secret: str) -> dict[str, str]:
    """Return by what Prefect's server knows its own pages and those who may ask its API."""
    return {
        PORT_SETTING: str(port),  # the UI asks the API at this port
        SERVER_SETTING: secret,
        "PREFECT_SERVER_CSRF_PROTECTION_ENABLED": "true",
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": ",".join(f"http://{name}" for name in own_names(port)),
    }


@contextmanager
def sole_server(settings: Settings) -> Iterator[None]:
    """Be this archive's only `serve` for as long as the context lasts. Raise LockHeld, naming the other."""
    give_up_at = time.monotonic() + _ASK_S
    with contextlib.ExitStack() as held:
        while True:
            try:
                held.enter_context(file_lock(_lock_file(settings), "serve", exclusive=True))
                break
            except LockHeld as error:  # or somebody looks, which takes a moment
                if time.monotonic() > give_up_at:
                    raise LockHeld(f"{error} {_where_it_is(settings)}".strip()) from None
                time.sleep(_LOOK_AGAIN_S)
        address_file(settings).unlink(missing_ok=True)  # a killed one's: anybody may be there by now
        yield


@contextmanager
def announced(settings: Settings, server: Server) -> Iterator[None]:
    """Write the server's address for other commands, for as long as the context lasts."""
    path = address_file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    said = {"api_url": server.api_url, "ui_url": server.url, "secret": server.secret, "process": os.getpid()}
    replace_text(path, json.dumps(said), owner_only=True)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def live_address(settings: Settings) -> str | None:
    """Return the API's address that `serve` wrote, if that is at work and its server answers there.

    What a killed one left behind is not believed: at that port may be anybody's server by now.
    """
    address = _announcement(settings).get("api_url")
    return address if isinstance(address, str) and _is_served(settings) and answers(address) else None


def use_server(api_url: str, secret: str) -> None:
    """Have Prefect, which is not imported yet, speak to a server in this process and those that it starts."""
    os.environ[API_SETTING] = api_url
    os.environ[CLIENT_SETTING] = secret


def announced_secret(settings: Settings) -> str:
    """Return the secret that `serve` wrote; empty where no whole word of it is there."""
    secret = _announcement(settings).get("secret")
    return secret if isinstance(secret, str) else ""


def secret_of_serve(settings: Settings) -> str:
    """Return the secret for this archive's `serve`: that of the environment, else its own, which stays."""
    return chosen_secret() or kept_secret(settings)


def _where_it_is(settings: Settings) -> str:
    url = _announcement(settings).get("ui_url")
    return f"Its pages are at {url}." if isinstance(url, str) else ""


def _announcement(settings: Settings) -> dict[str, object]:
    """Return what `serve` wrote of itself; nothing where no whole word of it is there."""
    try:
        written = json.loads(address_file(settings).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return written if isinstance(written, dict) else {}


def _is_served(settings: Settings) -> bool:
    try:
        with file_lock(_lock_file(settings), "a look for serve", exclusive=False):
            return False
    except LockHeld:
        return True


def _lock_file(settings: Settings) -> Path:
    return settings.home / "prefect-api.lock"


def address_file(settings: Settings) -> Path:
    """Return where the address stands."""
    return settings.home / "prefect-api.json"


def answers(api_url: str) -> bool:
    """Tell whether Prefect's API answers at an address."""
    opener = build_opener(ProxyHandler({}))  # a proxy is for the web, not for loopback
    with contextlib.suppress(URLError, OSError, ValueError), opener.open(f"{api_url}/health", timeout=_ASK_S) as answer:
        return bool(answer.status == 200)
    return False


def reachable_server() -> Callable[[], None]:
    """See that there is a server: that of PREFECT_API_URL, else a temporary one that ends with this process.

    What is returned waits until it is ready. Prefect is imported in the meantime, and not before: then the last of its
    log is sent at exit before the server is ended. Prefect's own temporary server would outlive a kill.
    """
    if os.environ.get(API_SETTING):
        return lambda: None
    server = Server(port_at(0) or PORT, new_secret(), is_temporary=True)
    atexit.register(server.stop)
    use_server(server.api_url, server.secret)
    return server.wait_until_ready


def free_port() -> int:
    """Return the port asked for, else Prefect's own if it is free, else any that is."""
    asked = os.environ.get(PORT_SETTING, "")
    if asked.isdecimal():
        return int(asked)
    return port_at(PORT) or port_at(0) or PORT


def port_at(port: int) -> int | None:
    """Return the port if it is free on loopback, of 0 any that is; None where it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return None
        number: int = probe.getsockname()[1]
        return number
