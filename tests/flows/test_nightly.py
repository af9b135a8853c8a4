"""A night as a Prefect flow, in a process of its own with Prefect's temporary server: what Prefect was told of it.

Starting Prefect takes most of the time, so the tests share two runs: one that is killed, and the one after it.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import yaml
from msgspec import Struct
from msgspec.structs import replace
from prefect import Flow
from prefect.exceptions import ParameterTypeError
from prefect.utilities.callables import parameter_schema
from sqlalchemy import update

from config.feeds import load_feeds
from flows.demo.answers import SiteAnswer
from flows.demo.server import DemoSite
from flows.nightly import nightly
from flows.reprocess import reprocess
from flows.runs.session import utc_now
from flows.shard import shard
from models.archive.ledger.feeds import sync_feeds
from models.migrations.migrate import upgrade
from models.queries.ledger.checks import audit
from models.storage.database import create_database_engine, read_transaction, write_transaction
from models.tables.feeds import Feed
from models.tables.keys import table_of
from tests.nights import HURRIED, Nights, contents, rows
from tests.processes import PATIENCE_S, Command, Ended, run
from tests.site.behaviours import FEED

pytestmark = pytest.mark.system
DOWN = SiteAnswer(status=503)
UP = SiteAnswer(content_type="application/rss+xml", body=FEED)


class MoodySite(DemoSite):
    """A site with one feed, which fails a number of times and then is fine. It can be made to wait."""

    def __init__(self, failures: int) -> None:
        super().__init__()
        self.failures = failures
        self.is_open = Event()
        self.is_open.set()

    def answer(self, path: str, if_none_match: str | None, if_modified_since: str | None) -> SiteAnswer:
        """Answer by the number of requests so far."""
        super().answer(path, if_none_match, if_modified_since)
        self.is_open.wait(PATIENCE_S)
        return DOWN if len(self.requests) <= self.failures else UP


class Scene(Struct):
    """The sites and the archive."""

    demo: DemoSite
    flaky: MoodySite
    hopeless: MoodySite
    nights: Nights

    def start(self) -> Command:
        """Start a run with Prefect, and count requests anew."""
        for site in (self.demo, self.flaky, self.hopeless):
            site.requests.clear()
        return Command("run", "--json", cwd=self.nights.home, environment=self.nights.environment())

    @property
    def asked(self) -> Counter[str]:
        """Count the requests for each feed that fails."""
        polder = [one for one in self.demo.requests if one.path == "/polder/feed.xml"]
        counted = {"flaky": self.flaky.requests, "hopeless": self.hopeless.requests, "polder-bulletin": polder}
        return Counter({feed: len(requests) for feed, requests in counted.items()})

    def await_requests(self, number: int, command: Command) -> None:
        """Wait until the command has made so many requests."""
        while len(self.demo.requests) < number and command.lives_for(0.02):
            continue


class Seen(Struct):
    """What was seen of the two runs."""

    scene: Scene
    killed: Ended
    survivors: list[str]
    beside: Ended  # a third run, while the second was at work
    ended: Ended
    asked: Counter[str]  # requests of the second run for each feed that failed
    libraries: dict[str, str]  # of the second run's processes: command line -> the libraries mapped into it

    @property
    def report(self) -> Any:
        """Return the report of the run that was not killed."""
        return json.loads(self.ended.out)

    def ask_prefect(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the database of Prefect's temporary server."""
        connection = sqlite3.connect(self.scene.nights.home / "prefect" / "prefect.db")
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def read(self, table: str) -> list[dict[str, Any]]:
        """Read a table of the archive."""
        engine = create_database_engine(self.scene.nights.database_url)
        try:
            return rows(engine, table)
        finally:
            engine.dispose()


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, archive_of: Callable[[Path], str]) -> Iterator[Scene]:
    """Run three sites; the one feed of the third has failed for three nights already."""
    home = tmp_path_factory.mktemp("prefect")
    with DemoSite() as demo, MoodySite(3) as flaky, MoodySite(99) as hopeless:
        feeds = yaml.safe_load(demo.feeds_yaml())["feeds"]
        for name, site in (("flaky", flaky), ("hopeless", hopeless)):
            feeds.append({"id": name, "name": name, "url": f"{site.base_url}/feed", "relevance": "assume"})
        nights = Nights(
            home=home,
            database_url=archive_of(home),
            allow=",".join(site.address for site in (demo, flaky, hopeless)),
            feeds=feeds,
            fetch=replace(HURRIED, read_timeout_s=30.0),
        )
        _make_archive(nights)
        yield Scene(demo, flaky, hopeless, nights)


def _make_archive(nights: Nights) -> None:
    file = nights.settings.feeds_file
    engine = create_database_engine(nights.database_url)
    upgrade(engine)
    with write_transaction(engine) as connection:
        sync_feeds(connection, load_feeds(file), datetime.now(UTC))
        table = table_of(Feed)
        connection.execute(update(table).where(table.c.id == "hopeless").values(failing_nights=3))
    engine.dispose()


@pytest.fixture(scope="module")
def seen(scene: Scene) -> Seen:
    """Kill a run in the middle of its work, then let one run to its end, while another finds the archive taken."""
    first = scene.start()
    scene.await_requests(12, first)
    killed = first.kill(whole_tree=False)
    survivors = first.survivors()

    second = scene.start()
    scene.hopeless.is_open.clear()
    scene.await_requests(12, second)
    beside = run("run", "--direct", "--json", cwd=scene.nights.home, environment=scene.nights.environment())
    libraries = _libraries(second)
    scene.hopeless.is_open.set()
    return Seen(scene, killed, survivors, beside, second.end(), scene.asked, libraries)


def _libraries(command: Command) -> dict[str, str]:
    """Wait until a worker has loaded what it needs to read a page; return what each process has mapped."""
    found: dict[str, str] = {}
    while Path("/proc").is_dir() and not any("workers.server" in line and "lxml" in found[line] for line in found):
        assert command.lives_for(0.05)
        for number, line in command.members().items():
            try:
                found[line] = Path(f"/proc/{number}/maps").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue
    return found


def test_the_run_ends_well(seen: Seen) -> None:
    """Exit 0, one document on stdout, all stories of the night; the ledger adds up."""
    assert (seen.ended.code, seen.report["status"]) == (0, "completed_with_errors"), seen.ended.err
    assert "Traceback" not in seen.ended.err
    assert seen.ended.err.startswith("Starting Prefect, which takes some seconds")
    assert "flaky: ok at the second try, 1 seen, 1 new, 0 updated\n" in seen.ended.err
    engine = create_database_engine(seen.scene.nights.database_url)
    with read_transaction(engine) as connection:
        assert audit(connection).findings == ()
    engine.dispose()


def test_a_killed_run_leaves_nothing_behind(seen: Seen) -> None:
    """No process of it lives on, neither Prefect's nor ours, and the next run marks it crashed."""
    assert (seen.killed.code, seen.survivors) == (-9, [])
    statuses = [row["status"] for row in seen.read("runs")]
    assert statuses == ["crashed", "completed_with_errors", "skipped"]


async def test_the_archive_is_that_of_undisturbed_nights(
    seen: Seen, tmp_path: Path, archive_of: Callable[[Path], str]
) -> None:
    """What was loaded before the kill and after it, by Prefect's tasks, is what the bare functions load at once."""
    scene = seen.scene
    bare = scene.nights.elsewhere(tmp_path, archive_of(tmp_path))
    bare.clock.now = utc_now()
    scene.flaky.requests.clear()
    await bare.run()
    found, expected = contents(scene.nights.database_url), contents(bare.database_url)
    for name in expected:
        assert found[name] == expected[name], name


def test_another_run_finds_the_archive_taken(seen: Seen) -> None:
    """It ends `skipped` with exit 0 and says who works."""
    report = json.loads(seen.beside.out)
    assert (seen.beside.code, report["status"], report["feeds"]) == (0, "skipped", [])
    is_file = seen.scene.nights.database_url.startswith("sqlite")
    holder = "process " if is_file else "database session "  # as the database knows them
    assert report["reason"].startswith(f"Another process works on this archive: {holder}")


def test_prefect_knows_the_run_by_its_state(seen: Seen) -> None:
    """The flow run has the ledger's number for it, and a state that says that some feeds failed."""
    (first, second) = seen.ask_prefect("SELECT id, name, state_type, state_name FROM flow_run ORDER BY created")
    assert second[1:] == ("run by hand", "COMPLETED", "CompletedWithErrors")
    assert [row["flow_run_id"] for row in seen.read("runs")] == [first[0], second[0], None]


def test_a_task_tells_what_became_of_its_feeds(seen: Seen) -> None:
    """One that failed is red, and its state names the feed and the reason."""
    query = (
        "SELECT task_run.name, task_run_state.message FROM task_run "
        "JOIN task_run_state ON task_run_state.id = task_run.state_id "
        "WHERE flow_run_id = (SELECT id FROM flow_run ORDER BY created DESC)"
    )
    told = dict(seen.ask_prefect(query))
    assert told["hopeless"] == "hopeless: failed, the server answered 503 Service Unavailable"
    assert told["retry:flaky"] == "flaky: ok, 1 seen, 1 new, 0 updated"
    count = len(seen.scene.nights.feeds) - 2
    first = f"1 of {count} feeds failed. polder-bulletin: failed, the server answered 503 Service Unavailable"
    assert told[seen.scene.demo.address] == first


@pytest.mark.parametrize("flow", [nightly, reprocess, shard], ids=lambda flow: flow.name)
def test_each_parameter_carries_its_help(flow: Flow[..., Any]) -> None:
    """Prefect's form shows a sentence beside every field."""
    for name, told in parameter_schema(flow.fn).properties.items():
        assert str(told.get("description", "")).endswith("."), name


@pytest.mark.parametrize("wrong", [{"since": "9999-12-31T23:59:59-14:00"}, {"since": "0001-01-01"}, {"run": 2**63}])
def test_a_form_takes_no_moment_or_number_that_the_archive_cannot_hold(wrong: dict[str, Any]) -> None:
    """It is refused before a run begins."""
    with pytest.raises(ParameterTypeError):
        reprocess.validate_parameters(wrong)


def test_a_night_is_few_tasks(seen: Seen) -> None:
    """One task a host, one for each feed that deserves another try, one for the pages; a hopeless feed gets none."""
    query = "SELECT name, state_name FROM task_run WHERE flow_run_id = (SELECT id FROM flow_run ORDER BY created DESC)"
    tasks = Counter(seen.ask_prefect(query))
    assert tasks == Counter(
        [
            (seen.scene.demo.address, "Failed"),
            ("flaky", "Failed"),
            ("hopeless", "Failed"),
            ("pages", "Completed"),
            ("retry:flaky", "Completed"),
            ("retry:polder-bulletin", "Failed"),
        ]
    )


def test_the_second_pass_is_a_task_that_prefect_repeats_once(seen: Seen) -> None:
    """Three tries and two more are the most for a feed; a feed that came back took four."""
    assert seen.asked == Counter({"flaky": 4, "hopeless": 3, "polder-bulletin": 5})
    told = {row["feed"]: (row["status"], row["attempts"]) for row in seen.report["feeds"] if row["feed"] in seen.asked}
    assert told == {"flaky": ("ok", 4), "hopeless": ("failed", 3), "polder-bulletin": ("failed", 5)}


def test_the_nights_table_is_an_artifact(seen: Seen) -> None:
    """Prefect shows what each feed gave."""
    query = "SELECT type, data, description FROM artifact WHERE key = 'night'"
    ((kind, data, description),) = seen.ask_prefect(query)
    table = {row["feed"]: row for row in json.loads(json.loads(data))}
    assert (kind, description) == ("table", "Run 2: what each feed gave")
    assert table.keys() == {row["feed"] for row in seen.report["feeds"]}
    assert table["flaky"]["new"] == 1
    assert table["polder-bulletin"]["reason"] == "the server answered 503 Service Unavailable"


def test_workers_are_free_of_prefect(seen: Seen) -> None:
    """What Prefect brings is in the run's process and in no worker."""
    if not seen.libraries:
        pytest.skip("needs /proc, which Linux has")
    workers = [mapped for line, mapped in seen.libraries.items() if "workers.server" in line]
    (ours,) = (mapped for line, mapped in seen.libraries.items() if "-m flows run" in line)
    assert workers
    assert "pydantic_core" in ours
    assert not any("pydantic_core" in mapped for mapped in workers)


def test_the_nights_report_is_an_artifact(seen: Seen) -> None:
    """Prefect shows the Markdown that stands beside the archive too."""
    ((kind, data),) = seen.ask_prefect("SELECT type, data FROM artifact WHERE key = 'report'")
    text = (seen.scene.nights.home / "report.md").read_text("utf-8")
    assert (kind, json.loads(data)) == ("markdown", text)
    assert text.startswith("# Run 2: completed with errors\n")


def test_its_runs_are_tagged(seen: Seen) -> None:
    """Among other flows of a server those of the archive are found by their tag."""
    assert {tags for (tags,) in seen.ask_prefect("SELECT tags FROM flow_run")} == {'["climate-archive"]'}
