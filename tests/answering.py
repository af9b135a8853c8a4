"""The server of the pages in a thread of a test's own process, on a socket that the test holds."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flows.server.own_origin import App
from flows.web.server import server_of


@contextmanager
def answering(app: App, sock: socket.socket) -> Iterator[None]:
    """Have an application answer as long as the context lasts."""
    sock.listen()  # whoever asks before the thread is at work waits for it
    server = server_of(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]})
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
