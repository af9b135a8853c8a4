"""The `web` command: the archive in a browser."""

from pathlib import Path

import click
from msgspec.structs import replace

from config.settings import load_settings
from flows.cli.archive import existing_engine


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to serve at.")
@click.option("--port", type=click.IntRange(0, 65535), help="The port; 0 takes any that is free.  [default: 4280]")
@click.option("--home", type=click.Path(path_type=Path), help="Another data folder: of the demo, of a colleague.")
def web(*, host: str, port: int | None, home: Path | None) -> None:
    """Show the archive in a browser: search, stories with their versions and reasons, runs, what needs a person.

    It answers under --host and this machine's own names; CLIMATE_ARCHIVE_WEB__NAMES has others, such as a proxy's. It
    only reads, but where CLIMATE_ARCHIVE_WEB__TOKEN is set: who knows that token may sign in and work by hand.

    \b
    climate-archive web
    climate-archive web --home demo-data
    """  # noqa: D301 (\b is click's mark, not Python's)
    settings = load_settings()
    if home is not None:
        settings = replace(settings, home=home.expanduser().absolute(), database_url=None)
    with existing_engine(settings) as engine:
        from flows.web.safety import authority
        from flows.web.server import application, bound, serve_pages, url_of  # FastAPI

        sock = bound(host, settings.web.port if port is None else port)
        click.echo(f"The archive is at {url_of(sock)}. Ctrl-C ends it.")
        if settings.web.token is not None:
            click.echo(f"Who knows the token of the settings may work by hand: {url_of(sock)}/hand.")
        names = (authority(host, sock.getsockname()[1]), *settings.web.names)
        serve_pages(application(settings, engine, sock, names), sock)
