"""`python -m tests.benchmarks [NAME...]`: measure speed as ratios within one run, and hold them against their aims."""

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import click

from tests.benchmarks import (
    against_reader,
    bad_night,
    classifying,
    cleaning,
    copying,
    extracting,
    fetching,
    footprint,
    loading,
    long_night,
    prefect_cost,
    reading,
    relabelling,
    scale,
    unchanged_night,
)
from tests.benchmarks.measures import Measurement, as_json, as_table

BENCHMARKS: Final[dict[str, Callable[[int], Iterable[Measurement]]]] = {
    module.NAME: module.measure
    for module in (
        cleaning,
        classifying,
        extracting,
        relabelling,
        copying,
        fetching,
        loading,
        unchanged_night,
        against_reader,
        footprint,
        long_night,
        prefect_cost,
        bad_night,
        reading,
        scale,
    )
}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(BENCHMARKS)))
@click.option("--rounds", default=3, show_default=True, help="How often each thing is measured; the median counts.")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON document instead of a table.")
def main(names: tuple[str, ...], rounds: int, *, is_json: bool) -> None:
    """Run the named benchmarks, or all of them. A missed aim is shown, not an error: the machine may be busy."""
    measurements = list(_measured(names or tuple(BENCHMARKS), rounds))
    if is_json:
        click.echo(json.dumps(as_json(measurements), indent=2))
    else:
        click.echo("\n".join(as_table(measurements)))


def _measured(names: Iterable[str], rounds: int) -> Iterator[Measurement]:
    for name in names:
        began = time.perf_counter()
        yield from BENCHMARKS[name](rounds)
        load = " ".join(f"{value:.1f}" for value in os.getloadavg())
        click.echo(f"{name}: {time.perf_counter() - began:.0f} s; load of the machine {load}", err=True)


if __name__ == "__main__":
    main()
