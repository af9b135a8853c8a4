"""The `mcp` command: the archive for assistants."""

import sys
from pathlib import Path

import click
from msgspec.structs import replace

from config.settings import load_settings
from flows.cli.archive import existing_engine
from flows.cli.output.terminal import is_terminal, say
from models.errors import ConfigError


@click.command()
@click.option("--home", type=click.Path(path_type=Path), help="Another data folder: of the demo, of a colleague.")
def mcp(*, home: Path | None) -> None:
    """Let an assistant read the archive: the Model Context Protocol over stdin and stdout.

    An assistant starts this itself, from a line of its configuration. Its tools search, show a story, count, list
    corrections and what is new; none of them writes.

    \b
    climate-archive mcp --home demo-data
    """  # noqa: D301 (\b is click's mark, not Python's)
    _require_mcp()
    settings = load_settings()
    if home is not None:
        settings = replace(settings, home=home.expanduser(), database_url=None)
    with existing_engine(settings) as engine:
        from flows.assistant.server import serve_tools
        from flows.assistant.tools import ToolContext

        if is_terminal(sys.stdin):
            say("This waits for an assistant, which starts it by itself: docs/reading.md says how. Ctrl-C ends it.")
        serve_tools(ToolContext(settings=settings, engine=engine))


def _require_mcp() -> None:
    """Raise ConfigError where the extra is not installed."""
    try:
        import mcp.server.lowlevel  # noqa: F401
    except ImportError as error:
        raise ConfigError(
            'Assistants need the package mcp: install the extra with `pip install "climate-archive[mcp]"`.'
        ) from error
