"""A site of many feeds on many loopback hosts, in a process of its own: what it costs is nobody's bill.

Each feed has an ETag. Whether the site heeds it, and says 304 to whoever holds it, is told it while it runs.

Run as a module it serves until its standard input closes, that is until whoever started it is gone.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.request import urlopen

from msgspec import Struct
from msgspec.structs import asdict

from tests.benchmarks.costs import REPOSITORY
from tests.benchmarks.material import make_feed

_HEED, _IGNORE = "heed-etags", "ignore-etags"


class Offer(Struct, frozen=True, kw_only=True):
    """What a site is to serve."""

    feeds: int
    entries: int
    hosts: int
    latency_s: float = 0.0
    length: int | None = None  # of a story, in characters; by default summaries and whole texts


class Site(Struct, frozen=True, kw_only=True):
    """Where a running site is reached."""

    urls: tuple[str, ...]  # of the feeds, a host after the other
    empty_url: str  # of a feed without entries
    addresses: tuple[str, ...]  # host:port of each host
    per_host: int  # how many requests a host may have at once

    def heed_etags(self, *, heeded: bool) -> None:
        """Answer 304 from now on to whoever holds a feed's bytes, or send them again."""
        with urlopen(f"http://{self.addresses[0]}/{_HEED if heeded else _IGNORE}") as answer:
            answer.read()


@contextmanager
def served(offer: Offer) -> Iterator[Site]:
    """Serve an offer for as long as the context lasts."""
    command = [sys.executable, "-m", "tests.benchmarks.site", json.dumps(asdict(offer))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=REPOSITORY) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        addresses = tuple(json.loads(process.stdout.readline()))
        try:
            yield _site(offer, addresses)
        finally:
            process.stdin.close()


def _site(offer: Offer, addresses: tuple[str, ...]) -> Site:
    urls = tuple(f"http://{addresses[number % len(addresses)]}/{number}" for number in range(offer.feeds))
    # Where all hosts are ports of one address, politeness would take them for one.
    are_apart = len({address.partition(":")[0] for address in addresses}) == len(addresses)
    return Site(
        urls=urls,
        empty_url=f"http://{addresses[0]}/empty",
        addresses=addresses,
        per_host=2 if are_apart else 20,
    )


class _Answers:
    """What the site says to a request."""

    def __init__(self) -> None:
        self._feeds: dict[str, bytes] = {}
        self._heeds_etags = False

    def add(self, path: str, body: bytes) -> None:
        """Take in a feed."""
        head = f"Content-Type: application/rss+xml\r\nContent-Length: {len(body)}\r\nETag: {_etag(path)}\r\n\r\n"
        self._feeds[path] = b"HTTP/1.1 200 OK\r\n" + head.encode() + body

    def answer(self, head: bytes) -> bytes:
        """Answer a request by its head."""
        path = head.split(b" ", 2)[1].decode().lstrip("/")
        if path in (_HEED, _IGNORE):
            self._heeds_etags = path == _HEED
            return b"HTTP/1.1 204 No Content\r\n\r\n"
        if self._heeds_etags and f"if-none-match: {_etag(path)}".encode() in head.lower():
            return f"HTTP/1.1 304 Not Modified\r\nETag: {_etag(path)}\r\n\r\n".encode()
        return self._feeds[path]


def _etag(path: str) -> str:
    return f'"feed-{path}"'


class _Talk(asyncio.Protocol):
    """One connection: a GET after the other, each answered after the latency."""

    def __init__(self, answers: _Answers, latency_s: float) -> None:
        self._answers = answers
        self._latency_s = latency_s
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer when the head of a request is whole."""
        self._received += data
        head, end, rest = self._received.partition(b"\r\n\r\n")
        if end:
            self._received = rest
            answer = self._answers.answer(head)
            asyncio.get_running_loop().call_later(self._latency_s, self._transport.write, answer)


async def _serve(offer: Offer) -> None:
    answers = _Answers()
    loop = asyncio.get_running_loop()
    addresses = []
    for number in range(offer.hosts):
        server = await _listen(lambda: _Talk(answers, offer.latency_s), number)
        host, port = server.sockets[0].getsockname()
        addresses.append(f"{host}:{port}")
    site = _site(offer, tuple(addresses))
    for number, url in enumerate(site.urls):
        answers.add(str(number), make_feed(number, offer.entries, url, length=offer.length))
    answers.add("empty", make_feed(0, 0, site.empty_url))
    sys.stdout.write(f"{json.dumps(addresses)}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)


async def _listen(protocol: Callable[[], _Talk], number: int) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    try:
        return await loop.create_server(protocol, f"127.0.1.{number + 1}", 0)
    except OSError:  # macOS has one loopback address
        return await loop.create_server(protocol, "127.0.0.1", 0)


if __name__ == "__main__":
    asyncio.run(_serve(Offer(**json.loads(sys.argv[1]))))
