"""End a flow run's process when the process that started it is gone; it would keep the next run waiting."""

import os
import threading
import time
from typing import Final

PARENT_POLL_S: Final = 1.0
EXIT_ORPHANED: Final = 70


def exit_with_parent() -> None:
    """Exit this process within a second after its parent; the archive recovers from that as from any crash.

    The kernel gives an orphan another parent, on Linux and on macOS alike; a thread looks for that.
    """
    threading.Thread(target=_watch, args=(os.getppid(),), name="parent-watch", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_POLL_S)
    os._exit(EXIT_ORPHANED)
