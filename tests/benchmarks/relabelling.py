"""How long `reclassify` takes over a whole archive, and how much memory it holds: as much for many stories as for few.

Run as a module with numbers of stories it measures each of them: `python -m tests.benchmarks.relabelling 100000`.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct

from config.topics import load_topics
from models.archive.ledger.feeds import sync_topics
from models.storage.database import write_transaction
from tests.benchmarks._archive import closing_engine, migrate
from tests.benchmarks.costs import REPOSITORY
from tests.benchmarks.material import make_text
from tests.benchmarks.measures import Measurement
from tests.builders import Archive, Piece

NAME = "reclassify"
LENGTH = 2200  # characters
FEW, MANY = 1500, 3000
_MOST_GROWTH = 1.1
_A_RUN = 500  # stories that one run of the archive's past brought


class _Cost(Struct, frozen=True, kw_only=True):
    seconds: float
    megabytes: float  # at most, resident


def measure(rounds: int) -> Iterator[Measurement]:
    """Label two archives again, one twice as large; once, whatever the rounds: building them takes longest."""
    few, many = map(_relabel, (FEW, MANY))
    yield Measurement(benchmark=NAME, what="stories a second", values=(MANY / many.seconds,), unit="stories/s")
    growth = (many.megabytes / few.megabytes,)
    yield Measurement(benchmark=NAME, what="memory, twice the stories", values=growth, unit="x", aim=_MOST_GROWTH)


def _relabel(count: int) -> _Cost:
    """Build an archive and run the command on it, in a process of its own."""
    with TemporaryDirectory() as folder:
        _build(Path(folder), count)
        environment = os.environ | {"CLIMATE_ARCHIVE_HOME": folder, "PYTHONPATH": str(REPOSITORY)}
        command = [sys.executable, "-m", "flows", "reclassify", "--yes", "--json"]
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment, cwd=folder)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"reclassify ended with {process.returncode}")
        unit = 1_000_000 if sys.platform == "darwin" else 1000
        return _Cost(seconds=time.perf_counter() - began, megabytes=usage.ru_maxrss / unit)


def _build(folder: Path, count: int) -> None:
    url = f"sqlite:///{folder / 'archive.db'}"
    migrate(url)
    with closing_engine(url) as engine:
        for first in range(0, count, _A_RUN):
            with write_transaction(engine) as connection:
                archive = Archive(connection)
                archive.night(archive.feed(), *map(_piece, range(first, min(first + _A_RUN, count))))
                sync_topics(connection, load_topics())


def _piece(number: int) -> Piece:
    made = make_text(number, LENGTH)
    return Piece(title=made.title, text=made.text, url=f"https://one.example/news/{number}")


if __name__ == "__main__":
    for asked in map(int, sys.argv[1:]):
        cost = _relabel(asked)
        sys.stdout.write(f"{asked} stories: {cost.seconds:.1f} s, {cost.megabytes:.0f} MB at most\n")
