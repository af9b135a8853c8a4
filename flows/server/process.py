"""Prefect's server as its own process: python -m flows.server.process PORT. It ends with its parent."""

import os
import signal
import sys
import threading
from typing import Final

GRACE_S: Final = 2  # for requests that are being answered when the server ends


def main() -> None:
    """Serve Prefect's API and UI on loopback until standard input closes, or until told to end."""
    import uvicorn

    threading.Thread(target=_end_with_parent, daemon=True).start()
    uvicorn.run(
        "prefect.server.api.server:create_app",
        factory=True,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        log_level="error",
        timeout_graceful_shutdown=GRACE_S,
    )


def _end_with_parent() -> None:
    """Wait for the parent's end of the pipe to close, which the kernel sees to however the parent ends."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
