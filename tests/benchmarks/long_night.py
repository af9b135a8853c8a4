"""What a night of 100,000 stories takes in memory, with all its processes, against one of 10,000; once, in minutes."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from tests.benchmarks.measures import Measurement
from tests.benchmarks.nights import Archive
from tests.benchmarks.site import Offer, served

NAME = "memory"
NIGHT = Offer(feeds=200, entries=50, hosts=200, length=1000)
_TIMES = 10
_AIM = 1.5


def measure(rounds: int) -> Iterator[Measurement]:
    """Run a night, one over ten times as many feeds, and one over feeds that are ten times as long."""
    del rounds
    night = _megabytes(NIGHT)
    if not night:  # the system does not tell
        return
    more, longer = (
        _megabytes(replace(NIGHT, feeds=_TIMES * NIGHT.feeds)),
        _megabytes(replace(NIGHT, entries=_TIMES * NIGHT.entries)),
    )
    yield Measurement(benchmark=NAME, what="10,000 stories", values=(night,), unit="MB")
    yield Measurement(benchmark=NAME, what="100,000, of more feeds", values=(more / night,), unit="x", aim=_AIM)
    yield Measurement(benchmark=NAME, what="100,000, of longer feeds", values=(longer / night,), unit="x", aim=_AIM)


def _megabytes(offer: Offer) -> float:
    with served(offer) as site, TemporaryDirectory() as folder:
        return Archive(Path(folder), site).night_megabytes()
