"""Serve the pages: a socket on this machine, and uvicorn on it."""

import socket
from collections.abc import Iterable
from datetime import UTC, datetime

import uvicorn
from sqlalchemy import Engine

from config.settings import Settings
from flows.cli.archive import raw_store
from flows.server.own_origin import App
from flows.web.app import make_app
from flows.web.reading import ReadingRoom
from flows.web.safety import authority, names_of
from models.errors import ConfigError


def bound(host: str, port: int) -> socket.socket:
    """Take an address to serve at. Raise ConfigError where it cannot be had."""
    kind = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named, as asyncio sends without delay on a socket of TCP alone: else each answer to a browser waits for 40 ms.
    taken = socket.socket(kind, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
    except OSError as error:
        taken.close()
        raise ConfigError(f"{authority(host, port)} cannot be served: {error.strerror or error}.") from None
    return taken


def url_of(sock: socket.socket) -> str:
    """Return the address at which a browser finds a socket."""
    host, port = sock.getsockname()[:2]
    return f"http://{authority({'0.0.0.0': '127.0.0.1', '::': '::1'}.get(host, host), port)}"  # noqa: S104


def application(settings: Settings, engine: Engine, sock: socket.socket, names: Iterable[str]) -> App:
    """Return the pages of an archive, answering under the socket's names and those that are given."""
    room = ReadingRoom(settings=settings, engine=engine, raw=raw_store(settings), clock=lambda: datetime.now(UTC))
    host, port = sock.getsockname()[:2]
    return make_app(room, names_of(host, port, names))


def serve_pages(app: App, sock: socket.socket) -> None:
    """Answer until SIGTERM or Ctrl-C."""
    server_of(app).run(sockets=[sock])


def server_of(app: App) -> uvicorn.Server:
    """Return the server of an application, which bounds what one asker costs."""
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,  # who read what is nobody's business
        server_header=False,
        timeout_graceful_shutdown=3,
        limit_concurrency=64,
        h11_max_incomplete_event_size=16_384,
    )
    return uvicorn.Server(config)
