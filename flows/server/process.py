"""Prefect's server as its own process, which answers to its own names and pages alone.

`python -m flows.server.process PORT` serves loopback; with `--parent PID` it ends with that process, which started it.
With `--bind ADDRESS --names A:1,B:2`, in a container, it serves that address under those names.
"""

import argparse
from typing import Final

from flows.server.child import LOOPBACK
from flows.workers.parent import exit_in_order, exit_with_parent

GRACE_S: Final = 2  # for requests that are being answered when the server ends


def main() -> None:
    """Serve Prefect's API and UI until told to end, or until the parent is gone."""
    told = _arguments()
    if told.parent:
        exit_with_parent(exit_in_order, told.parent)
    import uvicorn
    from prefect.server.api.server import create_app

    from flows.server.own_origin import OwnOrigin

    uvicorn.run(
        OwnOrigin(create_app(), told.names.split(",") if told.names else own_names(told.port)),
        host=told.bind or LOOPBACK,
        port=told.port,
        log_level="error",
        timeout_graceful_shutdown=GRACE_S,
    )


def own_names(port: int) -> tuple[str, ...]:
    """Return the names of a server on loopback."""
    return tuple(f"{host}:{port}" for host in (LOOPBACK, "localhost", "[::1]"))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--parent", type=int, help="end with this process")
    parser.add_argument("--bind")
    parser.add_argument("--names", help="HOST:PORT, with commas between")
    return parser.parse_args()


if __name__ == "__main__":
    main()
