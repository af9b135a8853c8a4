"""A night shared by two real workers of a Prefect work pool, over PostgreSQL: the grown set-up without its containers.

Starting all of it takes most of the time, so the tests share one set-up and take place in the order of the file.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import pytest
from sqlalchemy import make_url

from models.archive.ledger.runs import beat
from models.queries.ledger.checks import audit
from models.storage.database import create_database_engine, read_transaction, write_transaction
from tests.grown import OneFeed, Scene, answers, environ_of, offspring, running, until
from tests.nights import Nights, contents, rows
from tests.postgresql import TestServer
from tests.processes import ROOT
from tests.serving import free_port

pytestmark = [
    pytest.mark.system,
    pytest.mark.parametrize("dialect", ["postgresql"], indirect=True, scope="module"),
    pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="looks at processes in /proc"),
]


@pytest.fixture(scope="module")
def scene(
    tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[], str], postgresql_server: TestServer
) -> Iterator[Scene]:
    """Start all of it, and end all of it."""
    home = tmp_path_factory.mktemp("grown")
    with OneFeed() as here, OneFeed() as there, ExitStack() as stack:
        feeds: list[dict[str, object]] = [
            {"id": name, "name": name, "url": f"{site.base_url}/feed", "relevance": "assume"}
            for name, site in (("here", here), ("there", there))
        ]
        url = new_database()
        nights = Nights(home=home, database_url=url, allow=f"{here.address},{there.address}", feeds=feeds)
        port = free_port()
        prefects_own = make_url(postgresql_server.create()).set(drivername="postgresql+asyncpg")
        environ = environ_of(nights, port) | {
            "PREFECT_API_DATABASE_CONNECTION_URL": prefects_own.render_as_string(hide_password=False)
        }
        engine = create_database_engine(url)
        stack.callback(engine.dispose)
        scene = Scene((here, there), nights, engine, f"http://127.0.0.1:{port}/api")
        stack.enter_context(running(environ, "flows.server.process", str(port)))
        until(lambda: answers(scene.api_url), "the server answers")
        subprocess.run([sys.executable, "-m", "flows.deploy"], env=environ, cwd=ROOT, check=True)
        start = ("prefect", "worker", "start", "--pool", "climate-archive", "--type", "process", "--limit", "1")
        scene.workers += [stack.enter_context(running(environ, *start)) for _ in range(2)]
        workers = "/work_pools/climate-archive/workers/filter"
        until(lambda: len(scene.ask(workers, {})) == 2, "both workers are there")
        stack.callback(scene.open_sites)
        yield scene


def test_the_deployments_say_what_holds(scene: Scene) -> None:
    """The program's own version, its tag, one run at a time with a queue; shards have places of their own."""
    version = metadata.version("climate-archive")
    for name, queue, limit in (("nightly", "nights", 1), ("reprocess", "nights", 1), ("shard", "shards", None)):
        one = scene.deployment(name)
        assert (one["version"], one["tags"]) == (version, ["climate-archive"])
        assert (one["work_pool_name"], one["work_queue_name"]) == ("climate-archive", queue)
        assert (one["global_concurrency_limit"] or {"limit": None})["limit"] == limit
        assert (one["concurrency_options"] or {}).get("collision_strategy") == (limit and "ENQUEUE")
    queues = {one["name"]: one["concurrency_limit"] for one in scene.ask("/work_queues/filter", {})}
    assert (queues["nights"], queues["shards"]) == (1, 8)


async def test_two_workers_share_a_night(scene: Scene, new_database: Callable[[], str], tmp_path: Path) -> None:
    """Each works its own hosts at the same time, in one run; the archive is that of a night of one worker."""
    scene.close_sites()
    run = scene.start()
    scene.await_both_asked()
    (shard,) = scene.runs("shard")
    homes = {scene.process_of(name): name for name in (run, shard["id"])}
    assert len(homes) == 2
    owners = {next(one.pid for one in scene.workers if pid in offspring(one.pid)) for pid in homes}
    assert len(owners) == 2
    scene.open_sites()
    assert (scene.concluded("nightly", 1), scene.concluded("shard", 1)) == (["Completed"], ["Completed"])
    assert shard["parent_task_run_id"] is not None
    assert set(shard["tags"]) >= {"climate-archive", "shard"}
    assert [(row["run_id"], row["feed_id"], row["status"]) for row in rows(scene.engine, "feed_runs")] == [
        (1, "here", "ok"),
        (1, "there", "ok"),
    ]
    with read_transaction(scene.engine) as connection:
        assert audit(connection).findings == ()
    alone = scene.nights.elsewhere(tmp_path / "alone", new_database())
    await alone.run()
    found, expected = contents(scene.nights.database_url), contents(alone.database_url)
    for name in expected:
        assert len(found[name]) == len(expected[name]), name


async def test_only_what_is_silent_is_closed(scene: Scene) -> None:
    """Minutes later, a night whose heart beats and its shard are left at work; a run of which nobody knows is not.

    Housekeeping, which no ledger knows, has hours; runs without the tag are somebody else's.
    """
    # Here, so that collecting the quick tests does not import Prefect.
    from prefect.client.orchestration import get_client
    from prefect.settings import PREFECT_API_URL, temporary_settings

    from flows.server.stale_runs import STALE_AFTER, close_without_heartbeat

    scene.close_sites()
    scene.start()
    scene.await_both_asked()
    for flow, named in (
        ("reprocess", {"tags": ["climate-archive"]}),
        ("prune", {"tags": ["climate-archive"], "name": "prune"}),
        ("prune", {"name": "another's"}),
    ):
        scene.ask("/flow_runs/", {"flow_id": scene.deployment(flow)["flow_id"], "state": {"type": "RUNNING"}} | named)
    later = datetime.now(UTC) + 2 * STALE_AFTER
    with write_transaction(scene.engine) as connection:
        beat(connection, 2, later)
    with temporary_settings(updates={PREFECT_API_URL: scene.api_url}):
        async with get_client() as client:
            assert await close_without_heartbeat(client, scene.engine, later) == 1
    states = {flow: scene.runs(flow)[-1]["state_type"] for flow in ("nightly", "shard", "reprocess")}
    assert states == {"nightly": "RUNNING", "shard": "RUNNING", "reprocess": "CRASHED"}
    assert [run["state_type"] for run in scene.runs("prune")] == ["RUNNING", "RUNNING"]


def test_a_cancelled_night_cancels_its_shards(scene: Scene) -> None:
    """The run is closed as interrupted, and no shard of it stays at work."""
    run = scene.runs("nightly")[1]["id"]
    scene.ask(f"/flow_runs/{run}/set_state", {"state": {"type": "CANCELLING"}})
    assert scene.concluded("nightly", 2)[1] == "Cancelled"
    assert scene.concluded("shard", 2)[1] == "Cancelled"
    scene.open_sites()
    assert scene.statuses() == ["completed", "interrupted"]


def test_a_killed_shard_feeds_are_worked_by_the_night(scene: Scene) -> None:
    """Prefect hears of it from the worker, and the night from Prefect."""
    scene.close_sites()
    scene.start()
    scene.await_both_asked()
    os.kill(scene.process_of(scene.runs("shard")[2]["id"]), signal.SIGKILL)
    scene.open_sites()
    assert scene.concluded("nightly", 3)[2] == "Completed"
    assert scene.concluded("shard", 3)[2] == "Crashed"
    assert scene.statuses() == ["completed", "interrupted", "completed"]
    assert [row["feed_id"] for row in rows(scene.engine, "feed_runs") if row["run_id"] == 3] == ["here", "there"]


def test_a_shard_that_outlives_its_night_writes_nothing(scene: Scene) -> None:
    """The night's process is killed: what its shard brings then is refused, and the next night marks the dead run."""
    scene.close_sites()
    run = scene.start()
    scene.await_both_asked()
    os.kill(scene.process_of(run), signal.SIGKILL)
    until(lambda: not scene.run_lock_is_held(), "the lock has ended with its holder")
    scene.open_sites()
    assert scene.concluded("nightly", 4)[3] == "Crashed"
    assert scene.concluded("shard", 4)[3] == "Failed"
    assert [row for row in rows(scene.engine, "feed_runs") if row["run_id"] == 4] == []
    scene.start()
    assert scene.concluded("nightly", 5)[4] == "Completed"
    assert scene.statuses() == ["completed", "interrupted", "completed", "crashed", "completed"]
    with read_transaction(scene.engine) as connection:
        assert audit(connection).findings == ()
