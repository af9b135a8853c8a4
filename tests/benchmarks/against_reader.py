"""First nights, unchanged nights and searches against lemon24/reader, a library that does less: feeds in, search out.

reader has an environment of its own, made here. Both read the same feeds from the same site, turn and turn about, and
each piece of work is a process of its own. Where reader cannot be installed, that is said and nothing is measured.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from tests.benchmarks.costs import Cost, cost_of_command
from tests.benchmarks.measures import Bound, Measurement
from tests.benchmarks.nights import Archive
from tests.benchmarks.site import Offer, Site, served

NAME = "reader"
# Its own copy of feedparser needs sgmllib, which not every version of feedparser brings.
_REQUIREMENTS = ("reader[cli]==3.26", "sgmllib3k")
_OFFERS = tuple(Offer(feeds=100, entries=entries, hosts=50, length=3400) for entries in (25, 100))
_FIRST, _SAME_BYTES, _NOT_MODIFIED, _SEARCH = (
    "first night and index",
    "unchanged night, same bytes",
    "unchanged night, all 304",
    "search of 50",
)
_AIMS = {_FIRST: (2.0, 2.5), _SAME_BYTES: (1.0, 1.0), _NOT_MODIFIED: (1.0, 1.0), _SEARCH: (1.2, 1.2)}
# Of the stories' made-up names about one in fifty begins with one of these; both programs read it so.
_QUERY = "zoba* OR zoden* OR zofir* OR zogol* OR zohum*"
_ADD = """
import sys, reader
ours = reader.make_reader(sys.argv[1])
for url in sys.argv[2:]:
    ours.add_feed(url)
ours.enable_search()
"""
_INSTALL_TIMEOUT_S = 600

_Costs = dict[str, Cost]


def measure(rounds: int) -> Iterator[Measurement]:
    """Play the same nights by both."""
    with TemporaryDirectory() as folder:
        python = _installed(Path(folder))
        if python is None:
            click.echo(f"{NAME}: skipped: {' and '.join(_REQUIREMENTS)} cannot be installed here", err=True)
            return
        for place, offer in enumerate(_OFFERS):
            with served(offer) as site:
                pairs = [(_by_archive(site, offer), _by_reader(site, python)) for _ in range(rounds)]
            yield from _measurements(pairs, place, offer.feeds * offer.entries)


def _measurements(pairs: list[tuple[_Costs, _Costs]], place: int, stories: int) -> Iterator[Measurement]:
    for what, aims in _AIMS.items():
        faster = tuple(reader[what].wall_s / ours[what].wall_s for ours, reader in pairs)
        cheaper = tuple(reader[what].cpu_s / ours[what].cpu_s for ours, reader in pairs)
        named = f"{what}, {stories} stories"
        yield Measurement(
            benchmark=NAME, what=f"{named}: speed", values=faster, unit="x", aim=aims[place], bound=Bound.AT_LEAST
        )
        yield Measurement(benchmark=NAME, what=f"{named}: reader's CPU to ours", values=cheaper, unit="x")
        yield Measurement(
            benchmark=NAME, what=f"{named}: time", values=tuple(ours[what].wall_s for ours, _ in pairs), unit="s"
        )


def _by_archive(site: Site, offer: Offer) -> _Costs:
    with TemporaryDirectory() as folder:
        archive = Archive(Path(folder), site)
        first = archive.night(new=offer.feeds * offer.entries)
        unchanged = _unchanged(site, lambda: archive.night(new=0))
        search, _ = archive.command("search", _QUERY, "--limit", "50")
    return {_FIRST: first, **unchanged, _SEARCH: search}


def _by_reader(site: Site, python: Path) -> _Costs:
    with TemporaryDirectory() as folder:
        database = str(Path(folder, "reader.sqlite"))

        def call(*words: str) -> Cost:
            return cost_of_command(["reader", "--url", database, *words], {}, Path(folder), python=python)[0]

        def night() -> Cost:
            # By default it asks only the feeds whose hour has come, which right after another update is none.
            return call("update", "--no-scheduled", "--workers", "10") + call("search", "update")

        subprocess.run([python, "-c", _ADD, database, *site.urls], check=True, cwd=folder)
        first = night()
        unchanged = _unchanged(site, night)
        search = call("search", "entries", _QUERY)
    return {_FIRST: first, **unchanged, _SEARCH: search}


def _unchanged(site: Site, night: Callable[[], Cost]) -> _Costs:
    """Play a night in which each feed sends its bytes again, then one in which each says that they are the same."""
    same_bytes = night()
    site.heed_etags(heeded=True)
    not_modified = night()
    site.heed_etags(heeded=False)
    return {_SAME_BYTES: same_bytes, _NOT_MODIFIED: not_modified}


def _installed(folder: Path) -> Path | None:
    """Make an environment with reader in it; return its Python, None where that fails."""
    python = folder / "environment" / "bin" / "python"
    steps = [
        [sys.executable, "-m", "venv", str(folder / "environment")],
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *_REQUIREMENTS],
        [str(python), "-c", "import reader._cli, sgmllib"],
    ]
    try:
        for step in steps:
            subprocess.run(step, check=True, capture_output=True, timeout=_INSTALL_TIMEOUT_S)
    except (OSError, subprocess.SubprocessError):
        return None
    return python
