"""The socket that the pages are served on."""

import asyncio
import socket

from flows.web.server import bound


async def test_answers_go_out_at_once() -> None:
    """No answer waits for the browser to confirm the piece before it, which takes 40 ms a page."""
    told: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def take(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken = writer.get_extra_info("socket")
        told.set_result(taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    sock = bound("127.0.0.1", 0)
    async with await asyncio.start_server(take, sock=sock):
        _, writer = await asyncio.open_connection(*sock.getsockname())
        assert await told
        writer.close()
