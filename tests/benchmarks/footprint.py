"""What a first night of 200 feeds costs in all its processes: CPU a story, memory, bytes in the database."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.measures import Measurement
from tests.benchmarks.nights import Archive
from tests.benchmarks.site import Offer, served

NAME = "footprint"
OFFER = Offer(feeds=200, entries=25, hosts=100, length=3400)
STORIES = OFFER.feeds * OFFER.entries
_CPU_MS, _MEGABYTES, _KILOBYTES = 2.0, 450.0, 19.5


def measure(rounds: int) -> Iterator[Measurement]:
    """Run a night for the CPU and another for the memory, each into a new archive."""
    cpu, megabytes, kilobytes = [], [], []
    with served(OFFER) as site:
        for _ in range(rounds):
            with TemporaryDirectory() as one, TemporaryDirectory() as other:
                archive = Archive(Path(one), site)
                cpu.append(1000 * archive.night(new=STORIES).cpu_s / STORIES)
                kilobytes.append(archive.database_bytes / 1000 / STORIES)
                megabytes.append(Archive(Path(other), site).night_megabytes())
    yield Measurement(benchmark=NAME, what="CPU a story", values=tuple(cpu), unit="ms", aim=_CPU_MS)
    yield Measurement(benchmark=NAME, what="SQLite a story", values=tuple(kilobytes), unit="kB", aim=_KILOBYTES)
    if any(megabytes):
        yield Measurement(benchmark=NAME, what="peak memory", values=tuple(megabytes), unit="MB", aim=_MEGABYTES)
