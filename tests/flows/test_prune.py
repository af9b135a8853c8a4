"""Prefect's own database stays small: what a night adds, and that `prune` takes old nights out again, for real."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import yaml

from flows.demo.server import DemoSite
from tests.nights import Nights
from tests.processes import Ended, run

pytestmark = pytest.mark.system
MOST_A_NIGHT = 2_000_000  # bytes


def _call(nights: Nights, *arguments: str) -> Ended:
    done = run(*arguments, "--json", cwd=nights.home, environment=nights.environment())
    assert done.code == 0, done.err
    return done


def _size(database: Path) -> int:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return database.stat().st_size


def _age_all_but_the_last(database: Path) -> None:
    long_ago = "2026-01-01 00:00:00.000000"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(
            "UPDATE flow_run SET end_time = ? WHERE id <> (SELECT id FROM flow_run ORDER BY start_time DESC LIMIT 1)",
            (long_ago,),
        )
        for table in ("events", "event_resources"):
            connection.execute(f"UPDATE {table} SET occurred = ?", (long_ago,))


def test_a_night_adds_little_and_pruning_takes_it_out_again(
    demo_site: DemoSite, tmp_path: Path, archive_of: Callable[[Path], str]
) -> None:
    """A night adds 2 MB at most; old runs go with their tasks, logs and artifacts, and the file shrinks by them."""
    nights = Nights(
        home=tmp_path / "home",
        database_url=archive_of(tmp_path / "home"),
        allow=demo_site.address,
        feeds=yaml.safe_load(demo_site.feeds_yaml())["feeds"],
    )
    database = nights.home / "prefect" / "prefect.db"
    _call(nights, "run")
    first = _size(database)
    _call(nights, "run")
    second = _size(database)
    assert 0 < second - first <= MOST_A_NIGHT

    _age_all_but_the_last(database)
    freed = json.loads(_call(nights, "prune").out)["prefect_bytes"]
    assert freed > 0
    assert _size(database) < second
    with closing(sqlite3.connect(database)) as connection:
        (left,) = connection.execute("SELECT id FROM flow_run").fetchall()
        for table in ("task_run", "log", "artifact"):
            assert set(connection.execute(f"SELECT DISTINCT flow_run_id FROM {table}")) <= {left}, table
        assert connection.execute("SELECT count(*) FROM events").fetchone() == (0,)
