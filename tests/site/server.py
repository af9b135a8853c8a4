"""A news site on loopback that can misbehave to the byte: every path has a handler that owns the socket.

It plays nights (set `night`), counts the visits to a path in a night, and logs every request with its moment, by which
politeness is judged.
"""

import asyncio
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Self

from msgspec import Struct

Headers = Mapping[str, str]
SELF_SIGNED = Path(__file__).with_name("self_signed.pem")  # key and certificate; nobody trusts it unless told to
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER: on, 0 seconds


class Seen(Struct, frozen=True, kw_only=True):
    """One request as the site saw it."""

    path: str
    night: int
    visit: int  # of this path in this night, from 1
    at: float  # seconds on the loop's clock
    headers: Headers  # names in lower case


class Conversation(Struct, kw_only=True):
    """One request in the hands of its handler."""

    site: "Site"
    seen: Seen
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, status: int = 200, body: bytes = b"", headers: Headers | None = None) -> None:
        """Answer as a correct server does; an own Content-Length in headers wins."""
        fields = {"Content-Length": str(len(body))} | dict(headers or {})
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        await self.send_raw(f"HTTP/1.1 {status} Status\r\n{lines}\r\n".encode("latin-1") + body)

    async def send_raw(self, data: bytes) -> None:
        """Write bytes as they are; a client that has left is no trouble."""
        try:
            self.writer.write(data)
            await self.writer.drain()
        except ConnectionError:
            self.writer.close()

    def close(self) -> None:
        """End the connection in good order."""
        self.writer.close()

    def reset(self) -> None:
        """End the connection with a reset, losing what is under way."""
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self.writer.transport.abort()

    async def hang(self) -> None:
        """Say nothing more until the client leaves or the site closes."""
        ends = [asyncio.ensure_future(self.reader.read(1)), asyncio.ensure_future(self.site.closing.wait())]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for end in ends:
            end.cancel()
        await asyncio.gather(*ends, return_exceptions=True)

    async def wait(self, seconds: float) -> None:
        """Let a moment pass, at most until the site closes."""
        try:
            async with asyncio.timeout(seconds):
                await self.site.closing.wait()
        except TimeoutError:
            return


Handler = Callable[[Conversation], Awaitable[None]]


def self_signed() -> ssl.SSLContext:
    """Make the server side of a TLS connection that no client trusts unless it is told to."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(SELF_SIGNED)
    return context


async def not_found(talk: Conversation) -> None:
    """Answer 404, as for every path that nobody serves."""
    await talk.send(404, b"nothing here")


class Site:
    """One server on one loopback address."""

    def __init__(self, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self.host = host
        self.tls = tls
        self.port = 0
        self.night = 1
        self.clock: Callable[[], datetime] = partial(datetime.now, UTC)
        self.canary_port = 0  # of the site on a private address that nobody may touch
        self.routes: dict[str, Handler] = {}
        self.log: list[Seen] = []
        self.connections = 0  # also those that never sent a request
        self.peak_in_flight = 0  # requests under way at once whose client was still there
        self.closing = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._in_flight: list[Conversation] = []
        self._talks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def address(self) -> str:
        """Name the site for an allow list, "127.0.0.1:8000"."""
        return f"{self.host}:{self.port}"

    def url(self, path: str = "/") -> str:
        """Return the absolute URL of a path."""
        return f"{'https' if self.tls else 'http'}://{self.address}{path}"

    def serve(self, path: str, handler: Handler) -> str:
        """Let a handler answer a path (query not counted); return its URL."""
        self.routes[path] = handler
        return self.url(path)

    def visits(self, path: str, night: int | None = None) -> list[Seen]:
        """List the requests for a path (query not counted), of one night or of all."""
        return [seen for seen in self.log if _route(seen.path) == path and night in {None, seen.night}]

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, self.host, 0, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self.closing.set()
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.gather(*self._talks)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        task = asyncio.get_running_loop().create_task(self._talk(reader, writer))
        self._talks.add(task)
        task.add_done_callback(self._talks.discard)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                await self._answer(head, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            return  # the client has left
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _answer(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = Conversation(site=self, seen=self._note(head), reader=reader, writer=writer)
        self._in_flight.append(talk)
        present = sum(not other.reader.at_eof() for other in self._in_flight)
        self.peak_in_flight = max(self.peak_in_flight, present)
        handler = self.routes.get(_route(talk.seen.path), not_found)
        try:
            await handler(talk)
        finally:
            self._in_flight.remove(talk)

    def _note(self, head: bytes) -> Seen:
        first, *lines = head.decode("latin-1").split("\r\n")
        path = first.split(" ")[1]
        fields = (line.partition(":") for line in lines if line)
        seen = Seen(
            path=path,
            night=self.night,
            visit=len(self.visits(_route(path), self.night)) + 1,
            at=asyncio.get_running_loop().time(),
            headers={name.lower(): value.strip() for name, _, value in fields},
        )
        self.log.append(seen)
        return seen


def _route(path: str) -> str:
    return path.partition("?")[0]
