"""What a path of the site can do: factories of handlers, to be combined in tables."""

import gzip
import zlib

from tests.site.server import Conversation, Handler, Headers

FEED = b"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>The Tide</title><link>http://tide.example/</link><item><guid>tide-1</guid>
<title>Harbour town raises its sea wall</title><link>http://tide.example/wall</link>
<description>The council voted for another forty centimetres.</description></item></channel></rss>
"""
XML = {"Content-Type": "application/rss+xml; charset=utf-8"}
OK_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"


def answer(status: int = 200, body: bytes = FEED, headers: Headers | None = None) -> Handler:
    """Answer correctly, always the same."""

    async def handle(talk: Conversation) -> None:
        await talk.send(status, body, XML | dict(headers or {}))

    return handle


def in_turn(*handlers: Handler) -> Handler:
    """Let the first handler take a night's first visit, the second its second; the last takes all others."""

    async def handle(talk: Conversation) -> None:
        await handlers[min(talk.seen.visit, len(handlers)) - 1](talk)

    return handle


def on_nights(*handlers: Handler) -> Handler:
    """Let the first handler take the first night, the second the second; the last takes all others."""

    async def handle(talk: Conversation) -> None:
        await handlers[min(talk.seen.night, len(handlers)) - 1](talk)

    return handle


def redirect(status: int, location: str | None) -> Handler:
    """Point elsewhere; None leaves Location out."""
    return answer(status, b"", {} if location is None else {"Location": location})


def cached(body: bytes = FEED, **validators: str) -> Handler:
    """Answer 304 to whoever brings the validators back, else 200 with them; names as etag and last_modified."""
    sent = {name.replace("_", "-"): value for name, value in validators.items()}
    asked = {"etag": "if-none-match", "last-modified": "if-modified-since"}

    async def handle(talk: Conversation) -> None:
        is_known = all(talk.seen.headers.get(asked[name]) == value for name, value in sent.items())
        await talk.send(304 if is_known else 200, b"" if is_known else body, XML | sent)

    return handle


def raw(*pieces: bytes | float) -> Handler:
    """Write bytes as they are, wait where a number of seconds stands, then close."""

    async def handle(talk: Conversation) -> None:
        for piece in pieces:
            if isinstance(piece, bytes):
                await talk.send_raw(piece)
            else:
                await talk.wait(piece)
        talk.close()

    return handle


async def reset(talk: Conversation) -> None:
    """Reset the connection without a word."""
    talk.reset()


async def close(talk: Conversation) -> None:
    """Close the connection without a word."""
    talk.close()


def hang(after: bytes = b"") -> Handler:
    """Write some bytes, then nothing more."""

    async def handle(talk: Conversation) -> None:
        await talk.send_raw(after)
        await talk.hang()

    return handle


def drip(start: bytes, piece: bytes, every_s: float) -> Handler:
    """Write a start, then a piece every few moments for ever: silence never lasts long enough for a read time-out."""

    async def handle(talk: Conversation) -> None:
        await talk.send_raw(start)
        while not talk.site.closing.is_set() and not talk.writer.is_closing():
            await talk.send_raw(piece)
            await talk.wait(every_s)

    return handle


def framed(body: bytes, declared: int) -> bytes:
    """Return an answer whose Content-Length says something else than its body."""
    return OK_HEAD + b"Content-Length: %d\r\n\r\n" % declared + body


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    """Return a chunked answer; end takes the place of the last chunk."""
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return OK_HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + body + end


def encoded(body: bytes, encoding: str) -> Handler:
    """Answer correctly with this Content-Encoding; the body is taken as it is."""
    return answer(200, body, {"Content-Encoding": encoding})


def gzip_bomb(size_bytes: int) -> bytes:
    """Return a small gzip stream that unfolds to this many spaces."""
    press = zlib.compressobj(9, zlib.DEFLATED, 31)
    megabyte = b" " * 1_000_000
    parts = [press.compress(megabyte) for _ in range(size_bytes // len(megabyte))]
    return b"".join(parts) + press.flush()


def raw_deflate(body: bytes) -> bytes:
    """Compress as many servers misread "deflate": without zlib's header."""
    press = zlib.compressobj(9, zlib.DEFLATED, -15)
    return press.compress(body) + press.flush()


def damaged_gzip(body: bytes) -> bytes:
    """Return a gzip stream with some bytes in the middle overwritten."""
    stream = bytearray(gzip.compress(body))
    middle = len(stream) // 2
    stream[middle : middle + 8] = b"\xff" * 8
    return bytes(stream)
