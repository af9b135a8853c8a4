"""What a piece of work costs in CPU and wall time: of this process, or of a command with all its descendants."""

import gc
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

from msgspec import Struct

REPOSITORY = Path(__file__).parents[2]


class Cost(Struct, frozen=True, kw_only=True):
    """Seconds of CPU, user and system together, and seconds on the clock."""

    cpu_s: float
    wall_s: float

    def __add__(self, other: Self) -> "Cost":
        """Put two costs together."""
        return Cost(cpu_s=self.cpu_s + other.cpu_s, wall_s=self.wall_s + other.wall_s)

    def __sub__(self, other: Self) -> "Cost":
        """Take one cost out of another."""
        return Cost(cpu_s=self.cpu_s - other.cpu_s, wall_s=self.wall_s - other.wall_s)


def cost_of(work: Callable[[], object]) -> Cost:
    """Do the work in this process and return what it cost; threads count, children not.

    What was there before, such as the benchmark's own material, is kept out of the collector's rounds.
    """
    gc.collect()
    gc.freeze()
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    cost = Cost(cpu_s=time.process_time() - cpu, wall_s=time.perf_counter() - wall)
    gc.unfreeze()
    return cost


def cost_of_command(
    arguments: Sequence[str], environment: Mapping[str, str], folder: Path, *, python: Path | None = None
) -> tuple[Cost, str]:
    """Run `python -m arguments...` in a folder, by default with this Python.

    Return what it and its descendants cost, and its standard output. Raise RuntimeError, with what it said, where it
    fails. A descendant counts if its parent waited for it.
    """
    output, messages = folder / "stdout", folder / "stderr"
    wall = time.perf_counter()
    with output.open("wb") as out, messages.open("wb") as err:
        process = subprocess.Popen(
            [python or sys.executable, "-m", *arguments],
            stdout=out,
            stderr=err,
            env=clean_environment(environment),
            cwd=folder,
        )
        _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - wall
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(arguments)} ended with {process.returncode}: {messages.read_text()[-2000:]}")
    return Cost(cpu_s=usage.ru_utime + usage.ru_stime, wall_s=wall_s), output.read_text()


def interleaved(rounds: int, works: Mapping[str, Callable[[], Cost]]) -> list[dict[str, Cost]]:
    """Do each work once a round, turn and turn about, so that what disturbs the machine disturbs all of them."""
    return [{name: work() for name, work in works.items()} for _ in range(rounds)]


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment with another over it.

    What a person's own settings would change is left out, and no module is compiled twice.
    """
    foreign = ("CLIMATE_ARCHIVE_", "PREFECT_", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return kept | {"PYTHONPATH": str(REPOSITORY)} | dict(environment)
