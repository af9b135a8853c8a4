"""Two starts at once where there is no archive yet: one makes the tables, the other waits and then goes its way."""

import json
from contextlib import ExitStack
from pathlib import Path
from threading import Event

import pytest

from flows.demo.answers import SiteAnswer
from flows.demo.server import DemoSite
from flows.runs.database import ready_engine
from flows.runs.locks import archive_lock
from models.errors import LockHeld
from models.migrations.migrate import is_current, upgrade
from models.storage.database import create_database_engine
from tests.nights import Nights
from tests.processes import PATIENCE_S, Command
from tests.site.behaviours import FEED


def _nights(home: Path, url: str, site: DemoSite) -> Nights:
    feed: dict[str, object] = {"id": "one", "name": "One", "url": f"http://{site.address}/feed", "relevance": "assume"}
    return Nights(home=home, database_url=url, allow=site.address, feeds=[feed])


def test_another_migration_is_waited_for(tmp_path: Path, archive_of, demo_site: DemoSite) -> None:
    """The tables are there when the wait is over, and nobody is told of a lock."""
    url = archive_of(tmp_path)
    first = create_database_engine(url)
    waits: list[float] = []
    with ExitStack() as held:
        held.enter_context(archive_lock(first, "migration", exclusive=True))

        def meanwhile(seconds: float) -> None:
            waits.append(seconds)
            upgrade(first)
            held.close()

        with ready_engine(_nights(tmp_path, url, demo_site).settings, sleep=meanwhile) as engine:
            assert is_current(engine)
    assert len(waits) == 1
    first.dispose()


def test_a_wait_ends(tmp_path: Path, archive_of, demo_site: DemoSite) -> None:
    """A process that holds the archive for longer than a migration takes is named."""
    url = archive_of(tmp_path)
    first = create_database_engine(url)
    settings = _nights(tmp_path, url, demo_site).settings
    with (
        archive_lock(first, "migration", exclusive=True),
        pytest.raises(LockHeld, match="Another process works on this archive"),
        ready_engine(settings, sleep=lambda _: None),
    ):
        pass
    first.dispose()


class _Gate(DemoSite):
    """A site that answers when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.is_open = Event()

    def answer(self, path: str, if_none_match: str | None, if_modified_since: str | None) -> SiteAnswer:
        """Wait, then show a feed."""
        self.is_open.wait(PATIENCE_S)
        return SiteAnswer(content_type="application/rss+xml", body=FEED)


def test_of_two_first_starts_one_is_the_night_and_the_other_is_skipped(tmp_path: Path, archive_of) -> None:
    """Both exit with 0, and the ledger has a row of each."""
    with _Gate() as site:
        environment = _nights(tmp_path, archive_of(tmp_path), site).environment()
        both = [Command("run", "--direct", "--json", cwd=tmp_path, environment=environment) for _ in range(2)]
        pause = Event()
        for _ in range(int(PATIENCE_S / 0.1)):
            if any(one.process.poll() is not None for one in both):
                break
            pause.wait(0.1)  # for an event of another process
        site.is_open.set()
        ended = [one.end() for one in both]
    assert [one.code for one in ended] == [0, 0], [one.err for one in ended]
    assert sum(json.loads(one.out)["status"] == "skipped" for one in ended) == 1
