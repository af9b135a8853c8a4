"""`python -m tests.benchmarks.large TARGET STORIES`: build a large archive to measure on."""

import time
from pathlib import Path

import click

from tests.benchmarks.large.build import build


@click.command()
@click.argument("target")
@click.argument("stories", type=click.IntRange(min=1))
def main(target: str, stories: int) -> None:
    """Build an archive of so many stories in a folder, as CLIMATE_ARCHIVE_HOME names it, or at a postgresql:// URL."""
    began = time.perf_counter()
    url = target
    if "://" not in target:
        Path(target).mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{Path(target) / 'archive.db'}"
    build(url, stories, lambda done: click.echo(f"{done} stories, {time.perf_counter() - began:.0f} s", err=True))


if __name__ == "__main__":
    main()
