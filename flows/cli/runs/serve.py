"""The `serve` command: Prefect's server and the nightly schedule in one process tree."""

import asyncio
import os

import click

from config.settings import Settings, load_settings
from flows.runs.database import make_folder, ready_engine
from flows.server.pages import Pages
from flows.server.server import Server, announced, free_port, secret_of_serve, sole_server, use_server


@click.command(epilog="Example: climate-archive serve")
@click.option(
    "--every",
    "every_s",
    metavar="SECONDS",
    type=click.IntRange(min=1),
    help="Not nightly: to see the schedule at work.",
)
def serve(*, every_s: int | None) -> None:
    """Keep a Prefect server on this machine and start a night by its schedule, every night, until told to end.

    The archive's pages are shown beside it, as `climate-archive web` does.

    Nights can also be started by hand from its pages, and by `climate-archive run`, which then shows up there.
    """
    settings = load_settings()
    make_folder(settings.home)
    with ready_engine(settings):
        pass  # migrated, or refused, before anything else runs
    with sole_server(settings):
        _serve(settings, every_s)


def _serve(settings: Settings, every_s: int | None) -> None:
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "INFO")
    from flows.server.environment import prepare_prefect

    prepare_prefect(settings, is_server=True)
    server = Server(free_port(), secret_of_serve(settings))
    pages = Pages(settings)
    try:
        server.wait_until_ready()
        use_server(server.api_url, server.secret)
        from flows.server.serve import serve_schedule

        with announced(settings, server):
            asyncio.run(serve_schedule(settings, server, pages, every_s))
    finally:
        pages.stop()
        server.stop()
