"""The `demo` command: the archive at work on a sample news site."""

import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import Final

import click

from config.settings import PREFIX, setting_names
from flows.demo.server import DemoSite
from models.errors import ConfigError

DEMO_NIGHTS: Final = 2
QUERY: Final = "mangroves storm surge"
_MARK: Final = "this-is-a-demo"  # a folder without it is somebody's archive and is not touched


@click.command(epilog="Example: climate-archive demo --home /tmp/demo")
@click.option("--home", type=click.Path(path_type=Path), default=Path("demo-data"), help="The demo's own data folder.")
@click.option("--direct", is_flag=True, help="Without Prefect: the same code in this process alone.")
def demo(*, home: Path, direct: bool) -> None:
    """Show the archive at work: a small news site on this machine, and two nights over it. No network is needed."""
    home = home.absolute()
    _make_empty(home)
    with DemoSite() as site:
        _use_only(_environment(home, site))
        for night in range(1, DEMO_NIGHTS + 1):
            site.night = night
            click.secho(f"\nNight {night} on {site.base_url}, a news site of this demo", bold=True)
            _call("run", *(["--direct"] if direct else []))
    _call("search", QUERY, "--limit", "3")
    _call("show", f"{site.base_url}/meridian/2026/11/port-merrow-mangroves-storm-surge", "--explain")
    _call("show", f"{site.base_url}/tidewater/2026/11/seagrass-meadow-carbon-count", "--revisions")
    _call("runs", "check")
    click.echo(f"\nThe demo's archive stays in {home}. Look around in it:")
    command, folder = _own_command(), shlex.quote(str(home))
    click.echo(f"  CLIMATE_ARCHIVE_HOME={folder} {command} search 珊瑚")
    click.echo("Or in a browser, until Ctrl-C:")
    click.echo(f"  {command} web --home {folder}")
    click.echo("Then `make run` (or `climate-archive run`) archives the real feeds into your own.")


def _own_command() -> str:
    """Return how a shell calls this program as it was called now; a file of a package is none to call."""
    called = Path(sys.argv[0])
    return shlex.join([sys.executable, "-m", called.parent.name] if called.name == "__main__.py" else [str(called)])


def _make_empty(home: Path) -> None:
    if home.exists() and any(home.iterdir()):
        if not (home / _MARK).exists():
            raise ConfigError(f"{home} holds something that is no demo: name another folder with --home.")
        shutil.rmtree(home)
    home.mkdir(parents=True, exist_ok=True)
    (home / _MARK).touch()


def _environment(home: Path, site: DemoSite) -> dict[str, str]:
    feeds = home / "feeds.yaml"
    feeds.write_text(site.feeds_yaml(), encoding="utf-8")
    return {
        "HOME": str(home),
        "FEEDS_FILE": str(feeds),
        "FETCH__ALLOW_PRIVATE": site.address,
        # One small server plays all sites, and one of its feeds is down for ever: politeness would only be a wait.
        "FETCH__HOST_INTERVAL_S": "0",
        "FETCH__PER_HOST": "8",
        "FETCH__SECOND_PASS_DELAY_S": "0",
        # Its nights are over in seconds, and their labels are to be those of both readers.
        "MEANING__SHARE": "inf",
    }


def _use_only(environment: dict[str, str]) -> None:
    """Let this process see these settings alone: neither the shell's nor an .env file's reach the demo."""
    for name in setting_names():
        os.environ[name] = environment.get(name.removeprefix(PREFIX), "")


def _call(*arguments: str) -> None:
    shown = " ".join(f'"{one}"' if " " in one else one for one in arguments)
    click.secho(f"\n$ climate-archive {shown}", bold=True)
    cli = click.get_current_context().find_root().command
    code = cli.main(list(arguments), prog_name="climate-archive", standalone_mode=False)
    if code:
        raise SystemExit(code)
