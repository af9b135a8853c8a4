"""Reading a body within its cap: what is kept never exceeds it, however small the compressed form was.

aiohttp's own decompression is off: here a bomb is met after the cap's worth of bytes, a declaration that lies about the
encoding is seen through, and a body that breaks off keeps what came.
"""

import asyncio
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp

from models.errors import BadResponse, TooLarge

if TYPE_CHECKING:
    from zlib import _Decompress

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP, _ZLIB, _RAW_DEFLATE = 31, 15, -15  # zlib's window arguments
_NOT_ASKED_FOR = frozenset({"br", "zstd", "compress", "dcb", "dcz"})
_STARTS_OF_TEXT = (
    b"<{[ \t\r\n\xef\xfe\xff"  # of XML, JSON and byte order marks; none starts a deflate stream in practice
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A decoded body, and whether it ended as its framing and its encoding promised."""

    content: bytes
    is_complete: bool


async def read_body(response: aiohttp.ClientResponse, max_bytes: int) -> Body:
    """Read and decode the body of a response that is not yet read.

    Raises TooLarge over the cap (declared or decoded), BadResponse for an encoding that is unknown or broken.
    """
    if (response.content_length or 0) > max_bytes:
        raise TooLarge(f"{response.content_length} bytes are declared, at most {max_bytes} are read")
    decoder = Decoder(_declared_encoding(response), max_bytes)
    is_framed = await _feed(response, decoder)
    content = decoder.finish()
    return Body(content=content, is_complete=is_framed and decoder.has_ended)


class Decoder:
    """Undo gzip or deflate piece by piece, up to max_bytes of output."""

    def __init__(self, encoding: str, max_bytes: int) -> None:
        self._encoding = encoding
        self._max_bytes = max_bytes
        self._size = 0
        self._parts: list[bytes] = []
        self._start: bytes | None = b""  # held back until its first two bytes show the true encoding
        self._inflate: _Decompress | None = None

    @property
    def has_ended(self) -> bool:
        """Tell whether the compressed stream reached its end mark; plain bytes have none to miss."""
        return self._inflate is None or self._inflate.eof

    def feed(self, piece: bytes) -> None:
        """Take the next bytes as they came; raise TooLarge or BadResponse."""
        if self._start is not None:
            piece = self._start + piece
            self._start = piece if len(piece) < len(_GZIP_MAGIC) else None
            if self._start is not None:
                return
            self._inflate = _inflater(piece, self._encoding)
        if self._inflate is None:
            self._keep(piece)
        else:
            self._expand(self._inflate, piece)

    def finish(self) -> bytes:
        """Return all that was decoded."""
        if self._start:
            self._keep(self._start)
        return b"".join(self._parts)

    def _expand(self, inflate: "_Decompress", data: bytes) -> None:
        while data:
            if inflate.eof:
                if not data.startswith(_GZIP_MAGIC):
                    return  # padding after the end is common and means nothing
                inflate = self._inflate = zlib.decompressobj(_GZIP)
            try:
                self._keep(inflate.decompress(data, self._max_bytes - self._size + 1))
            except zlib.error as error:
                raise BadResponse("the compressed body is damaged") from error
            data = inflate.unused_data if inflate.eof else inflate.unconsumed_tail

    def _keep(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > self._max_bytes:
            raise TooLarge(f"the body is longer than {self._max_bytes} bytes")
        self._parts.append(piece)


def _inflater(start: bytes, encoding: str) -> "_Decompress | None":
    if start.startswith(_GZIP_MAGIC):  # declared or not: no feed and no page starts like this
        return zlib.decompressobj(_GZIP)
    if encoding != "deflate" or start[0] in _STARTS_OF_TEXT:
        return None
    is_zlib = start[0] & 0x0F == 8 and int.from_bytes(start[:2], "big") % 31 == 0
    return zlib.decompressobj(_ZLIB if is_zlib else _RAW_DEFLATE)


def _declared_encoding(response: aiohttp.ClientResponse) -> str:
    declared = {part.strip().lower() for part in response.headers.get("Content-Encoding", "").split(",")}
    if unasked := declared & _NOT_ASKED_FOR:
        raise BadResponse(f"the body is encoded as {min(unasked)}, which was not asked for")
    return "deflate" if "deflate" in declared else ""


async def _feed(response: aiohttp.ClientResponse, decoder: Decoder) -> bool:
    """Pass the body to the decoder; tell whether it came to the end that its framing declared."""
    content = response.content
    closed = _watch_for_close(response)
    try:
        while content.is_eof() or closed is None or not closed.done():
            piece = await content.readany()
            if not piece:
                return True
            decoder.feed(piece)
    except aiohttp.ClientPayloadError:
        pass  # cut off: what came before is below
    content.set_exception(None)  # type: ignore[arg-type]  # the reader hides what it holds once it has an exception
    decoder.feed(content.read_nowait())
    return False


def _watch_for_close(response: aiohttp.ClientResponse) -> "asyncio.Future[None] | None":
    """Wake the reader when the connection ends: after a malformed chunk aiohttp closes it and lets the reader wait."""
    protocol = response.connection.protocol if response.connection is not None else None
    closed = protocol.closed if protocol is not None else None

    def wake(future: "asyncio.Future[None]") -> None:
        is_settled = response.content.is_eof() or response.content.exception() is not None
        if not future.cancelled():
            future.exception()  # seen: the payload tells the reader
        if not is_settled:
            response.content.set_exception(aiohttp.ClientPayloadError("the connection ended inside the body"))

    if closed is not None:
        closed.add_done_callback(wake)
    return closed
