"""End a process when the process that started it is gone: a flow run that keeps the next one waiting, a server."""

import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Final

PARENT_POLL_S: Final = 1.0
EXIT_ORPHANED: Final = 70


def exit_at_once() -> None:
    """End this process without any cleaning up; the archive recovers from that as from any crash."""
    os._exit(EXIT_ORPHANED)


def exit_in_order() -> None:
    """End this process as if it had been told to from outside."""
    os.kill(os.getpid(), signal.SIGTERM)


def exit_with_parent(end: Callable[[], None] = exit_at_once, parent: int | None = None) -> None:
    """End this process within a second after its parent: the one given, or the one it has now.

    The kernel gives an orphan another parent, on Linux and on macOS alike; a thread looks for that.
    """
    threading.Thread(target=_watch, args=(parent or os.getppid(), end), name="parent-watch", daemon=True).start()


def _watch(parent: int, end: Callable[[], None]) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_POLL_S)
    end()
