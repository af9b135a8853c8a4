"""The pages as a process of `serve`: `python -m flows.web.process PORT --parent PID`, which ends with that process."""

import argparse

from config.settings import load_settings
from flows.cli.archive import existing_engine
from flows.web.server import application, bound, serve_pages
from flows.workers.parent import exit_in_order, exit_with_parent


def main() -> None:
    """Serve the archive of the settings until told to end, or until the parent is gone."""
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--parent", type=int, required=True)
    told = parser.parse_args()
    exit_with_parent(exit_in_order, told.parent)
    settings = load_settings()
    with existing_engine(settings) as engine:
        sock = bound("127.0.0.1", told.port)
        serve_pages(application(settings, engine, sock, settings.web.names), sock)


if __name__ == "__main__":
    main()
