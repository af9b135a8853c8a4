"""A night of feeds that fail in every known way: how long it takes, and how much memory it holds with all its workers.

Run as a module with a folder it plays that night there and prints the seconds it took.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from flows.steps.fetch import FetchLimits
from models.migrations.migrate import upgrade
from models.storage.database import create_database_engine
from tests.benchmarks.costs import REPOSITORY
from tests.benchmarks.measures import Measurement
from tests.benchmarks.memory import peak_megabytes
from tests.site.nights.case import FEED_MAX_BYTES
from tests.site.nights.play import Play
from tests.site.nights.table import CASES

NAME = "bad_night"
_DEADLINE_S = 20.0
_SECONDS, _MEGABYTES = 240.0, 600.0
# The gaps between requests are those of a real night, one second a host.
_LIMITS = FetchLimits(total_timeout_s=_DEADLINE_S, feed_deadline_s=_DEADLINE_S, feed_max_bytes=FEED_MAX_BYTES)


def measure(rounds: int) -> Iterator[Measurement]:
    """Play the night into a new archive, its sites in the same process; once, whatever the rounds: it takes minutes."""
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.benchmarks.bad_night", folder]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY) as process:
            megabytes = peak_megabytes(process)
            assert process.stdout is not None
            seconds = float(process.stdout.read())
    what = f"{len(CASES)} feeds, deadline {_DEADLINE_S:.0f} s"
    yield Measurement(benchmark=NAME, what=what, values=(seconds,), unit="s", aim=_SECONDS)
    if megabytes:
        yield Measurement(
            benchmark=NAME, what="peak memory with workers and sites", values=(megabytes,), unit="MB", aim=_MEGABYTES
        )


async def _play(folder: Path) -> float:
    url = f"sqlite:///{folder / 'archive.db'}"
    engine = create_database_engine(url)
    upgrade(engine)
    engine.dispose()
    play = Play(cases=CASES, home=folder, database_url=url, limits=_LIMITS)
    async with play.running():
        began = time.perf_counter()
        await play.night(1)
        return time.perf_counter() - began


if __name__ == "__main__":
    sys.stdout.write(f"{asyncio.run(_play(Path(sys.argv[1]))):.1f}\n")
