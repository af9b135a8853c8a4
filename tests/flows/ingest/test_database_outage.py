"""PostgreSQL fails in the middle of a night: a lost connection is made good at once, a lost server by the next run."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from sqlalchemy import Engine, text

from flows.demo.answers import SiteAnswer
from flows.demo.server import DemoSite
from flows.runs import in_progress, opening
from flows.runs.locks import run_lock
from models.archive.ledger.runs import mark_crashed
from models.errors import DatabaseUnreachable, RunEnded
from models.migrations.migrate import upgrade
from models.queries.ledger.checks import audit
from models.reports import RunStatus
from models.storage import database
from models.storage.database import create_database_engine, read_transaction, write_transaction
from tests.databases import on_postgresql
from tests.nights import Nights, contents, rows
from tests.postgresql import OwnServer, own_server
from tests.processes import OF_A_FEED, Command, Ended
from tests.serving import until

# The session that writes is ended by the server, as an administrator or a fail-over would end it. A
# sequence counts on though the transaction is undone.
_FATAL_WRITE = """
CREATE SEQUENCE fatal_writes;
CREATE FUNCTION end_session() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF nextval('fatal_writes') <= {times} THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NULL;
END $$;
CREATE TRIGGER fatal AFTER {event} FOR EACH STATEMENT EXECUTE FUNCTION end_session();
"""
_END_LOCK_HOLDERS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_locks
WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid()
AND ((classid::bigint << 32) | objid::bigint) <> :writer
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_BEATS_LOST = 4  # two transactions, each tried twice
_NOW = datetime(2026, 11, 24, tzinfo=UTC)


@on_postgresql
async def test_a_lost_connection_repeats_the_transaction_once(demo_nights: Nights, engine: Engine) -> None:
    """The session that loads a feed is ended in mid-transaction: the feed is loaded whole, and once."""
    _make_fatal(engine, times=1)
    report = await demo_nights.run()
    assert report.status is RunStatus.COMPLETED_WITH_ERRORS  # of the site's own making
    with read_transaction(engine) as connection:
        assert audit(connection).findings == ()
        assert connection.scalar(text("SELECT last_value FROM fatal_writes")) > 1
        assert connection.scalar(text("SELECT count(*) FROM stories")) == sum(
            feed.counts.new + feed.counts.off_topic for feed in report.feeds
        )


@on_postgresql
async def test_a_connection_that_is_lost_again_ends_the_run(demo_nights: Nights, engine: Engine) -> None:
    """A transaction is not repeated for ever: the run ends with one sentence, is `failed`, and keeps nothing half."""
    _make_fatal(engine, times=1000)
    with pytest.raises(DatabaseUnreachable, match="closed the connection"):
        await demo_nights.run()
    (run,) = rows(engine, "runs")
    assert run["status"] == "failed"
    assert "closed the connection" in run["reason"]
    assert rows(engine, "stories") == []


class FatalSite(DemoSite):
    """The demo site; something happens when it is asked for one of its feeds."""

    def __init__(self, server: OwnServer) -> None:
        super().__init__()
        self.server = server
        self.kills_at = 12  # requests

    def answer(self, path: str, if_none_match: str | None, if_modified_since: str | None) -> SiteAnswer:
        """Answer as ever, and kill the server once."""
        answer = super().answer(path, if_none_match, if_modified_since)
        if len(self.requests) == self.kills_at:
            self.kills_at = -1
            self.server.kill()
        return answer


@pytest.fixture
def server() -> Iterator[OwnServer]:
    """Start a server that may be killed."""
    with own_server() as started:
        yield started


@pytest.mark.system
async def test_a_killed_server_ends_the_run_and_the_next_one_converges(server: OwnServer, tmp_path: Path) -> None:
    """Its first process is killed in mid-load: one sentence, exit 1; after its start the next run makes all good."""
    with FatalSite(server) as site:
        feeds = yaml.safe_load(site.feeds_yaml())["feeds"]
        nights = Nights(tmp_path / "killed", _new_archive(server, "killed"), site.address, feeds)
        killed = _run(nights)
        assert killed.code == 1, killed.err
        told = [line for line in killed.err.splitlines() if not OF_A_FEED.match(line)]
        assert len(told) == 1, killed.err
        assert "cannot be reached" in told[0]
        server.start()
        ended = _run(nights)
        assert ended.code == 0, ended.err
        undisturbed = nights.elsewhere(tmp_path / "undisturbed", _new_archive(server, "undisturbed"))
        await undisturbed.run()
    expected, found = contents(undisturbed.database_url), contents(nights.database_url)
    for name in expected:
        assert found[name] == expected[name], name


class LocklessSite(DemoSite):
    """The demo site; when it is asked for one of its feeds, the sessions that hold locks end and another run begins."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.engine = engine
        self.takes_at = 8  # requests

    def answer(self, path: str, if_none_match: str | None, if_modified_since: str | None) -> SiteAnswer:
        """Answer as ever, and be the next run once, as far as closing the one before."""
        answer = super().answer(path, if_none_match, if_modified_since)
        if len(self.requests) == self.takes_at:
            self.takes_at = -1
            with self.engine.begin() as connection:
                # Not who writes for a moment: another may read by that session when it is ended.
                connection.execute(text(_END_LOCK_HOLDERS), {"writer": database._WRITER_LOCK})
            with run_lock(self.engine, "another run"), write_transaction(self.engine) as connection:
                mark_crashed(connection, ("run",), _NOW)
        return answer


@on_postgresql
async def test_a_sign_of_life_that_fails_is_followed_by_the_next(
    demo_nights: Nights, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that is away for a moment ends no run: it goes on to say that it is alive."""
    monkeypatch.setattr(in_progress, "HEARTBEAT_S", 0.05)

    async def is_alive() -> bool:
        with read_transaction(engine) as connection:
            return (connection.scalar(text("SELECT last_value FROM fatal_writes")) or 0) > _BEATS_LOST

    async with opening.open_run(demo_nights.settings, opening.RunRequest(), demo_nights.world):
        _make_fatal(engine, times=_BEATS_LOST, event="UPDATE ON runs")
        await until(is_alive, "a sign of life is written again")
    (run,) = rows(engine, "runs")
    assert run["status"] != "running"


@on_postgresql
async def test_a_run_that_lost_its_lock_to_another_writes_nothing_more(engine: Engine, tmp_path: Path) -> None:
    """It ends with one sentence, and stays as the other run left it: crashed."""
    with LocklessSite(engine) as site:
        feeds = yaml.safe_load(site.feeds_yaml())["feeds"]
        url = engine.url.render_as_string(hide_password=False)
        with pytest.raises(RunEnded, match="is crashed: nothing is written on its behalf any more"):
            await Nights(tmp_path / "home", url, site.address, feeds).run()
    (run,) = rows(engine, "runs")
    assert run["status"] == "crashed"
    assert len(rows(engine, "feed_runs")) < len(feeds)
    with read_transaction(engine) as connection:
        assert audit(connection).findings == ()


def _make_fatal(engine: Engine, *, times: int, event: str = "INSERT ON stories") -> None:
    with engine.begin() as connection:
        connection.execute(text(_FATAL_WRITE.format(times=times, event=event)))


def _new_archive(server: OwnServer, name: str) -> str:
    administrator = create_database_engine(server.url.render_as_string())
    with administrator.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    administrator.dispose()
    url = server.url.set(database=name).render_as_string()
    engine = create_database_engine(url)
    upgrade(engine)
    engine.dispose()
    return url


def _run(nights: Nights) -> Ended:
    nights.home.mkdir(exist_ok=True)
    return Command("run", "--direct", cwd=nights.home, environment=nights.environment()).end()
