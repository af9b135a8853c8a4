"""What it costs to load a document, against raw sqlite3 that writes the same rows into the same tables.

Raw writes ready values, a transaction a document with one executemany a table; it reads nothing, decides nothing,
encodes and compresses nothing. Only the feed's own row, which every document updates, is left out of it. Between the
two stands what writing alone costs through models.storage.database: the same rows, in the same batches.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from sqlalchemy import Engine

from models.storage.database import _SQLITE_PRAGMAS as PRAGMAS
from models.storage.database import insert_rows, write_transaction
from models.tables.schema import METADATA
from tests.benchmarks._archive import STORIES, closing_engine, load, migrate, night_at, readings
from tests.benchmarks.costs import Cost, cost_of, interleaved
from tests.benchmarks.measures import Measurement

NAME = "load"
_RATIO = 1.6

# The tables in the order in which they can be written, and how a row of each is traced to its feed.
_FEED_OF: Final = {
    "raw_blobs": "SELECT f.feed_id, t.* FROM raw_blobs t JOIN feed_runs f ON f.document_digest = t.digest",
    "stories": "SELECT s.feed_id, t.* FROM stories t JOIN sightings s ON s.story_id = t.id",
    "story_keys": "SELECT t.feed_id, t.* FROM story_keys t",
    "sightings": "SELECT t.feed_id, t.* FROM sightings t",
    "story_versions": "SELECT t.feed_id, t.* FROM story_versions t",
    "classifications": "SELECT s.feed_id, t.* FROM classifications t JOIN sightings s ON s.story_id = t.story_id",
    "story_topics": (
        "SELECT s.feed_id, t.* FROM story_topics t JOIN classifications c ON c.id = t.classification_id "
        "JOIN sightings s ON s.story_id = c.story_id"
    ),
    "search_queue": "SELECT s.feed_id, t.* FROM search_queue t JOIN sightings s ON s.story_id = t.story_id",
    "feed_runs": "SELECT t.feed_id, t.* FROM feed_runs t",
}
_Rows = Mapping[str, Mapping[str, Sequence[tuple[Any, ...]]]]  # feed -> table -> rows


def measure(rounds: int) -> Iterator[Measurement]:
    """Load the same documents by the archive and by hand, turn and turn about, each time into a new database."""
    with TemporaryDirectory() as folder:
        rows = _rows(Path(folder))
        works = {
            "archive": partial(_by_archive, Path(folder)),
            "writing": partial(_by_models, Path(folder), rows),
            "raw": partial(_by_hand, Path(folder), rows),
        }
        costs = interleaved(rounds, works)
    for work, what in (("archive", "CPU a story"), ("writing", "CPU of writing its rows")):
        ratios = tuple(cost[work].cpu_s / cost["raw"].cpu_s for cost in costs)
        per_story = tuple(1e6 * cost[work].cpu_s / STORIES for cost in costs)
        yield Measurement(benchmark=NAME, what=f"{what}, to raw sqlite3", values=ratios, unit="x", aim=_RATIO)
        yield Measurement(benchmark=NAME, what=what, values=per_story, unit="us")


def _by_archive(folder: Path) -> Cost:
    path = _new_database(folder)
    with closing_engine(f"sqlite:///{path}") as engine, night_at(engine) as run:
        documents = readings(1)
        return cost_of(lambda: load(run, documents))


def _by_models(folder: Path, rows: _Rows) -> Cost:
    path = _begun_database(folder)
    with closing_engine(f"sqlite:///{path}") as engine:
        typed = {
            feed: {name: _typed(engine, name, own) for name, own in tables.items()} for feed, tables in rows.items()
        }
        return cost_of(lambda: _write(engine, typed))


def _write(engine: Engine, documents: Mapping[str, Mapping[str, list[dict[str, Any]]]]) -> None:
    for tables in documents.values():
        with write_transaction(engine) as connection:
            for name, rows in tables.items():
                insert_rows(connection, METADATA.tables[name], rows)


def _typed(engine: Engine, table: str, rows: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """Return rows as they were before the driver's types: moments, lists, truths."""
    columns = METADATA.tables[table].c
    read = [
        (column.name, column.type.dialect_impl(engine.dialect).result_processor(engine.dialect, None))
        for column in columns
    ]
    return [
        {name: process(value) if process else value for (name, process), value in zip(read, row, strict=True)}
        for row in rows
    ]


def _by_hand(folder: Path, rows: _Rows) -> Cost:
    path = _begun_database(folder)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for pragma in PRAGMAS:
            connection.execute(pragma)
        return cost_of(lambda: _insert(connection, rows))


def _insert(connection: sqlite3.Connection, rows: _Rows) -> None:
    for tables in rows.values():
        connection.execute("BEGIN IMMEDIATE")
        for table, own in tables.items():
            marks = ", ".join("?" * len(own[0]))
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", own)
        connection.execute("COMMIT")


def _rows(folder: Path) -> _Rows:
    """Return what the archive writes, as it stands in the file."""
    path = _new_database(folder)
    with closing_engine(f"sqlite:///{path}") as engine, night_at(engine) as run:
        load(run, readings(1))
    found: dict[str, dict[str, list[tuple[Any, ...]]]] = defaultdict(dict)
    with closing(sqlite3.connect(path)) as connection:
        for table, query in _FEED_OF.items():
            for feed, *row in connection.execute(query):
                found[feed].setdefault(table, []).append(tuple(row))
        for table in _FEED_OF:
            held = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            assert held == sum(len(tables.get(table, ())) for tables in found.values()), table
    return found


def _begun_database(folder: Path) -> Path:
    """Make one with the feeds, the topics and the run, to which the rows refer."""
    path = _new_database(folder)
    with closing_engine(f"sqlite:///{path}") as engine, night_at(engine):
        return path


def _new_database(folder: Path) -> Path:
    """Make an archive's file with tables and nothing in them, in place of the last one."""
    for old in folder.glob("archive.db*"):
        old.unlink()
    migrate(f"sqlite:///{folder / 'archive.db'}")
    return folder / "archive.db"
