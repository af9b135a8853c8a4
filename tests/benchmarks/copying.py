"""What it costs to find which stories are copies of which: articles of 3,000 characters, one in ten of them a copy."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sqlalchemy import Engine, delete, update

from flows.steps.versions import COPY_RULES
from models.archive.texts.copy_queue import queue_kept
from models.storage.database import write_transaction
from models.tables.changes import ChangeMark
from models.tables.copies import CopyBand, StoryCopy
from models.tables.keys import table_of
from models.tables.stories import Story
from tests.benchmarks._archive import closing_engine
from tests.benchmarks.costs import cost_of
from tests.benchmarks.large.build import build
from tests.benchmarks.measures import Measurement
from tests.benchmarks.scale import compare_queued
from tests.builders import NOON

NAME = "copies"
STORIES: Final = 2_000
LENGTH: Final = 3_000  # characters
_AIM_US: Final = 400.0


def measure(rounds: int) -> Iterator[Measurement]:
    """Have all stories of an archive compared, again and again, as by new rules: marks, suspects, comparisons, rows."""
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'archive.db'}"
        build(url, STORIES, length=LENGTH)
        with closing_engine(url) as engine:
            spent = []
            for _ in range(rounds):
                _forget(engine)
                spent.append(1e6 * cost_of(partial(_compare_all, engine)).cpu_s / STORIES)
    yield Measurement(benchmark=NAME, what="CPU a story", values=tuple(spent), unit="us", aim=_AIM_US)


def _forget(engine: Engine) -> None:
    stories, marks = table_of(Story), table_of(ChangeMark)
    with write_transaction(engine) as connection:
        for model in (StoryCopy, CopyBand):
            connection.execute(delete(table_of(model)))
        connection.execute(delete(marks).where(marks.c.follower == "copies"))
        connection.execute(update(stories).values(cluster_id=stories.c.id))


def _compare_all(engine: Engine) -> None:
    waiting: int | None = STORIES
    while waiting is not None:
        compare_queued(engine)
        with write_transaction(engine) as connection:
            waiting = queue_kept(connection, COPY_RULES, 500, NOON)
