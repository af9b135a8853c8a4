"""Serves the demo site on loopback: a real HTTP server that shows one night at a time."""

import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import socket
from threading import Thread
from typing import Self
from urllib.parse import urlsplit

import yaml
from msgspec import Struct

from flows.demo.answers import SiteAnswer, render_site
from flows.demo.content import DemoOutlet, load_content
from flows.demo.edition import Edition

_HOST = "127.0.0.1"
_FIRST_EVENING = datetime(2026, 11, 19, 21, 0, tzinfo=UTC)  # when night 1 begins in the world of the site
_IDLE_S = 5.0  # a connection on which nothing is asked ends, so that the server can
_POLL_S = 0.02  # how soon the server notices that it shall stop
_MISSING = SiteAnswer(status=404, body=b"<!DOCTYPE html><title>Not found</title><p>No such page here.</p>")


class Hit(Struct, frozen=True):
    """One request that the site has answered."""

    path: str  # with its query
    status: int


class DemoSite:
    """The site, up between `with` and its end. Nights after the second are like it: nothing changes any more."""

    def __init__(self, port: int = 0) -> None:
        """Take a port of 127.0.0.1, 0 for any free one; nothing answers before `with`. OSError if the port is taken."""
        self.requests: list[Hit] = []
        self._content = load_content()
        self._night = 1
        self._server = _Server((_HOST, port), self)
        self._answers = render_site(self._edition)
        self._thread = Thread(target=self._server.serve_forever, args=(_POLL_S,), name="demo-site")

    def __enter__(self) -> Self:
        """Answer from now on."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop answering; return once every connection is closed."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def address(self) -> str:
        """Return host:port, as an allow list of private addresses wants it."""
        return f"{_HOST}:{self._server.server_port}"

    @property
    def base_url(self) -> str:
        """Return the URL of the site without a final slash."""
        return f"http://{self.address}"

    @property
    def night(self) -> int:
        """Return the night that the site shows, from 1."""
        return self._night

    @night.setter
    def night(self, night: int) -> None:
        self._night = night
        self._answers = render_site(self._edition)

    def feeds_yaml(self) -> str:
        """Write the feeds.yaml that points at this site."""
        blocks = [_feed_block(outlet, self.base_url) for outlet in self._content.outlets]
        return yaml.safe_dump({"feeds": blocks}, allow_unicode=True, sort_keys=False)

    def answer(self, path: str, if_none_match: str | None, if_modified_since: str | None) -> SiteAnswer:
        """Answer one request, and note it."""
        found = self._answers.get(urlsplit(path).path, _MISSING)
        if found.is_known_by(if_none_match, if_modified_since):
            found = found.as_not_modified()
        self.requests.append(Hit(path, found.status))
        return found

    @property
    def clock(self) -> datetime:
        """Return the time that it is in the world of the site."""
        return _FIRST_EVENING + timedelta(days=self._night - 1)

    @property
    def _edition(self) -> Edition:
        return Edition(self._content, self.base_url, self._night)


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # closing the server waits for its handlers: no socket outlives it

    def __init__(self, address: tuple[str, int], site: DemoSite) -> None:
        super().__init__(address, _Handler)
        self.site = site

    def handle_error(self, request: socket | tuple[bytes, socket], client_address: object) -> None:
        """Print what went wrong, unless it is a client that went away."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version = "DemoNewsstand"
    sys_version = ""
    timeout = _IDLE_S

    def do_GET(self) -> None:
        answer = self.server.site.answer(self.path, self.headers["If-None-Match"], self.headers["If-Modified-Since"])
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        # A connection kept open would hold its thread until it idles out.
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer.body)

    def date_time_string(self, timestamp: float | None = None) -> str:  # noqa: ARG002  http.server's signature
        return format_datetime(self.server.site.clock, usegmt=True)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is http.server's
        """Say nothing: the site keeps its own list of requests."""


def _feed_block(outlet: DemoOutlet, base_url: str) -> dict[str, object]:
    feed = outlet.feed
    return {
        "id": outlet.id,
        "name": outlet.name,
        "url": base_url + (feed.listed_path or feed.path),
        "language": outlet.language,
        "country": outlet.country,
        "relevance": feed.relevance,
        "full_text": not feed.is_full,
    }
