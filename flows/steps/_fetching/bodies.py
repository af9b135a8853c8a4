"""Reading a body within its cap: what is kept never exceeds it, however small the compressed form was.

aiohttp's own decompression is off: here a bomb is met after the cap's worth of bytes, a declaration that lies about the
encoding is seen through, and a body that breaks off keeps what came.
"""

import asyncio

from msgspec import Struct

from flows.steps._fetching.http_client import aiohttp
from flows.steps._unpacking import Decoder, declared_encoding
from models.errors import TooLarge


class Body(Struct, frozen=True, kw_only=True):
    """A decoded body, and whether it ended as its framing and its encoding promised."""

    content: bytes
    is_complete: bool


async def read_body(response: aiohttp.ClientResponse, max_bytes: int) -> Body:
    """Read and decode the body of a response that is not yet read.

    Raises TooLarge over the cap (declared or decoded), BadResponse for an encoding that is unknown or broken.
    """
    if (response.content_length or 0) > max_bytes:
        raise TooLarge(f"{response.content_length} bytes are declared, at most {max_bytes} are read")
    decoder = Decoder(declared_encoding(response.headers.get("Content-Encoding", "")), max_bytes)
    is_framed = await _feed(response, decoder)
    content = decoder.finish()
    return Body(content=content, is_complete=is_framed and decoder.has_ended)


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
