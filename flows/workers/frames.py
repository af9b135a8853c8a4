"""Messages on a stream socket: a length of eight bytes, then as many bytes."""

import socket
import struct
from typing import Final

LENGTH: Final = struct.Struct("!Q")


def framed(body: bytes) -> bytes:
    """Return a message as it travels."""
    return LENGTH.pack(len(body)) + body


def receive(connection: socket.socket) -> bytes:
    """Wait for a message and return its body. Raise EOFError where the other side is gone."""
    (size,) = LENGTH.unpack(receive_bytes(connection, LENGTH.size))
    return receive_bytes(connection, size)


def receive_bytes(connection: socket.socket, size: int) -> bytes:
    """Wait for so many bytes. Raise EOFError where the other side is gone."""
    found = bytearray(size)
    view, have = memoryview(found), 0
    while have < size:
        count = connection.recv_into(view[have:])
        if not count:
            raise EOFError
        have += count
    return bytes(found)
